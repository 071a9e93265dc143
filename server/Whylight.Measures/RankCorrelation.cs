namespace Whylight.Measures;

/// <summary>Agreement of two lists of scores over the same items.</summary>
public static class RankCorrelation
{
    /// <summary>Pearson's correlation; NaN where a list is constant.</summary>
    public static double Pearson(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        Check(a, b);
        if (Constant(a) || Constant(b))
        {
            // A mean rounds: without this the deviations of three times 0.1 would be some 1e-17, and correlate with anything.
            return double.NaN;
        }
        double meanA = a.Average();
        double meanB = b.Average();
        double cross = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.Count; i++)
        {
            cross += (a[i] - meanA) * (b[i] - meanB);
            squareA += (a[i] - meanA) * (a[i] - meanA);
            squareB += (b[i] - meanB) * (b[i] - meanB);
        }
        return cross / Math.Sqrt(squareA * squareB);
    }

    /// <summary>Spearman's rho: Pearson's correlation of the ranks, ties sharing their mean rank.</summary>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        Check(a, b);
        return Pearson(Ranks.Average(a), Ranks.Average(b));
    }

    /// <summary>Kendall's tau-b, which corrects for ties; NaN where a list is constant.</summary>
    public static double KendallTauB(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        Check(a, b);
        double agree = 0;
        double pairsA = 0;
        double pairsB = 0;
        for (int i = 0; i < a.Count; i++)
        {
            for (int j = i + 1; j < a.Count; j++)
            {
                int signA = a[i].CompareTo(a[j]);
                int signB = b[i].CompareTo(b[j]);
                agree += signA * signB;
                pairsA += signA != 0 ? 1 : 0;
                pairsB += signB != 0 ? 1 : 0;
            }
        }
        return agree / Math.Sqrt(pairsA * pairsB);
    }

    /// <summary>The indices of the k largest absolute values, largest first, ties by the lower index.</summary>
    public static IReadOnlyList<int> TopK(IReadOnlyList<double> values, int k) =>
        Enumerable.Range(0, values.Count).OrderByDescending(i => Math.Abs(values[i])).Take(k).ToArray();

    /// <summary>Jaccard index of the k items of largest absolute value on each side; 1 for two empty lists.</summary>
    public static double TopKJaccard(IReadOnlyList<double> a, IReadOnlyList<double> b, int k)
    {
        Check(a, b);
        IReadOnlyList<int> topA = TopK(a, k);
        IReadOnlyList<int> topB = TopK(b, k);
        int both = topA.Intersect(topB).Count();
        int either = topA.Count + topB.Count - both;
        return either == 0 ? 1 : both / (double)either;
    }

    /// <summary>
    /// Extrapolated rank-biased overlap (Webber et al. 2010) of the full lists ranked by absolute value, ties by the lower
    /// index: (1 - p) sum over depths d of p^(d - 1) A_d, plus p^n A_n, with A_d the share of common items among the first d.
    /// </summary>
    /// <param name="a">Scores.</param>
    /// <param name="b">Scores of the same items.</param>
    /// <param name="persistence">p, in (0, 1): the weight of depth.</param>
    public static double RankBiasedOverlap(IReadOnlyList<double> a, IReadOnlyList<double> b, double persistence = 0.9)
    {
        Check(a, b);
        int n = a.Count;
        IReadOnlyList<int> rankA = TopK(a, n);
        IReadOnlyList<int> rankB = TopK(b, n);
        bool[] seenA = new bool[n];
        bool[] seenB = new bool[n];
        double common = 0;
        double sum = 0;
        double weight = 1;
        for (int d = 0; d < n; d++)
        {
            seenA[rankA[d]] = true;
            seenB[rankB[d]] = true;
            common += rankA[d] == rankB[d] ? 1 : (seenB[rankA[d]] ? 1 : 0) + (seenA[rankB[d]] ? 1 : 0);
            sum += weight * common / (d + 1);
            weight *= persistence;
        }
        return n == 0 ? 1 : (1 - persistence) * sum + weight * common / n;
    }

    /// <summary>Share of items with the same sign (zero is a sign of its own) on both sides.</summary>
    public static double SignAgreement(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        Check(a, b);
        return Enumerable.Range(0, a.Count).Average(i => Math.Sign(a[i]) == Math.Sign(b[i]) ? 1.0 : 0.0);
    }

    private static bool Constant(IReadOnlyList<double> values) => values.All(v => v == values[0]);

    private static void Check(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count)
        {
            throw new ArgumentException(
                $"lists of one length are needed: {a.Count} and {b.Count} were given",
                nameof(b)
            );
        }
    }
}
