namespace Whylight.Documents.Datasets;

/// <summary>Datasets held in memory, whole: what an editor shows and what most files are.</summary>
internal static class DatasetParser
{
    public static ParsedDocument ParseDelimited(
        ParsedDocument document,
        int at,
        ReadOptions options,
        CancellationToken cancellation
    )
    {
        string source = document.Source;
        char delimiter = options.Delimiter ?? DefaultDelimiter(document.Kind);
        List<DocumentProblem> problems = [];
        bool quoting = true;
        if (
            document.Kind == DocumentKind.Tsv
            && DelimitedRow.FirstBrokenQuote(source, at, delimiter) is >= 0 and int broken
        )
        {
            quoting = false;
            problems.Add(LiteralQuotes(broken));
        }
        List<Example> examples = [];
        RowReader rows = new(options, delimited: true, problems.Add);
        List<Cell> cells = [];
        bool header = options.Header ?? true;
        while (at < source.Length && !rows.Failed && !rows.Full)
        {
            cancellation.ThrowIfCancellationRequested();
            DelimitedRow.Extent extent = DelimitedRow.Read(source, at, delimiter, quoting, cells);
            int start = at;
            at = extent.Next;
            if (extent.End == start)
            {
                continue;
            }
            ReportQuotes(extent, problems.Add, 0);
            if (header)
            {
                rows.ReadHeader(source, cells, start, extent.End, 0);
                header = false;
            }
            else if (rows.Read(source, cells, start, extent.End, 0, document.Lines) is { } example)
            {
                examples.Add(example);
            }
        }
        return Finish(document, rows, examples, problems) with { Delimiter = delimiter };
    }

    public static ParsedDocument ParseJsonLines(
        ParsedDocument document,
        int at,
        ReadOptions options,
        CancellationToken cancellation
    )
    {
        string source = document.Source;
        List<DocumentProblem> problems = [];
        List<Example> examples = [];
        RowReader rows = new(options, delimited: false, problems.Add);
        List<Cell> cells = [];
        while (at < source.Length && !rows.Failed && !rows.Full)
        {
            cancellation.ThrowIfCancellationRequested();
            int found = source.IndexOf('\n', at);
            int next = found < 0 ? source.Length : found + 1;
            int end = found < 0 ? source.Length : found;
            (int start, end) = Trim(source, at, end);
            at = next;
            if (start == end)
            {
                continue;
            }
            if (JsonRow.Read(source[start..end], cells) is { } error)
            {
                problems.Add(NotJson(start + error.Offset, end, error.Reason));
                continue;
            }
            if (rows.Read(source[start..end], cells, 0, end - start, start, document.Lines) is { } example)
            {
                examples.Add(example);
            }
        }
        return Finish(document, rows, examples, problems);
    }

    public static ParsedDocument ParseJson(
        ParsedDocument document,
        int at,
        ReadOptions options,
        CancellationToken cancellation
    )
    {
        string source = document.Source;
        List<DocumentProblem> problems = [];
        List<Example> examples = [];
        RowReader rows = new(options, delimited: false, problems.Add);
        List<Cell> items = [];
        JsonScanner scanner = new(source);
        at = scanner.SkipWhite(at);
        int end = source[at] is '[' or '{' ? scanner.ReadMembers(at, items) : scanner.Skip(at);
        if (end >= 0 && scanner.SkipWhite(end) is var rest && rest < source.Length)
        {
            problems.Add(NotJson(rest, source.Length, "text stands after the end of the JSON value"));
        }
        if (end < 0)
        {
            problems.Add(NotJson(scanner.Error.Offset, source.Length, scanner.Error.Reason));
        }
        else if (source[at] == '{')
        {
            Cell[] lists = [.. items.Where(i => source[i.Start] == '[' && i.Form == CellForm.JsonValue)];
            if (lists.Length == 1)
            {
                scanner.ReadMembers(lists[0].Start, items);
            }
            else
            {
                items.Clear();
                problems.Add(NotAnArray(at, end));
            }
        }
        else if (source[at] != '[')
        {
            problems.Add(NotAnArray(at, end));
        }
        List<Cell> cells = [];
        foreach (Cell item in items)
        {
            if (rows.Failed || rows.Full)
            {
                break;
            }
            cancellation.ThrowIfCancellationRequested();
            int open = item.Form == CellForm.JsonString ? 1 : 0;
            (int start, int stop) = (item.Start - open, item.End + open);
            _ = JsonRow.Read(source[start..stop], cells);
            if (rows.Read(source[start..stop], cells, 0, stop - start, start, document.Lines) is { } example)
            {
                examples.Add(example);
            }
        }
        return Finish(document, rows, examples, problems);
    }

