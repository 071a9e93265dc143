namespace Whylight.Documents.Datasets;

/// <summary>One JSON value as a row: an object's members, an array's items by number, or a bare value as its only column.</summary>
internal static class JsonRow
{
    /// <summary>Fills the cells of the value that is the whole of <paramref name="row"/>; returns what is wrong, or null.</summary>
    public static (int Offset, string Reason)? Read(string row, List<Cell> cells)
    {
        cells.Clear();
        JsonScanner scanner = new(row);
        int end;
        if (row[0] is '{' or '[')
        {
            end = scanner.ReadMembers(0, cells);
        }
        else
        {
            end = scanner.Skip(0);
            if (end >= 0)
            {
                cells.Add(scanner.CellOf("0", 0, end));
            }
        }
        if (end < 0)
        {
            return scanner.Error;
        }
        end = scanner.SkipWhite(end);
        return end < row.Length ? (end, "text stands after the end of the JSON value") : null;
    }
}
