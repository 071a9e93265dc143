using System.Globalization;
using System.Text;

namespace Whylight.Documents;

/// <summary>Writes values into rows of a dataset in the file's own way: quoted, escaped, with its line ends.</summary>
public static class RowWriter
{
    /// <summary>
    /// The insertion of a copy of an example's row, with another text, right below it; null for prompts. Reading the file
    /// again gives that text; only where the file cannot hold a line break or a tab do blanks stand for them.
    /// </summary>
    public static TextReplacement? InsertCopy(ParsedDocument document, Example example, string text)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(example);
        ArgumentNullException.ThrowIfNull(text);
        if (!DocumentReader.IsDataset(document.Kind))
        {
            return null;
        }
        TextReplacement cell = Cell(document, example.Start, example.End, text);
        string row = string.Concat(
            document.Source.AsSpan(example.RowStart, cell.Start - example.RowStart),
            cell.Text,
            document.Source.AsSpan(cell.End, example.RowEnd - cell.End)
        );
        return new TextReplacement(example.RowEnd, example.RowEnd, Separator(document, example) + row);
    }

    /// <summary>The replacement of an example's label; null where its row has none to replace.</summary>
    /// <param name="document">The file.</param>
    /// <param name="example">The example.</param>
    /// <param name="rawLabel">The label as the file spells it, before any label map.</param>
    public static TextReplacement? ReplaceLabel(ParsedDocument document, Example example, string rawLabel)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(example);
        ArgumentNullException.ThrowIfNull(rawLabel);
        return example.LabelRange is { } range ? Cell(document, range.Start, range.End, rawLabel) : null;
    }

    private static TextReplacement Cell(ParsedDocument document, int start, int end, string value)
    {
        string source = document.Source;
        bool quoted = start > 0 && source[start - 1] == '"' && end < source.Length && source[end] == '"';
        switch (document.Kind)
        {
            case DocumentKind.Json or DocumentKind.JsonLines:
                bool literal = !quoted && IsLiteral(source.AsSpan(start, end - start)) && IsLiteral(value);
                return new TextReplacement(
                    start,
                    end,
                    literal ? value
                        : quoted ? EscapeJson(value)
                        : '"' + EscapeJson(value) + '"'
                );
            case DocumentKind.TextLines:
                return new TextReplacement(start, end, OneLine(value, '\n'));
            default:
                char delimiter = document.Delimiter ?? '\t';
                if (document.Problems.Any(p => p.Code == "literal-quotes"))
                {
                    return new TextReplacement(start, end, OneLine(value, delimiter));
                }
                if (quoted)
                {
                    return new TextReplacement(start, end, Double(value));
                }
                bool needsQuotes =
                    value.Length > 0 && value[0] == '"' || value.AsSpan().IndexOfAny(delimiter, '\r', '\n') >= 0;
                return new TextReplacement(start, end, needsQuotes ? '"' + Double(value) + '"' : value);
        }
    }

    private static string Separator(ParsedDocument document, Example example)
    {
        string source = document.Source;
        string newline = source.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        if (document.Kind != DocumentKind.Json)
        {
            return newline;
        }
        int lineStart = document.Lines.StartOf(document.Lines.LineOf(example.RowStart));
        string before = source[lineStart..example.RowStart];
        return string.IsNullOrWhiteSpace(before) ? "," + newline + before : ", ";
    }

    // A JSON label may be a number or a boolean, and then stays one.
    private static bool IsLiteral(ReadOnlySpan<char> value) =>
        value is "true" or "false"
        || value.Length is > 0 and < 16
            && !value.ContainsAnyExceptInRange('0', '9')
            && (value.Length == 1 || value[0] != '0');

    private static string Double(string value) => value.Replace("\"", "\"\"", StringComparison.Ordinal);

    private static string OneLine(string value, char delimiter) =>
        value
            .Replace("\r\n", " ", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace('\r', ' ')
            .Replace(delimiter, ' ');

    private static string EscapeJson(string value)
    {
        StringBuilder escaped = new(value.Length + 8);
        foreach (char c in value)
        {
            escaped.Append(
                c switch
                {
                    '"' => "\\\"",
                    '\\' => @"\\",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    < ' ' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                    _ => c.ToString(),
                }
            );
        }
        return escaped.ToString();
    }
}
