using Whylight.Documents.Datasets;

namespace Whylight.Documents;

/// <summary>Reads datasets and prompts, each example with its exact range and the map back to the file.</summary>
public static class DocumentReader
{
    /// <summary>What a file holds, by its name alone.</summary>
    public static DocumentKind KindOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string name = Path.GetFileName(path);
        foreach ((string ending, DocumentKind kind) in Endings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }
        return DocumentKind.Unknown;
    }

    /// <summary>Whether a kind is a dataset: many examples, each a row.</summary>
    public static bool IsDataset(DocumentKind kind) =>
        kind
            is DocumentKind.Tsv
                or DocumentKind.Csv
                or DocumentKind.JsonLines
                or DocumentKind.Json
                or DocumentKind.TextLines;

    /// <summary>Whether a kind holds prompts.</summary>
    public static bool IsPrompt(DocumentKind kind) =>
        kind is DocumentKind.Prompt or DocumentKind.Prompty or DocumentKind.PromptYaml;

    /// <summary>Reads a file's text, as an editor holds it. What is wrong with the content becomes problems; nothing is thrown.</summary>
    /// <param name="path">Names the file and, unless the options do, its kind.</param>
    /// <param name="source">The decoded text; a byte order mark at its start is skipped.</param>
    /// <param name="options">How to read it; null: the defaults.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ParsedDocument Parse(
        string path,
        string source,
        ReadOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new ReadOptions();
        DocumentKind kind = options.Kind ?? KindOf(path);
        ParsedDocument empty = new()
        {
            Path = path,
            Source = source,
            Lines = new LineIndex(source),
            Kind = kind,
            Examples = [],
            Problems = [],
        };
        int start = source.StartsWith('\uFEFF') ? 1 : 0;
        if (string.IsNullOrWhiteSpace(source[start..]))
        {
            return empty with
            {
                Problems =
                [
                    new DocumentProblem(
                        0,
                        source.Length,
                        ProblemSeverity.Information,
                        "empty-file",
                        "the file is empty; write at least one example"
                    ),
                ],
            };
        }
        return kind switch
        {
            DocumentKind.Tsv or DocumentKind.Csv => DatasetParser.ParseDelimited(empty, start, options, cancellation),
            DocumentKind.JsonLines => DatasetParser.ParseJsonLines(empty, start, options, cancellation),
            DocumentKind.Json => DatasetParser.ParseJson(empty, start, options, cancellation),
            DocumentKind.TextLines => DatasetParser.ParseTextLines(empty, start, options, cancellation),
            DocumentKind.Prompt or DocumentKind.Prompty => Prompts.PromptParser.ParseFile(empty, start),
            DocumentKind.PromptYaml => Prompts.PromptYamlParser.Parse(empty, options),
            _ => empty with
            {
                Problems =
                [
                    new DocumentProblem(
                        0,
                        0,
                        ProblemSeverity.Error,
                        "unknown-kind",
                        $"'{Path.GetFileName(path)}' is no dataset or prompt by its name; Whylight reads {Known}"
                    ),
                ],
            },
        };
    }

    /// <summary>Reads a file from disk whole.</summary>
    /// <exception cref="DocumentException">
    /// The file cannot be read, is empty, is not in its encoding, or has an error that leaves nothing certain (no such
    /// column, an unclosed quote, a line that is not JSON). The message names file, line, cause and way out.
    /// </exception>
    public static ParsedDocument ReadFile(
        string path,
        ReadOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        string source = TextDecoder.ReadFile(path, options?.Encoding);
        if (string.IsNullOrWhiteSpace(source))
        {
            throw new DocumentException($"{path} is empty; write at least one example into it");
        }
        ParsedDocument document = Parse(path, source, options, cancellation);
        foreach (DocumentProblem problem in document.Problems)
        {
            if (problem.Severity == ProblemSeverity.Error)
            {
                throw new DocumentException(Describe(document, problem));
            }
        }
        return document;
    }

    /// <summary>Reads the examples of a dataset one after the other, holding one row at a time.</summary>
    /// <remarks>
    /// For .tsv, .csv, .jsonl and .txt. A JSON array is held whole. A .tsv is looked through once before, to learn whether
    /// it quotes. Each example's <see cref="Example.Lines"/> knows the example's own row.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it; null: the defaults.</param>
    /// <param name="report">Told of warnings, with the line and character at which they begin.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <exception cref="DocumentException">As <see cref="ReadFile"/>, when the reading comes to the error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<Example> Stream(
        string path,
        ReadOptions? options = null,
        Action<DocumentProblem, LinePosition>? report = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new ReadOptions();
        if ((options.Kind ?? KindOf(path)) != DocumentKind.Json)
        {
            return DatasetStream.Read(path, options, report, cancellation);
        }
        ParsedDocument document = ReadFile(path, options, cancellation);
        foreach (DocumentProblem problem in document.Problems)
        {
            report?.Invoke(problem, document.Lines.PositionOf(problem.Start));
        }
        return document.Examples;
    }

    /// <summary>A problem as one line for a terminal: path:line:character: message, both counted from one.</summary>
    public static string Describe(ParsedDocument document, DocumentProblem problem)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(problem);
        LinePosition at = document.Lines.PositionOf(problem.Start);
        return problem.Code == "unknown-kind"
            ? problem.Message
            : $"{document.Path}:{at.Line + 1}:{at.Character + 1}: {problem.Message}";
    }

    private const string Known =
        ".csv, .tsv, .jsonl, .json and .txt datasets, and .prompt, .prompt.md, .prompt.txt, .prompty and .prompt.yaml prompts";

    private static readonly (string Ending, DocumentKind Kind)[] Endings =
    [
        (".prompt.yaml", DocumentKind.PromptYaml),
        (".prompt.yml", DocumentKind.PromptYaml),
        ("promptfooconfig.yaml", DocumentKind.PromptYaml),
        ("promptfooconfig.yml", DocumentKind.PromptYaml),
        (".prompt.md", DocumentKind.Prompt),
        (".prompt.txt", DocumentKind.Prompt),
        (".prompt", DocumentKind.Prompt),
        (".prompty", DocumentKind.Prompty),
        (".tsv", DocumentKind.Tsv),
        (".tab", DocumentKind.Tsv),
        (".csv", DocumentKind.Csv),
        (".jsonl", DocumentKind.JsonLines),
        (".ndjson", DocumentKind.JsonLines),
        (".json", DocumentKind.Json),
        (".txt", DocumentKind.TextLines),
    ];
}
