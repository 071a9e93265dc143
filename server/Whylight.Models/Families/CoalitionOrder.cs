namespace Whylight.Models.Families;

/// <summary>
/// The order in which coalitions are run: distinct ones only, by number of present tokens, then by the tokens themselves.
/// So the bytes of an answer do not depend on the order in which coalitions were asked.
/// </summary>
internal static class CoalitionOrder
{
    /// <summary>Indices of the distinct coalitions in canonical order, and for each coalition the one that stands for it.</summary>
    public static (int[] Order, int[] Representative) Of(IReadOnlyList<bool[]> present)
    {
        int[] all = [.. Enumerable.Range(0, present.Count)];
        int[] counts = [.. present.Select(p => p.Count(x => x))];
        int Compare(int a, int b)
        {
            int byCount = counts[a].CompareTo(counts[b]);
            if (byCount != 0)
            {
                return byCount;
            }
            int length = Math.Min(present[a].Length, present[b].Length);
            for (int i = 0; i < length; i++)
            {
                if (present[a][i] != present[b][i])
                {
                    return present[a][i] ? -1 : 1;
                }
            }
            return 0;
        }
        Array.Sort(all, (a, b) => Compare(a, b) is int order and not 0 ? order : a.CompareTo(b));
        List<int> distinct = [];
        int[] representative = new int[present.Count];
        foreach (int index in all)
        {
            if (distinct.Count == 0 || Compare(distinct[^1], index) != 0)
            {
                distinct.Add(index);
            }
            representative[index] = distinct[^1];
        }
        return ([.. distinct], representative);
    }

    /// <summary>Checks that every coalition has one entry a token.</summary>
    public static void Check(IReadOnlyList<bool[]> present, int tokens)
    {
        foreach (bool[] coalition in present)
        {
            if (coalition.Length != tokens)
            {
                throw new ArgumentException(
                    $"a coalition has {coalition.Length} entries for {tokens} tokens",
                    nameof(present)
                );
            }
        }
    }
}
