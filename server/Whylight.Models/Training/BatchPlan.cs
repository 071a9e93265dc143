using Whylight.Measures;

namespace Whylight.Models.Training;

/// <summary>Which examples go into which batch of a pass.</summary>
internal static class BatchPlan
{
    /// <summary>
    /// Shuffles, then sorts by length within windows of 32 batches so that little is padded, then shuffles the batches.
    /// </summary>
    /// <param name="lengths">Tokens of each example.</param>
    /// <param name="batchSize">Most examples a batch.</param>
    /// <param name="random">Decides the order.</param>
    public static List<int[]> Shuffled(IReadOnlyList<int> lengths, int batchSize, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Count)];
        random.Shuffle(order);
        List<int[]> batches = [];
        foreach (int[] window in order.Chunk(batchSize * 32))
        {
            int[] sorted = [.. window.OrderBy(i => lengths[i])];
            batches.AddRange(sorted.Chunk(batchSize));
        }
        int[][] result = [.. batches];
        random.Shuffle(result);
        return [.. result];
    }

    /// <summary>The shape of a padded batch: ids row by row, and which are present.</summary>
    public static (long[] Ids, bool[] Mask, int Length) Pad(IReadOnlyList<int[]> rows, int padding)
    {
        int length = rows.Max(row => row.Length);
        long[] ids = new long[rows.Count * length];
        bool[] mask = new bool[ids.Length];
        Array.Fill(ids, padding);
        for (int r = 0; r < rows.Count; r++)
        {
            for (int t = 0; t < rows[r].Length; t++)
            {
                ids[r * length + t] = rows[r][t];
                mask[r * length + t] = true;
            }
        }
        return (ids, mask, length);
    }
}