    public static ParsedDocument ParseTextLines(
        ParsedDocument document,
        int at,
        ReadOptions options,
        CancellationToken cancellation
    )
    {
        string source = document.Source;
        List<DocumentProblem> problems = [];
        List<Example> examples = [];
        RowReader rows = new(TextLinesOptions(options), delimited: false, problems.Add);
        List<Cell> cells = [];
        while (at < source.Length && !rows.Full)
        {
            cancellation.ThrowIfCancellationRequested();
            int found = source.AsSpan(at).IndexOfAny('\n', '\r');
            int end = found < 0 ? source.Length : at + found;
            (int start, int stop) = Trim(source, at, end);
            at = end + 1;
            if (start < stop)
            {
                cells.Clear();
                cells.Add(new Cell("text", start, stop, CellForm.Plain));
                examples.Add(rows.Read(source, cells, start, stop, 0, document.Lines)!);
            }
        }
        return Finish(document, rows, examples, problems);
    }

    internal static ReadOptions TextLinesOptions(ReadOptions options) => new() { Limit = options.Limit };

    internal static char DefaultDelimiter(DocumentKind kind) => kind == DocumentKind.Csv ? ',' : '\t';

    internal static DocumentProblem LiteralQuotes(int at) =>
        new(
            at,
            at + 1,
            ProblemSeverity.Information,
            "literal-quotes",
            "this quote is not closed before a tab or the line's end, so all quotes of this file are read as plain text"
        );

    internal static void ReportQuotes(DelimitedRow.Extent extent, Action<DocumentProblem> report, int shift)
    {
        if (extent.UnclosedQuote >= 0)
        {
            report(
                new DocumentProblem(
                    extent.UnclosedQuote + shift,
                    extent.UnclosedQuote + shift + 1,
                    ProblemSeverity.Error,
                    "unclosed-quote",
                    "this double quote is never closed; close it, or write \"\"\" for a text that begins with a quote"
                )
            );
        }
        if (extent.TextAfterQuote >= 0)
        {
            report(
                new DocumentProblem(
                    extent.TextAfterQuote + shift,
                    extent.TextAfterQuote + shift + 1,
                    ProblemSeverity.Error,
                    "text-after-quote",
                    "text stands after a closing double quote; write \"\" for a quote inside a quoted text"
                )
            );
        }
    }

    internal static DocumentProblem NotJson(int start, int end, string reason) =>
        new(start, Math.Max(start, end), ProblemSeverity.Error, "not-json", $"this is not valid JSON: {reason}");

    internal static DocumentProblem NotAnArray(int start, int end) =>
        new(
            start,
            end,
            ProblemSeverity.Error,
            "not-an-array",
            "a JSON dataset is an array of rows, or an object that holds exactly one; put the rows in [ ]"
        );

    internal static (int Start, int End) Trim(string source, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(source[start]))
        {
            start++;
        }
        while (end > start && char.IsWhiteSpace(source[end - 1]))
        {
            end--;
        }
        return (start, end);
    }

    private static ParsedDocument Finish(
        ParsedDocument document,
        RowReader rows,
        List<Example> examples,
        List<DocumentProblem> problems
    )
    {
        rows.Finish();
        return document with
        {
            Examples = examples,
            Problems = problems,
            Columns = rows.Columns,
            TextColumn = rows.TextColumn,
            LabelColumn = rows.LabelColumn,
        };
    }
}
