namespace Whylight.Measures;

/// <summary>Standard errors of a mean whose cases come in correlated groups, such as several draws an example.</summary>
public static class ClusterRobust
{
    /// <summary>
    /// sqrt(C / (C - 1) * sum over clusters of (sum of the cluster's deviations)^2) / n (Miller 2024, arXiv 2411.00640);
    /// NaN with fewer than two clusters.
    /// </summary>
    /// <param name="values">The cases' values.</param>
    /// <param name="clusters">The cluster of each case; any integers.</param>
    public static double StandardError(IReadOnlyList<double> values, IReadOnlyList<int> clusters)
    {
        if (values.Count != clusters.Count)
        {
            throw new ArgumentException("one cluster a value is needed", nameof(clusters));
        }
        double mean = values.Average();
        double[] sums = Enumerable
            .Range(0, values.Count)
            .GroupBy(i => clusters[i])
            .Select(g => g.Sum(i => values[i] - mean))
            .ToArray();
        double c = sums.Length;
        return c < 2 ? double.NaN : Math.Sqrt(c / (c - 1) * sums.Sum(s => s * s)) / values.Count;
    }
}
