using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Whylight.Documents;

namespace Whylight.Options;

/// <summary>Where a verb takes its texts from: <c>--text T</c>, FILE, FILE:LINE, or - for standard input.</summary>
internal sealed class TextSource
{
    private readonly Option<string?> _text = new("--text") { Description = "The text itself", HelpName = "T" };
    private readonly Argument<string?> _file;
    private readonly bool _standardInput;

    /// <param name="argument">How the help names the file: FILE, or FILE[:LINE].</param>
    /// <param name="standardInput">Whether - stands for standard input.</param>
    public TextSource(string argument, bool standardInput)
    {
        _standardInput = standardInput;
        _file = new(argument)
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = standardInput
                ? "A dataset or prompt file, or - for standard input"
                : "A dataset or prompt file, and the line of the example in it",
        };
    }

    public DatasetOptions Dataset { get; } = new();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_file);
        command.Options.Add(_text);
    }

    /// <summary>Adds how a dataset file is read: last in the help, since few need it.</summary>
    public void AddFileOptionsTo(Command command) => Dataset.AddTo(command);

    /// <summary>Whether the user named any text at all.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_text) is not null || parsed.GetValue(_file) is not null;

    /// <summary>The file named, without its line, or null.</summary>
    public string? File(ParseResult parsed) =>
        parsed.GetValue(_file) is { } file && file != "-" ? SplitLine(file).File : null;

    /// <summary>The texts, in order.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="streams">Where standard input is.</param>
    /// <param name="configured">How whylight.yaml says the file is read.</param>
    /// <param name="lines">Whether each line of standard input is a text of its own (JSON Lines output).</param>
    /// <exception cref="UsageException">No text, two sources, or a line without an example.</exception>
    /// <exception cref="DocumentException">The file cannot be read.</exception>
    public IReadOnlyList<InputText> Read(ParseResult parsed, Streams streams, ReadOptions configured, bool lines)
    {
        string? text = parsed.GetValue(_text);
        string? file = parsed.GetValue(_file);
        if (text is not null && file is not null)
        {
            throw new UsageException($"give --text or a file, not both ('{file}')");
        }
        if (text is not null)
        {
            return [new InputText(text, "the text")];
        }
        if (file is null)
        {
            throw new UsageException("no text given: use --text T or name a file");
        }
        if (file == "-" && _standardInput)
        {
            return ReadStandardInput(streams, lines);
        }
        (string path, int? line) = SplitLine(file);
        ParsedDocument document = DocumentReader.ReadFile(path, Dataset.Over(configured, parsed));
        var texts = document
            .Examples.Select(example => new InputText(
                example.Text,
                string.Create(CultureInfo.InvariantCulture, $"{path}:{example.Line + 1}"),
                example
            ))
            .ToList();
        return line is null ? texts : [AtLine(texts, path, line.Value)];
    }

    private static InputText AtLine(List<InputText> texts, string path, int line) =>
        texts.Find(text => text.Example!.Line + 1 == line)
        ?? texts.FindLast(text => text.Example!.Line + 1 < line && LastLine(text.Example!) + 1 >= line)
        ?? throw new UsageException(
            texts.Count == 0
                ? $"{path} holds no example"
                : $"{path} has no example on line {line}; examples begin on lines {texts[0].Example!.Line + 1} to {texts[^1].Example!.Line + 1}"
        );

    private static int LastLine(Example example) => example.Lines.PositionOf(example.RowEnd).Line;

    /// <summary>FILE:LINE into its parts; a file whose whole name exists is never taken apart.</summary>
    private static (string File, int? Line) SplitLine(string argument)
    {
        int colon = argument.LastIndexOf(':');
        if (
            colon > 0
            && !System.IO.File.Exists(argument)
            && int.TryParse(argument[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int line)
        )
        {
            return (argument[..colon], line);
        }
        return (argument, null);
    }

    private static List<InputText> ReadStandardInput(Streams streams, bool lines)
    {
        string all;
        try
        {
            using StreamReader reader = new(
                streams.In,
                new UTF8Encoding(false, throwOnInvalidBytes: true),
                detectEncodingFromByteOrderMarks: true
            );
            all = reader.ReadToEnd();
        }
        catch (DecoderFallbackException exception)
        {
            throw new UsageException($"standard input is not UTF-8 at byte {exception.Index}; convert it first");
        }
        if (string.IsNullOrWhiteSpace(all))
        {
            throw new UsageException("standard input is empty: there is no text to read");
        }
        bool json = all.TrimStart().StartsWith('{');
        if (!json && !lines)
        {
            // The line end that echo and heredocs add is not part of the text.
            return [new InputText(all.EndsWith('\n') ? all[..^1].TrimEnd('\r') : all, "standard input")];
        }
        List<InputText> texts = [];
        int number = 0;
        foreach (string line in all.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                string where = string.Create(CultureInfo.InvariantCulture, $"standard input, line {number}");
                texts.Add(new InputText(json ? TextOf(line, where) : line, where));
            }
        }
        return texts;
    }

    private static string TextOf(string line, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("text", out JsonElement text)
                && text.ValueKind == JsonValueKind.String
            )
            {
                return text.GetString()!;
            }
        }
        catch (JsonException)
        {
            // Said below, with the line.
        }
        catch (InvalidOperationException)
        {
            throw new UsageException(
                $"{where}: the text holds half a surrogate pair (an escape such as \\ud83d alone)"
            );
        }
        throw new UsageException($$"""{{where}}: every line must be a JSON object such as {"text": "..."}""");
    }
}
