namespace Whylight.Measures;

/// <summary>Ranks from 1, ties sharing their mean rank.</summary>
internal static class Ranks
{
    public static double[] Average(IReadOnlyList<double> values)
    {
        int[] order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        double[] ranks = new double[values.Count];
        for (int start = 0; start < order.Length; )
        {
            int end = start;
            while (end < order.Length && values[order[end]] == values[order[start]])
            {
                end++;
            }
            for (int i = start; i < end; i++)
            {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }
            start = end;
        }
        return ranks;
    }
}
