using System.Globalization;

namespace Whylight.Documents.Datasets;

/// <summary>Makes examples of rows: finds the text and label columns, maps labels, reports rows that lack something.</summary>
internal sealed class RowReader(ReadOptions options, bool delimited, Action<DocumentProblem> report)
{
    private readonly List<string> _columns = [];
    private readonly Dictionary<string, string> _shared = [];
    private bool _resolved;
    private bool _textSeen;
    private (int Start, int End) _firstRow;

    public IReadOnlyList<string> Columns => _columns;

    public string? TextColumn { get; private set; }

    public string? LabelColumn { get; private set; }

    /// <summary>True once it is certain that no row can become an example.</summary>
    public bool Failed { get; private set; }

    public int Count { get; private set; }

    public bool Full => Count >= options.Limit;

    /// <summary>Takes the names of a delimited file's columns.</summary>
    public void ReadHeader(string source, List<Cell> cells, int start, int end, int shift)
    {
        foreach (Cell cell in cells)
        {
            _columns.Add(cell.ValueIn(source).Trim());
        }
        _firstRow = (start + shift, end + shift);
        Resolve();
    }

    /// <summary>The row's example, or null where it cannot be one (then a problem says why).</summary>
    public Example? Read(string source, List<Cell> cells, int start, int end, int shift, LineIndex lines)
    {
        if (!_resolved)
        {
            _firstRow = (start + shift, end + shift);
        }
        AddColumns(cells);
        if (!_resolved)
        {
            Resolve();
        }
        if (Failed)
        {
            return null;
        }
        if (delimited && cells.Count != _columns.Count)
        {
            report(
                new DocumentProblem(
                    start + shift,
                    end + shift,
                    ProblemSeverity.Warning,
                    "column-count",
                    $"this row has {cells.Count} {(cells.Count == 1 ? "column" : "columns")} where the first row has "
                        + $"{_columns.Count}; put text that holds the delimiter in double quotes"
                )
            );
        }
        int textCell = Find(cells, TextColumn);
        if (textCell < 0 || cells[textCell].Form == CellForm.JsonNull)
        {
            if (delimited || _textSeen || TextColumn is null)
            {
                ReportMissing(start + shift, end + shift);
            }
            return null;
        }
        _textSeen = true;
        (string text, SourceMap map) = cells[textCell].Decode(source, shift);
        if (string.IsNullOrWhiteSpace(text))
        {
            report(
                new DocumentProblem(
                    start + shift,
                    end + shift,
                    ProblemSeverity.Warning,
                    "empty-text",
                    "this row has no text; write one or delete the row"
                )
            );
        }
        int labelCell = Find(cells, LabelColumn);
        string? raw = null;
        (int, int)? labelRange = null;
        if (labelCell >= 0 && labelCell != textCell && cells[labelCell].Form != CellForm.JsonNull)
        {
            raw = Share(cells[labelCell].ValueIn(source).Trim());
            labelRange = (cells[labelCell].Start + shift, cells[labelCell].End + shift);
            raw = raw.Length == 0 ? null : raw;
        }
        (int textStart, int textEnd) = (cells[textCell].Start + shift, cells[textCell].End + shift);
        return new Example
        {
            Index = Count++,
            Text = text,
            RawLabel = raw,
            Label = raw is null ? null : MapLabel(raw, labelRange!.Value),
            LabelRange = labelRange,
            Start = textStart,
            End = textEnd,
            RowStart = start + shift,
            RowEnd = end + shift,
            Line = lines.LineOf(textStart),
            Map = map,
            Lines = lines,
            Columns = Others(source, cells, textCell, labelCell, shift),
        };
    }

    /// <summary>Reports what only the end of the file shows: that no row had the text column.</summary>
    public void Finish()
    {
        if (_resolved && !Failed && !delimited && !_textSeen && TextColumn is not null)
        {
            Fail(TextColumn, "text");
        }
    }

    private void Resolve()
    {
        _resolved = true;
        TextColumn = Resolve(options.TextColumn, "text");
        if (TextColumn is null && options.TextColumn is null)
        {
            TextColumn =
                ColumnNames.Recognise(_columns, ColumnNames.Text)
                ?? (
                    options.Header == false && _columns.Count == 1 || !delimited && _columns.Count == 1
                        ? _columns[0]
                        : null
                );
            if (TextColumn is null)
            {
                Failed = true;
                report(
                    new DocumentProblem(
                        _firstRow.Start,
                        _firstRow.End,
                        ProblemSeverity.Error,
                        "no-text-column",
                        $"none of the columns {List(_columns)} is known to hold text; name one with --text-column, or "
                            + "with text: in whylight.yaml"
                    )
                );
                return;
            }
        }
        LabelColumn = Resolve(options.LabelColumn, "label");
        if (options.LabelColumn is null)
        {
            string[] rest = [.. _columns.Where(c => c != TextColumn)];
            LabelColumn = ColumnNames.Recognise(rest, ColumnNames.Label);
        }
    }

