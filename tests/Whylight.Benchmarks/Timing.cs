using System.Diagnostics;

namespace Whylight.Benchmarks;

/// <summary>Times of works that are run in turns, so that what else a machine does meets all of them alike.</summary>
internal static class Timing
{
    /// <summary>Milliseconds of each work in each round, after two rounds that do not count.</summary>
    public static double[][] InTurns(int rounds, params Action[] works)
    {
        double[][] times = [.. works.Select(_ => new double[rounds])];
        for (int round = -2; round < rounds; round++)
        {
            for (int k = 0; k < works.Length; k++)
            {
                // Who goes first changes from round to round.
                int w = (k + Math.Max(0, round)) % works.Length;
                long start = Stopwatch.GetTimestamp();
                works[w]();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (round >= 0)
                {
                    times[w][round] = elapsed;
                }
            }
        }
        return times;
    }

    /// <summary>The same for works that are awaited.</summary>
    public static async Task<double[][]> InTurnsAsync(int rounds, params Func<Task>[] works)
    {
        double[][] times = [.. works.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int k = 0; k < works.Length; k++)
            {
                int w = (k + Math.Max(0, round)) % works.Length;
                long start = Stopwatch.GetTimestamp();
                await works[w]();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (round >= 0)
                {
                    times[w][round] = elapsed;
                }
            }
        }
        return times;
    }

    /// <summary>The value below which a share of the values lies.</summary>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(share * sorted.Length))];
    }

    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);
}
