using System.CommandLine;

namespace Whylight.Options;

/// <summary><c>--format</c> with the forms that a verb can write; the first is the default.</summary>
internal sealed class FormatOption
{
    private readonly Option<string> _format;

    public FormatOption(params string[] formats)
    {
        _format = new Option<string>("--format")
        {
            Description = "Form of the output",
            DefaultValueFactory = _ => formats[0],
        };
        _format.AcceptOnlyFromAmong(formats);
    }

    public void AddTo(Command command) => command.Options.Add(_format);

    public string Value(ParseResult parsed) => parsed.GetValue(_format)!;
}
