using MathNet.Numerics.Distributions;

namespace Whylight.Measures;

/// <summary>Intervals for the share of successes in independent trials.</summary>
/// <remarks>All take successes in [0, trials] and a confidence in (0, 1); with no trials the answer is [0, 1].</remarks>
public static class ProportionIntervals
{
    /// <summary>The exact two-sided interval of Clopper and Pearson (1934); covers at least as often as it says.</summary>
    public static Interval ClopperPearson(long successes, long trials, double confidence = 0.95)
    {
        double tail = (1 - confidence) / 2;
        return new Interval(LowerBound(successes, trials, 1 - tail), UpperBound(successes, trials, 1 - tail));
    }

    /// <summary>The exact one-sided lower bound: the largest rate that <paramref name="successes"/> or more would be surprising at.</summary>
    public static double LowerBound(long successes, long trials, double confidence = 0.95)
    {
        Check(successes, trials, confidence);
        return successes == 0 ? 0 : BetaDistribution.Quantile(successes, trials - successes + 1, 1 - confidence);
    }

    /// <summary>The exact one-sided upper bound.</summary>
    public static double UpperBound(long successes, long trials, double confidence = 0.95)
    {
        Check(successes, trials, confidence);
        return successes == trials ? 1 : BetaDistribution.Quantile(successes + 1, trials - successes, confidence);
    }

    /// <summary>P(X >= successes) for X binomial with the given rate: the p-value against "the rate is at most that".</summary>
    public static double UpperTail(long successes, long trials, double rate)
    {
        Check(successes, trials, 0.5);
        return successes == 0 ? 1 : BetaDistribution.Cdf(successes, trials - successes + 1, rate);
    }

    /// <summary>P(X at most successes): the p-value against "the rate is at least that".</summary>
    public static double LowerTail(long successes, long trials, double rate)
    {
        Check(successes, trials, 0.5);
        return successes == trials ? 1 : 1 - BetaDistribution.Cdf(successes + 1, trials - successes, rate);
    }

    /// <summary>Wilson's score interval (1927).</summary>
    public static Interval Wilson(long successes, long trials, double confidence = 0.95)
    {
        Check(successes, trials, confidence);
        if (trials == 0)
        {
            return new Interval(0, 1);
        }
        double z = Normal.InvCDF(0, 1, 1 - (1 - confidence) / 2);
        double n = trials;
        double p = successes / n;
        double denominator = 1 + z * z / n;
        double centre = (p + z * z / (2 * n)) / denominator;
        double half = z * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / denominator;
        return new Interval(
            successes == 0 ? 0 : Math.Max(0, centre - half),
            successes == trials ? 1 : Math.Min(1, centre + half)
        );
    }

    /// <summary>The interval of Agresti and Coull (1998), clipped to [0, 1].</summary>
    public static Interval AgrestiCoull(long successes, long trials, double confidence = 0.95)
    {
        Check(successes, trials, confidence);
        double z = Normal.InvCDF(0, 1, 1 - (1 - confidence) / 2);
        double n = trials + z * z;
        double p = (successes + z * z / 2) / n;
        double half = z * Math.Sqrt(p * (1 - p) / n);
        return new Interval(Math.Max(0, p - half), Math.Min(1, p + half));
    }

    /// <summary>The equal-tailed interval of the posterior under Jeffreys' prior, Beta(1/2, 1/2).</summary>
    public static Interval Jeffreys(long successes, long trials, double confidence = 0.95)
    {
        Check(successes, trials, confidence);
        double tail = (1 - confidence) / 2;
        double a = successes + 0.5;
        double b = trials - successes + 0.5;
        return new Interval(BetaDistribution.Quantile(a, b, tail), BetaDistribution.Quantile(a, b, 1 - tail));
    }

    private static void Check(long successes, long trials, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(confidence, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(confidence, 1);
    }
}
