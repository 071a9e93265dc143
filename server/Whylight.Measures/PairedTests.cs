using MathNet.Numerics.Distributions;

namespace Whylight.Measures;

/// <summary>Tests of two models' right and wrong answers on the same cases.</summary>
public static class PairedTests
{
    /// <summary>
    /// McNemar's test (1947) in its exact form: the two-sided binomial p-value of the discordant pairs at rate 1/2.
    /// </summary>
    /// <param name="onlyFirst">Cases that only the first model got right.</param>
    /// <param name="onlySecond">Cases that only the second got right.</param>
    public static double McNemarExact(long onlyFirst, long onlySecond)
    {
        long n = onlyFirst + onlySecond;
        return Math.Min(1, 2 * ProportionIntervals.LowerTail(Math.Min(onlyFirst, onlySecond), n, 0.5));
    }

    /// <summary>McNemar's chi-square with Edwards' continuity correction, one degree of freedom; (0, 1) without discordant pairs.</summary>
    public static (double Statistic, double PValue) McNemarChiSquare(long onlyFirst, long onlySecond)
    {
        double n = onlyFirst + onlySecond;
        if (n == 0)
        {
            return (0, 1);
        }
        double gap = Math.Max(0, Math.Abs(onlyFirst - onlySecond) - 1);
        double statistic = gap * gap / n;
        return (statistic, 2 * Normal.CDF(0, 1, -Math.Sqrt(statistic)));
    }

    /// <summary>
    /// Mean of paired differences with its standard error, so that "b is better than a by d" comes with its uncertainty.
    /// </summary>
    public static (double Mean, double StandardError) Difference(
        IReadOnlyList<double> first,
        IReadOnlyList<double> second
    )
    {
        if (first.Count != second.Count)
        {
            throw new ArgumentException("paired values are needed", nameof(second));
        }
        int n = first.Count;
        double mean = Enumerable.Range(0, n).Sum(i => second[i] - first[i]) / n;
        double squares = Enumerable.Range(0, n).Sum(i => Math.Pow(second[i] - first[i] - mean, 2));
        return (mean, Math.Sqrt(squares / (n - 1) / n));
    }
}
