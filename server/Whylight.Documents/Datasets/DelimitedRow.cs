namespace Whylight.Documents.Datasets;

/// <summary>Reads rows of delimiter-separated values, quoted as in RFC 4180.</summary>
internal static class DelimitedRow
{
    /// <summary>Where a row ends and what is wrong with its quotes.</summary>
    /// <param name="End">One past the row's last character, its line terminator not included.</param>
    /// <param name="Next">Where the next row begins.</param>
    /// <param name="UnclosedQuote">Offset of a quote that is never closed, or -1.</param>
    /// <param name="TextAfterQuote">Offset of text right after a closing quote, or -1.</param>
    public readonly record struct Extent(int End, int Next, int UnclosedQuote, int TextAfterQuote)
    {
        public bool WellQuoted => UnclosedQuote < 0 && TextAfterQuote < 0;
    }

    /// <summary>Reads the row at an offset; a field whose quotes are wrong is read as it stands, up to the delimiter.</summary>
    public static Extent Read(string source, int at, char delimiter, bool quoting, List<Cell> cells)
    {
        cells.Clear();
        int unclosed = -1;
        int after = -1;
        while (true)
        {
            int end;
            if (quoting && at < source.Length && source[at] == '"' && delimiter != '"')
            {
                int close = ClosingQuote(source, at + 1);
                if (close < 0)
                {
                    unclosed = unclosed < 0 ? at : unclosed;
                    end = PlainEnd(source, at, delimiter);
                    cells.Add(new Cell(null, at, end, CellForm.Plain));
                }
                else if (
                    close + 1 < source.Length
                    && source[close + 1] is var c
                    && c != delimiter
                    && c is not ('\r' or '\n')
                )
                {
                    after = after < 0 ? close + 1 : after;
                    end = PlainEnd(source, at, delimiter);
                    cells.Add(new Cell(null, at, end, CellForm.Plain));
                }
                else
                {
                    cells.Add(new Cell(null, at + 1, close, CellForm.Quoted));
                    end = close + 1;
                }
            }
            else
            {
                end = PlainEnd(source, at, delimiter);
                cells.Add(new Cell(null, at, end, CellForm.Plain));
            }
            if (end < source.Length && source[end] == delimiter)
            {
                at = end + 1;
                continue;
            }
            int next = end;
            if (end < source.Length)
            {
                next += source[end] == '\r' && end + 1 < source.Length && source[end + 1] == '\n' ? 2 : 1;
            }
            return new Extent(end, next, unclosed, after);
        }
    }

    /// <summary>
    /// Offset of the first field whose quotes break RFC 4180, or -1. Tab-separated files often hold plain quotes; one
    /// such field shows that the file does not quote.
    /// </summary>
    public static int FirstBrokenQuote(string source, int at, char delimiter)
    {
        if (!source.Contains('"'))
        {
            return -1;
        }
        List<Cell> cells = [];
        while (at < source.Length)
        {
            Extent extent = Read(source, at, delimiter, true, cells);
            if (!extent.WellQuoted)
            {
                return extent.UnclosedQuote >= 0 ? extent.UnclosedQuote : extent.TextAfterQuote;
            }
            at = extent.Next;
        }
        return -1;
    }

    private static int ClosingQuote(string source, int at)
    {
        while (at < source.Length)
        {
            int quote = source.IndexOf('"', at);
            if (quote < 0)
            {
                return -1;
            }
            if (quote + 1 < source.Length && source[quote + 1] == '"')
            {
                at = quote + 2;
                continue;
            }
            return quote;
        }
        return -1;
    }

    private static int PlainEnd(string source, int at, char delimiter)
    {
        int found = source.AsSpan(at).IndexOfAny(delimiter, '\r', '\n');
        return found < 0 ? source.Length : at + found;
    }
}
