using FsCheck;
using FsCheck.Xunit;
using Whylight.Measures;
using Interval = Whylight.Measures.Interval;

namespace Whylight.Tests.Measures;

public class MeasuresTests
{
    [Fact]
    public void Seeded_random_gives_the_same_numbers_everywhere()
    {
        SeededRandom random = new(1729);
        Assert.Equal(
            [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()],
            Enumerable.Range(0, 3).Select(i => Reference(1729, i))
        );
        Assert.NotEqual(SeededRandom.Derive(1, "a", "b"), SeededRandom.Derive(1, "ab"));
        Assert.NotEqual(SeededRandom.Derive(1, "a", "b"), SeededRandom.Derive(1, "b", "a"));
        Assert.Equal(SeededRandom.For(7, "x").NextUInt64(), SeededRandom.For(7, "x").NextUInt64());
    }

    // xoshiro256** and SplitMix64 as their authors publish them.
    private static ulong Reference(ulong seed, int index)
    {
        ulong[] s = new ulong[4];
        for (int i = 0; i < 4; i++)
        {
            ulong z = seed += 0x9e3779b97f4a7c15UL;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
            s[i] = z ^ (z >> 31);
        }
        ulong result = 0;
        for (int i = 0; i <= index; i++)
        {
            ulong x = s[1] * 5;
            result = ((x << 7) | (x >> 57)) * 9;
            ulong t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = (s[3] << 45) | (s[3] >> 19);
        }
        return result;
    }

