using MathNet.Numerics.Distributions;

namespace Whylight.Measures;

/// <summary>Bootstrap intervals (Efron and Tibshirani, 1993) with seeded resamples.</summary>
public static class Bootstrap
{
    /// <summary>The percentile interval of a statistic over resamples of case indices.</summary>
    /// <param name="cases">Number of cases.</param>
    /// <param name="statistic">The statistic of the cases with these indices (with repeats).</param>
    /// <param name="seed">Seed of the resamples.</param>
    /// <param name="resamples">How many.</param>
    /// <param name="confidence">In (0, 1).</param>
    public static Interval Percentile(
        int cases,
        Func<IReadOnlyList<int>, double> statistic,
        ulong seed,
        int resamples = 1000,
        double confidence = 0.95
    ) => Percentile(Replicates(cases, statistic, seed, resamples), confidence);

    /// <summary>The percentile interval of given replicates, quantiles interpolated linearly; NaN replicates are left out.</summary>
    public static Interval Percentile(IReadOnlyList<double> replicates, double confidence = 0.95)
    {
        double[] sorted = replicates.Where(r => !double.IsNaN(r)).Order().ToArray();
        double tail = (1 - confidence) / 2;
        return new Interval(Quantiles.OfSorted(sorted, tail), Quantiles.OfSorted(sorted, 1 - tail));
    }

    /// <summary>
    /// The bias-corrected and accelerated interval (BCa), acceleration by the jackknife; second-order accurate. Falls back
    /// to the percentile interval where every replicate lies on one side of the estimate.
    /// </summary>
    public static Interval BiasCorrectedAccelerated(
        int cases,
        Func<IReadOnlyList<int>, double> statistic,
        ulong seed,
        int resamples = 1000,
        double confidence = 0.95
    )
    {
        double[] sorted = Replicates(cases, statistic, seed, resamples).Where(r => !double.IsNaN(r)).Order().ToArray();
        int[] all = Enumerable.Range(0, cases).ToArray();
        double estimate = statistic(all);
        double below = sorted.Count(r => r < estimate) + 0.5 * sorted.Count(r => r == estimate);
        double share = below / sorted.Length;
        if (share is <= 0 or >= 1)
        {
            return Percentile(sorted, confidence);
        }
        double bias = Normal.InvCDF(0, 1, share);
        double[] left = new double[cases];
        for (int i = 0; i < cases; i++)
        {
            left[i] = statistic(all.Where(j => j != i).ToArray());
        }
        double mean = left.Average();
        double cubes = left.Sum(l => Math.Pow(mean - l, 3));
        double squares = left.Sum(l => Math.Pow(mean - l, 2));
        double acceleration = squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
        double tail = (1 - confidence) / 2;
        return new Interval(Quantiles.OfSorted(sorted, Level(tail)), Quantiles.OfSorted(sorted, Level(1 - tail)));

        double Level(double p)
        {
            double z = bias + Normal.InvCDF(0, 1, p);
            return Normal.CDF(0, 1, bias + z / (1 - acceleration * z));
        }
    }

    /// <summary>The statistic on seeded resamples of size <paramref name="cases"/> with replacement.</summary>
    public static double[] Replicates(
        int cases,
        Func<IReadOnlyList<int>, double> statistic,
        ulong seed,
        int resamples = 1000
    )
    {
        SeededRandom random = SeededRandom.For(seed, "bootstrap");
        double[] replicates = new double[resamples];
        int[] indices = new int[cases];
        for (int r = 0; r < resamples; r++)
        {
            for (int i = 0; i < cases; i++)
            {
                indices[i] = random.Next(cases);
            }
            replicates[r] = statistic(indices);
        }
        return replicates;
    }
}
