namespace Whylight.Explanations.Evaluation;

/// <summary>How alike two attributions of the same features are, beyond the rank measures of <see cref="Measures.RankCorrelation"/>.</summary>
public static class Similarity
{
    /// <summary>1 - a.b / (|a| |b|); null where one is all 0.</summary>
    public static double? CosineDistance(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double lengths = Norm(a) * Norm(b);
        return lengths == 0 ? null : 1 - a.Zip(b, (x, y) => x * y).Sum() / lengths;
    }

    /// <summary>sqrt(sum (a - b)^2).</summary>
    public static double Euclidean(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        Math.Sqrt(SquaredDifference(a, b));

    /// <summary>sum |a - b|.</summary>
    public static double Manhattan(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        a.Zip(b, (x, y) => Math.Abs(x - y)).Sum();

    /// <summary>max |a - b|.</summary>
    public static double Chebyshev(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        a.Zip(b, (x, y) => Math.Abs(x - y)).DefaultIfEmpty().Max();

    /// <summary>sum (a - b)^2.</summary>
    public static double SquaredDifference(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    /// <summary>Share of the k features of largest |a| that are also among the k of largest |b|.</summary>
    public static double TopKIntersection(IReadOnlyList<double> a, IReadOnlyList<double> b, int k) =>
        k == 0
            ? 1
            : (double)Measures.RankCorrelation.TopK(a, k).Intersect(Measures.RankCorrelation.TopK(b, k)).Count() / k;

    /// <summary>
    /// Kendall's tau weighted hyperbolically by rank (Vigna 2015): a pair weighs 1/(1+r_i) + 1/(1+r_j), r the rank from 0 of the
    /// largest; the mean over ranking by a (ties by b) and by b (ties by a). Null where one side is constant.
    /// </summary>
    public static double? WeightedKendallTau(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double? first = WeightedTau(a, b);
        double? second = WeightedTau(b, a);
        return (first + second) / 2;
    }

    internal static double Norm(IReadOnlyList<double> a) => Math.Sqrt(a.Sum(x => x * x));

    private static double? WeightedTau(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        int n = a.Count;
        int[] rank = new int[n];
        int place = 0;
        foreach (int i in Enumerable.Range(0, n).OrderByDescending(i => a[i]).ThenByDescending(i => b[i]))
        {
            rank[i] = place++;
        }
        double both = 0;
        double own = 0;
        double other = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                double weight = 1.0 / (1 + rank[i]) + 1.0 / (1 + rank[j]);
                int s = Math.Sign(a[i] - a[j]);
                int t = Math.Sign(b[i] - b[j]);
                both += weight * s * t;
                own += weight * s * s;
                other += weight * t * t;
            }
        }
        return own * other == 0 ? null : both / Math.Sqrt(own * other);
    }
}
