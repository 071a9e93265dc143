using Whylight.Measures;

namespace Whylight.Models.Training;

/// <summary>
/// Documents of unlike lengths as rows of one length to learn from (best-fit packing: Ding et al. 2024): a document is cut only where it is longer
/// than a row, and short ones fill what others leave. Every id but the first of a document is foretold once a pass.
/// </summary>
internal static class PackedRows
{
    /// <summary>Packs documents for one pass.</summary>
    /// <param name="documents">Ids of each, opening and closing ids included.</param>
    /// <param name="length">Most ids a row.</param>
    /// <param name="random">Decides where long documents are cut and the order.</param>
    /// <returns>Rows in random order, each one or more pieces.</returns>
    public static List<int[][]> Of(IReadOnlyList<int[]> documents, int length, SeededRandom random)
    {
        List<int[]> pieces = [];
        foreach (int[] document in documents)
        {
            int from = 0;
            // Another first cut in each pass, so that not the same ids always lack what stood before them.
            int most = document.Length > length ? random.Next(Math.Max(2, length / 2), length) : length;
            while (from < document.Length - 1)
            {
                int to = Math.Min(document.Length, from + most);
                pieces.Add(document[from..to]);
                // The last id of a piece is foretold, not read; the next piece begins with it.
                from = to - 1;
                most = length;
            }
        }
        int[][] order = [.. pieces];
        random.Shuffle(order);
        List<int[]>[] rows = new List<int[]>[order.Length];
        int count = 0;
        Stack<int>[] byRoom = [.. Enumerable.Range(0, length + 1).Select(_ => new Stack<int>())];
        foreach (int[] piece in order.OrderByDescending(p => p.Length))
        {
            int room = piece.Length;
            while (room <= length && byRoom[room].Count == 0)
            {
                room++;
            }
            int row;
            if (room <= length)
            {
                row = byRoom[room].Pop();
            }
            else
            {
                (row, room) = (count++, length);
                rows[row] = [];
            }
            rows[row].Add(piece);
            byRoom[room - piece.Length].Push(row);
        }
        int[][][] packed = [.. rows.Take(count).Select(r => r.ToArray())];
        foreach (int[][] row in packed)
        {
            random.Shuffle(row);
        }
        random.Shuffle(packed);
        return [.. packed];
    }

    /// <summary>The windows in which documents are judged: each id is foretold once, with at least half a window before it where there is so much.</summary>
    /// <param name="documents">Ids of each, the opening id first.</param>
    /// <param name="length">Most ids a window.</param>
    /// <returns>Windows, the index of the first id in each that counts, and the document it is of.</returns>
    public static IEnumerable<(int[] Ids, int From, int Document)> Windows(IReadOnlyList<int[]> documents, int length)
    {
        for (int d = 0; d < documents.Count; d++)
        {
            int[] document = documents[d];
            int done = 1;
            while (done < document.Length)
            {
                int start = done == 1 ? 0 : Math.Max(0, done - length / 2);
                int end = Math.Min(document.Length, start + length);
                yield return (document[start..end], done - start, d);
                done = end;
            }
        }
    }
}