    [Fact]
    public void Seeded_random_is_uniform_and_in_range()
    {
        SeededRandom random = new(3);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[random.Next(-3, 4) + 3]++;
            Assert.InRange(random.NextDouble(), 0, 0.9999999999999999);
        }
        // Chi-square with 6 degrees of freedom: 22.46 is exceeded once in a thousand.
        Assert.InRange(counts.Sum(c => Math.Pow(c - 10_000, 2) / 10_000), 0, 22.46);
        Assert.Equal(0, random.Next(1));
        Assert.Equal(-5, random.Next(-5, -5));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(-1));
    }

    [Theory]
    [InlineData(0, 59, 0.05)]
    [InlineData(0, 299, 0.01)]
    public void No_failure_in_enough_cases_bounds_the_rate(int failures, int cases, double bound)
    {
        Assert.True(ProportionIntervals.UpperBound(failures, cases) < bound);
        Assert.True(ProportionIntervals.UpperBound(failures, cases - 1) > bound);
    }

    [Property(MaxTest = 200)]
    public void Exact_bounds_invert_the_exact_tails(PositiveInt a, NonNegativeInt b)
    {
        int n = a.Get + b.Get;
        int k = a.Get;
        double lower = ProportionIntervals.LowerBound(k, n);
        Assert.Equal(0.05, ProportionIntervals.UpperTail(k, n, lower), 9);
        Assert.Equal(0.05, SlowUpperTail(k, n, lower), 9);
        Assert.Equal(lower, 1 - ProportionIntervals.UpperBound(n - k, n), 12);
    }

    [Fact]
    public void Bounds_hold_for_large_counts()
    {
        Interval interval = ProportionIntervals.ClopperPearson(999_000, 1_000_000);
        Interval wilson = ProportionIntervals.Wilson(999_000, 1_000_000);
        Assert.Equal(wilson.Lower, interval.Lower, 5);
        Assert.Equal(wilson.Upper, interval.Upper, 5);
        Assert.Equal(new Interval(0, 1), ProportionIntervals.ClopperPearson(0, 0));
    }

    private static double SlowUpperTail(int k, int n, double rate)
    {
        double sum = 0;
        for (int i = k; i <= n; i++)
        {
            double log = 0;
            for (int j = 1; j <= i; j++)
            {
                log += Math.Log((n - i + j) / (double)j);
            }
            sum += Math.Exp(log + i * Math.Log(rate) + (n - i) * Math.Log(1 - rate));
        }
        return sum;
    }

    [Property(MaxTest = 100)]
    public void Auroc_counts_pairs((bool, byte)[] cases)
    {
        bool[] truth = cases.Select(c => c.Item1).ToArray();
        double[] score = cases.Select(c => c.Item2 / 16.0).ToArray();
        double wins = 0;
        double pairs = 0;
        for (int i = 0; i < cases.Length; i++)
        {
            for (int j = 0; j < cases.Length; j++)
            {
                if (truth[i] && !truth[j])
                {
                    pairs++;
                    wins +=
                        score[i] > score[j] ? 1
                        : score[i] == score[j] ? 0.5
                        : 0;
                }
            }
        }
        Assert.Equal(pairs == 0 ? double.NaN : wins / pairs, ClassificationMeasures.Auroc(truth, score), 12);
    }

    [Fact]
    public void Multi_class_measures_match_a_worked_example()
    {
        int[] truth = [0, 0, 1, 1, 2, 2, 2];
        int[] predicted = [0, 1, 1, 1, 2, 0, 2];
        ConfusionMatrix matrix = new(truth, predicted, 3);
        Assert.Equal(5 / 7.0, matrix.Accuracy, 12);
        Assert.Equal((0.5 + 0.8 + 0.8) / 3, matrix.MacroF1, 12);
        Assert.Equal((0.5 + 1 + 2 / 3.0) / 3, matrix.BalancedAccuracy, 12);
        // R = sum over i, j of one-hot covariances, worked out by hand: cov = 5*7 - (2*2 + 2*3 + 3*2).
        Assert.Equal((35 - 16) / Math.Sqrt((49.0 - 17) * (49 - 17)), matrix.MatthewsCorrelation, 12);
        double[][] p = predicted
            .Select(k => Enumerable.Range(0, 3).Select(j => j == k ? 0.8 : 0.1).ToArray())
            .ToArray();
        double[] rest = Enumerable
            .Range(0, 3)
            .Select(k =>
                ClassificationMeasures.Auroc(truth.Select(t => t == k).ToArray(), p.Select(x => x[k]).ToArray())
            )
            .ToArray();
        Assert.Equal(rest.Average(), ClassificationMeasures.AurocOneVersusRest(truth, p), 12);
        // Pairs by hand, both directions each: (0,1) .75 and .75; (0,2) 7/12 and 5/6; (1,2) 1 and 5/6.
        Assert.Equal(
            ((0.75 + 0.75) / 2 + (7 / 12.0 + 5 / 6.0) / 2 + (1 + 5 / 6.0) / 2) / 3,
            ClassificationMeasures.AurocOneVersusOne(truth, p),
            12
        );
    }

    [Fact]
    public void Confidence_sequence_covers_at_all_times_at_once()
    {
        int missed = 0;
        for (int run = 0; run < 400; run++)
        {
            SeededRandom random = SeededRandom.For(11, "sequence", $"{run}");
            ConfidenceSequence sequence = new();
            bool ever = false;
            double width = 1;
            for (int i = 0; i < 300; i++)
            {
                Interval interval = sequence.Observe(random.NextDouble() < 0.9);
                ever |= !interval.Contains(0.9);
                Assert.True(interval.Width <= width);
                width = interval.Width;
            }
            missed += ever ? 1 : 0;
        }
        // At most 5 % are promised; 400 runs at 5 % exceed 33 once in a thousand.
        Assert.InRange(missed, 1, 33);
    }

    [Theory]
    [InlineData(0.95, 0.05)]
    [InlineData(0.90, 0.05)]
    public void Ratio_test_keeps_its_errors(double rate, double error)
    {
        int wrong = 0;
        for (int run = 0; run < 1000; run++)
        {
            SeededRandom random = SeededRandom.For(5, "sprt", $"{run}");
            SequentialProbabilityRatioTest test = new(0.90, 0.95);
            while (test.Observe(random.NextDouble() < rate) == SequentialDecision.Undecided) { }
            wrong += test.Decision == (rate > 0.92 ? SequentialDecision.Bad : SequentialDecision.Good) ? 1 : 0;
        }
        // 1000 runs at 5 % exceed 72 once in a thousand.
        Assert.InRange(wrong, 1, error * 1000 + 22);
    }

    [Fact]
    public void Ratio_test_accepts_a_model_that_never_fails_after_ln20_over_the_step()
    {
        SequentialProbabilityRatioTest test = new(0.90, 0.95);
        while (test.Observe(true) == SequentialDecision.Undecided) { }
        Assert.Equal((long)Math.Ceiling(Math.Log(20) / Math.Log(0.95 / 0.90)), test.Count);
    }

    [Fact]
    public void Bootstrap_is_seeded_and_brackets_the_mean()
    {
        double[] values = Enumerable.Range(1, 40).Select(i => Math.Sqrt(i)).ToArray();
        double Mean(IReadOnlyList<int> rows) => rows.Average(i => values[i]);
        Interval percentile = Bootstrap.Percentile(40, Mean, 9);
        Interval bca = Bootstrap.BiasCorrectedAccelerated(40, Mean, 9);
        Assert.Equal(percentile, Bootstrap.Percentile(40, Mean, 9));
        Assert.True(percentile.Contains(values.Average()) && bca.Contains(values.Average()));
        double se = Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / 40 / 40);
        Assert.InRange(percentile.Width / (2 * 1.96 * se), 0.9, 1.1);
        Assert.InRange(bca.Width / percentile.Width, 0.9, 1.1);
    }

    [Fact]
    public void Clustered_error_of_repeated_cases_is_that_of_the_cases()
    {
        double[] values = [1, 0, 1, 1, 0, 1];
        double[] doubled = values.SelectMany(v => new[] { v, v }).ToArray();
        int[] clusters = Enumerable.Range(0, 12).Select(i => i / 2).ToArray();
        double mean = values.Average();
        double expected = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / 5 / 6);
        Assert.Equal(expected, ClusterRobust.StandardError(values, [0, 1, 2, 3, 4, 5]), 12);
        Assert.Equal(expected, ClusterRobust.StandardError(doubled, clusters), 12);
    }

    [Property(MaxTest = 200)]
    public void Levenshtein_agrees_with_its_recursion(char[] a, char[] b)
    {
        string x = new(a.Take(6).Select(c => (char)('a' + c % 3)).ToArray());
        string y = new(b.Take(6).Select(c => (char)('a' + c % 3)).ToArray());
        Assert.Equal(Recurse(x, y), EditDistance.Levenshtein(x, y));
        Assert.InRange(EditDistance.OptimalStringAlignment(x, y), 0, EditDistance.Levenshtein(x, y));

        static int Recurse(string s, string t) =>
            s.Length == 0 ? t.Length
            : t.Length == 0 ? s.Length
            : s[^1] == t[^1] ? Recurse(s[..^1], t[..^1])
            : 1 + Math.Min(Recurse(s[..^1], t[..^1]), Math.Min(Recurse(s[..^1], t), Recurse(s, t[..^1])));
    }

    [Fact]
    public void A_constant_list_correlates_with_nothing_whatever_its_mean_rounds_to()
    {
        // The mean of three times 0.1 is not 0.1 in binary.
        foreach (double value in (double[])[0, 0.1, -0.7, 1e-300, 1e300])
        {
            double[] constant = [value, value, value];
            Assert.Equal(double.NaN, RankCorrelation.Pearson(constant, [1, 2, 4]));
            Assert.Equal(double.NaN, RankCorrelation.Pearson([1, 2, 4], constant));
        }
    }
}
