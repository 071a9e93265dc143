using System.Text;

namespace Whylight.Documents.Datasets;

/// <summary>
/// Rows of a file as examples, one at a time: splits, decodes and reads, and turns errors into one sentence with a place.
/// </summary>
internal sealed class RowStream
{
    private readonly string _path;
    private readonly DocumentKind _kind;
    private readonly char _delimiter;
    private readonly bool _quoting;
    private readonly List<DocumentProblem> _problems = [];
    private readonly List<Cell> _cells = [];
    private readonly Action<DocumentProblem, LinePosition>? _report;

    public RowStream(
        string path,
        DocumentKind kind,
        ReadOptions options,
        bool quoting,
        Action<DocumentProblem, LinePosition>? report
    )
    {
        _path = path;
        _kind = kind;
        _delimiter = options.Delimiter ?? DatasetParser.DefaultDelimiter(kind);
        _quoting = quoting;
        _report = report;
        Rows = new RowReader(
            kind == DocumentKind.TextLines ? DatasetParser.TextLinesOptions(options) : options,
            kind is DocumentKind.Csv or DocumentKind.Tsv,
            _problems.Add
        );
        HeaderExpected = kind is DocumentKind.Csv or DocumentKind.Tsv && options.Header != false;
    }

    public RowReader Rows { get; }

    public bool HeaderExpected { get; private set; }

    public RowSplitter Splitter(Stream stream) => new(stream, _kind, _delimiter, _quoting);

    /// <summary>Goes to the next row, turning bytes that are not UTF-8 into a sentence.</summary>
    public static bool Next(RowSplitter splitter, string path, ReadOptions options)
    {
        try
        {
            if (!splitter.Next())
            {
                return false;
            }
        }
        catch (InvalidDataException)
        {
            (long at, int line) = splitter.FirstInvalidByte();
            throw new DocumentException(
                TextDecoder.NotInEncodingMessage(path, "utf-8", at, line + 1, options.Encoding is not null)
            );
        }
        catch (DecoderFallbackException e)
        {
            throw new DocumentException(
                $"{path} is not in its encoding after line {splitter.Line + 1}; name another one with --encoding",
                e
            );
        }
        if (splitter.TextOffset + splitter.Row.Length > int.MaxValue)
        {
            throw new DocumentException(
                $"{path} has more than two thousand million characters by line {splitter.Line + 1}; split the file"
            );
        }
        return true;
    }

    /// <summary>Whether a row holds nothing at all.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> row, DocumentKind kind) =>
        kind is DocumentKind.Csv or DocumentKind.Tsv
            ? row.IsEmpty
            : row.IsEmpty || row[0] is <= 0x20 or >= 0x80 && string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(row));

    /// <summary>Reads one row; null where it is the header or no example.</summary>
    /// <exception cref="DocumentException">The row, or the file as it shows itself there, has an error.</exception>
    public Example? Read(string row, int offset, int line)
    {
        LineIndex lines = new(row, offset, line);
        Example? example = null;
        switch (_kind)
        {
            case DocumentKind.Csv or DocumentKind.Tsv:
                DelimitedRow.Extent extent = DelimitedRow.Read(row, 0, _delimiter, _quoting, _cells);
                DatasetParser.ReportQuotes(extent, _problems.Add, offset);
                if (HeaderExpected)
                {
                    HeaderExpected = false;
                    Rows.ReadHeader(row, _cells, 0, row.Length, offset);
                }
                else
                {
                    example = Rows.Read(row, _cells, 0, row.Length, offset, lines);
                }
                break;
            case DocumentKind.JsonLines:
                (int start, int end) = DatasetParser.Trim(row, 0, row.Length);
                string trimmed = row[start..end];
                if (JsonRow.Read(trimmed, _cells) is { } error)
                {
                    _problems.Add(DatasetParser.NotJson(offset + start + error.Offset, offset + end, error.Reason));
                }
                else
                {
                    example = Rows.Read(trimmed, _cells, 0, trimmed.Length, offset + start, lines);
                }
                break;
            default:
                (int from, int to) = DatasetParser.Trim(row, 0, row.Length);
                _cells.Clear();
                _cells.Add(new Cell("text", from, to, CellForm.Plain));
                example = Rows.Read(row, _cells, from, to, offset, lines);
                break;
        }
        Flush(lines);
        return example;
    }

    /// <summary>Reports what only the end shows.</summary>
    public void Finish()
    {
        Rows.Finish();
        Flush(new LineIndex(""));
    }

    private void Flush(LineIndex lines)
    {
        foreach (DocumentProblem problem in _problems)
        {
            LinePosition at = lines.PositionOf(problem.Start);
            if (problem.Severity == ProblemSeverity.Error)
            {
                throw new DocumentException($"{_path}:{at.Line + 1}:{at.Character + 1}: {problem.Message}");
            }
            _report?.Invoke(problem, at);
        }
        _problems.Clear();
    }
}