    // A name wins over a number; names match exactly, else without case.
    private string? Resolve(string? wanted, string what)
    {
        if (wanted is null)
        {
            return null;
        }
        string? found =
            _columns.FirstOrDefault(c => c == wanted)
            ?? _columns.FirstOrDefault(c => c.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        if (
            found is null
            && int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number < _columns.Count
        )
        {
            found = _columns[number];
        }
        if (found is null && !delimited && what == "text" && !int.TryParse(wanted, out _))
        {
            return wanted; // another line may have it; Finish reports the file that never does
        }
        if (found is null && !delimited && what == "label")
        {
            return wanted;
        }
        if (found is null)
        {
            Fail(wanted, what);
        }
        return found;
    }

    private void Fail(string wanted, string what)
    {
        Failed = true;
        string hint =
            delimited && options.Header != false ? "; if the file has no header row, say so (--no-header)" : "";
        report(
            new DocumentProblem(
                _firstRow.Start,
                _firstRow.End,
                ProblemSeverity.Error,
                "no-such-column",
                $"there is no column '{wanted}' to take the {what} from{Suggestion.Phrase(wanted, _columns)}; the columns "
                    + $"are {List(_columns)}{hint}"
            )
        );
    }

    private void AddColumns(List<Cell> cells)
    {
        if (delimited)
        {
            for (int i = _columns.Count; i < cells.Count && !_resolved; i++)
            {
                _columns.Add(i.ToString(CultureInfo.InvariantCulture));
            }
            return;
        }
        foreach (Cell cell in cells)
        {
            if (_columns.Count < 1000 && !_columns.Contains(cell.Name!))
            {
                _columns.Add(cell.Name!);
            }
        }
    }

    private int Find(List<Cell> cells, string? column)
    {
        if (column is null)
        {
            return -1;
        }
        if (delimited)
        {
            int index = _columns.IndexOf(column);
            return index < cells.Count ? index : -1;
        }
        for (int i = cells.Count - 1; i >= 0; i--)
        {
            if (cells[i].Name == column)
            {
                return i; // of equal names the last counts, as in every JSON reader
            }
        }
        return -1;
    }

    private ColumnValue[] Others(string source, List<Cell> cells, int text, int label, int shift)
    {
        int others = cells.Count - 1 - (label >= 0 && label != text ? 1 : 0);
        if (others <= 0)
        {
            return [];
        }
        ColumnValue[] values = new ColumnValue[others];
        int next = 0;
        for (int i = 0; i < cells.Count; i++)
        {
            if (i != text && i != label)
            {
                string name =
                    !delimited ? cells[i].Name!
                    : i < _columns.Count ? _columns[i]
                    : i.ToString(CultureInfo.InvariantCulture);
                values[next++] = new ColumnValue(
                    Share(name),
                    cells[i].ValueIn(source),
                    cells[i].Start + shift,
                    cells[i].End + shift
                );
            }
        }
        return values;
    }

    private string MapLabel(string raw, (int Start, int End) range)
    {
        if (options.Labels is not { } labels)
        {
            return raw;
        }
        if (labels.TryGetValue(raw, out string? mapped))
        {
            return mapped;
        }
        if (!labels.Values.Contains(raw))
        {
            report(
                new DocumentProblem(
                    range.Start,
                    range.End,
                    ProblemSeverity.Warning,
                    "unmapped-label",
                    $"the label '{raw}' is not in the label map{Suggestion.Phrase(raw, labels.Keys)}; add it to labels:"
                )
            );
        }
        return raw;
    }

    private void ReportMissing(int start, int end) =>
        report(
            new DocumentProblem(
                start,
                end,
                ProblemSeverity.Warning,
                "missing-text",
                $"this row has no column '{TextColumn}', so it is left out"
            )
        );

    private string Share(string value)
    {
        if (value.Length > 64)
        {
            return value;
        }
        if (_shared.TryGetValue(value, out string? shared))
        {
            return shared;
        }
        if (_shared.Count < 1000)
        {
            _shared.Add(value, value);
        }
        return value;
    }

    private static string List(List<string> names) =>
        string.Join(", ", names.Take(20).Select(n => $"'{n}'")) + (names.Count > 20 ? ", …" : "");
}
