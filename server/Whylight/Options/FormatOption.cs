using System.CommandLine;
using Whylight.Documents;

namespace Whylight.Options;

/// <summary><c>--format</c> with the forms that a verb can write; the first is the default.</summary>
internal sealed class FormatOption
{
    private readonly Option<string> _format;

    public FormatOption(params string[] formats)
    {
        _format = new Option<string>("--format")
        {
            Description = "Form of the output: " + string.Join(", ", formats),
            DefaultValueFactory = _ => formats[0],
            HelpName = "FORM",
        };
        _format.CompletionSources.Add(formats);
        _format.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !formats.Contains(token.Value))
            {
                string close = Suggestion.For(token.Value, formats) is { } meant ? $"; did you mean '{meant}'?" : "";
                result.AddError($"there is no format '{token.Value}'{close} (known: {string.Join(", ", formats)})");
            }
        });
    }

    public void AddTo(Command command) => command.Options.Add(_format);

    public string Value(ParseResult parsed) => parsed.GetValue(_format)!;
}
