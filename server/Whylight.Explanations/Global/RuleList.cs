namespace Whylight.Explanations.Global;

/// <summary>"if the text has these features then this label", one of a list tried in order.</summary>
/// <param name="Features">Features that must all be there; none for the default.</param>
/// <param name="Label">The label it gives.</param>
/// <param name="Covered">Training rows that reach it and match.</param>
/// <param name="Precision">Share of them with the label.</param>
public sealed record Rule(IReadOnlyList<int> Features, int Label, int Covered, double Precision);

/// <summary>A decision list by sequential covering (Rivest 1987; CN2: Clark and Niblett 1989), Laplace-corrected.</summary>
/// <param name="Rules">The rules in order; the last has no condition.</param>
public sealed record RuleList(IReadOnlyList<Rule> Rules)
{
    /// <summary>Learns rules of one or two present features.</summary>
    /// <param name="rows">1 where a feature is present, else 0.</param>
    /// <param name="classes">Class of each row.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="mostRules">Most rules before the default.</param>
    /// <param name="leastCovered">Fewest rows that a rule covers.</param>
    /// <param name="cancellation">Checked between rules.</param>
    public static RuleList Learn(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<int> classes,
        int classCount,
        int mostRules = 12,
        int leastCovered = 5,
        CancellationToken cancellation = default
    )
    {
        List<int> left = [.. Enumerable.Range(0, rows.Count)];
        int width = rows.Count == 0 ? 0 : rows[0].Length;
        List<Rule> rules = [];
        while (rules.Count < mostRules && left.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] all = Counts(left);
            double standing = Laplace(all.Max(), left.Count);
            // The second feature is only looked for under the strongest first ones: all pairs would be quadratic.
            List<(int[] Features, double Score)> singles = [];
            for (int f = 0; f < width; f++)
            {
                if (Judge([f]) is { } score)
                {
                    singles.Add(([f], score));
                }
            }
            singles = [.. singles.OrderByDescending(s => s.Score).ThenBy(s => s.Features[0]).Take(10)];
            List<(int[] Features, double Score)> candidates = [.. singles];
            foreach ((int[] first, _) in singles)
            {
                for (int f = 0; f < width; f++)
                {
                    if (f != first[0] && Judge([Math.Min(f, first[0]), Math.Max(f, first[0])]) is { } score)
                    {
                        candidates.Add(([Math.Min(f, first[0]), Math.Max(f, first[0])], score));
                    }
                }
            }
            if (candidates.Count == 0)
            {
                break;
            }
            (int[] best, double precision) = candidates.MaxBy(c => c.Score - 1e-6 * c.Features.Length);
            if (precision <= standing + 1e-9)
            {
                break;
            }
            List<int> covered = [.. left.Where(r => Matches(best, rows[r]))];
            int[] counts = Counts(covered);
            int label = Array.IndexOf(counts, counts.Max());
            rules.Add(new Rule(best, label, covered.Count, (double)counts[label] / covered.Count));
            left = [.. left.Except(covered)];
        }
        int[] rest = Counts(left.Count > 0 ? left : [.. Enumerable.Range(0, rows.Count)]);
        int most = Array.IndexOf(rest, rest.Max());
        rules.Add(new Rule([], most, left.Count, left.Count == 0 ? 0 : (double)rest[most] / left.Count));
        return new RuleList(rules);

        double? Judge(int[] features)
        {
            int[] counts = new int[classCount];
            int covered = 0;
            foreach (int r in left)
            {
                if (Matches(features, rows[r]))
                {
                    counts[classes[r]]++;
                    covered++;
                }
            }
            return covered < leastCovered ? null : Laplace(counts.Max(), covered);
        }

        double Laplace(int hits, int covered) => (hits + 1.0) / (covered + classCount);

        int[] Counts(List<int> indices)
        {
            int[] counts = new int[classCount];
            foreach (int r in indices)
            {
                counts[classes[r]]++;
            }
            return counts;
        }
    }

    /// <summary>The label of the first rule that matches.</summary>
    public int Classify(IReadOnlyList<double> row) => Rules[FirstMatch(row)].Label;

    /// <summary>Index of the first rule that matches; the last has no condition.</summary>
    public int FirstMatch(IReadOnlyList<double> row)
    {
        int k = 0;
        while (!Matches(Rules[k].Features, row))
        {
            k++;
        }
        return k;
    }

    private static bool Matches(IReadOnlyList<int> features, IReadOnlyList<double> row)
    {
        foreach (int f in features)
        {
            if (row[f] <= 0.5)
            {
                return false;
            }
        }
        return true;
    }
}
