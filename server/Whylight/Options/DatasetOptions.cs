using System.CommandLine;
using System.Text.Json;
using Whylight.Documents;

namespace Whylight.Options;

/// <summary>The options that say how a dataset file is read; they beat whylight.yaml, which beats the defaults.</summary>
internal sealed class DatasetOptions
{
    private readonly Option<string?> _textColumn = new("--text-column")
    {
        Description = "Name or zero-based number of the text column",
        HelpName = "NAME|N",
    };

    private readonly Option<string?> _labelColumn = new("--label-column")
    {
        Description = "Name or zero-based number of the label column",
        HelpName = "NAME|N",
    };

    private readonly Option<string?> _labels = new("--labels")
    {
        Description = """Label in the file to label of the model, such as {"0": "negative", "1": "positive"}""",
        HelpName = "JSON",
    };

    private readonly Option<bool> _noHeader = new("--no-header") { Description = "The first row is data" };

    private readonly Option<string?> _delimiter = new("--delimiter")
    {
        Description = "Delimiter of the columns: one character, or 'tab'",
        HelpName = "D",
    };

    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Character encoding of the file, such as latin1 or gb18030",
        HelpName = "E",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_textColumn);
        command.Options.Add(_labelColumn);
        command.Options.Add(_labels);
        command.Options.Add(_noHeader);
        command.Options.Add(_delimiter);
        command.Options.Add(_encoding);
    }

    /// <summary>The options given on the command line laid over those the configuration gives.</summary>
    public ReadOptions Over(ReadOptions configured, ParseResult parsed) =>
        configured with
        {
            TextColumn = parsed.GetValue(_textColumn) ?? configured.TextColumn,
            LabelColumn = parsed.GetValue(_labelColumn) ?? configured.LabelColumn,
            Labels = Labels(parsed.GetValue(_labels)) ?? configured.Labels,
            Header = parsed.GetValue(_noHeader) ? false : configured.Header,
            Delimiter = Delimiter(parsed.GetValue(_delimiter)) ?? configured.Delimiter,
            Encoding = parsed.GetValue(_encoding) ?? configured.Encoding,
        };

    private static Dictionary<string, string>? Labels(string? json)
    {
        if (json is null)
        {
            return null;
        }
        try
        {
            Dictionary<string, string> labels = new(StringComparer.Ordinal);
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty entry in document.RootElement.EnumerateObject())
            {
                labels[entry.Name] =
                    entry.Value.GetString() ?? throw new UsageException($"--labels: '{entry.Name}' maps to no label");
            }
            return labels;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new UsageException(
                """--labels wants a JSON object of strings, such as {"0": "negative", "1": "positive"}"""
            );
        }
    }

    private static char? Delimiter(string? text) =>
        text switch
        {
            null => null,
            "tab" or "\\t" => '\t',
            { Length: 1 } => text[0],
            _ => throw new UsageException($"--delimiter wants one character or 'tab', found '{text}'"),
        };
}
