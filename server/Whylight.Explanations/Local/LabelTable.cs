namespace Whylight.Explanations.Local;

/// <summary>What follows exactly from knowing for every coalition whether it keeps the label.</summary>
/// <remarks>A table holds 1 (kept) or 0 at index m, bit i of m = feature i present; the whole text is the last entry.</remarks>
public static class LabelTable
{
    /// <summary>All smallest sets of features whose absence changes the label; none where nothing does.</summary>
    public static IReadOnlyList<int> SmallestDeletions(IReadOnlyList<double> keeps)
    {
        int full = keeps.Count - 1;
        List<int> best = [];
        int least = int.MaxValue;
        for (int deleted = 1; deleted <= full; deleted++)
        {
            if (keeps[full ^ deleted] != 0)
            {
                continue;
            }
            int size = System.Numerics.BitOperations.PopCount((uint)deleted);
            if (size < least)
            {
                least = size;
                best.Clear();
            }
            if (size == least)
            {
                best.Add(deleted);
            }
        }
        return best;
    }

    /// <summary>All sets whose absence changes the label and of which no smaller part does; by size, then by bits.</summary>
    public static IReadOnlyList<int> MinimalDeletions(IReadOnlyList<double> keeps)
    {
        int full = keeps.Count - 1;
        bool[] flips = [.. Enumerable.Range(0, keeps.Count).Select(d => keeps[full ^ d] == 0)];
        return Minimal(flips);
    }

    /// <summary>
    /// Prime implicants that the text satisfies, also called sufficient reasons: smallest-by-inclusion sets of features whose
    /// presence keeps the label whatever else is absent (Shih, Choi and Darwiche 2018); by size, then by bits.
    /// </summary>
    public static IReadOnlyList<int> PrimeImplicants(IReadOnlyList<double> keeps)
    {
        bool[] sufficient = [.. keeps.Select(k => k != 0)];
        for (int bit = 1; bit < sufficient.Length; bit <<= 1)
        {
            for (int m = 0; m < sufficient.Length; m++)
            {
                if ((m & bit) == 0)
                {
                    sufficient[m] &= sufficient[m | bit];
                }
            }
        }
        return Minimal(sufficient);
    }

    // Members of a family of sets without another member inside.
    private static List<int> Minimal(bool[] family)
    {
        // covered[m]: m or one of its parts is a member.
        bool[] covered = [.. family];
        List<int> minimal = [];
        for (int m = 0; m < family.Length; m++)
        {
            bool below = false;
            for (int rest = m; rest != 0; rest &= rest - 1)
            {
                below |= covered[m & ~(rest & -rest)];
            }
            if (family[m] && !below)
            {
                minimal.Add(m);
            }
            covered[m] |= below;
        }
        minimal.Sort(
            (a, b) =>
            {
                int order = System
                    .Numerics.BitOperations.PopCount((uint)a)
                    .CompareTo(System.Numerics.BitOperations.PopCount((uint)b));
                return order != 0 ? order : a.CompareTo(b);
            }
        );
        return minimal;
    }
}
