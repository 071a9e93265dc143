using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class NgramModelTests
{
    // Id 0 opens and closes a row.
    private static readonly int[][] s_rows =
    [
        [0, 1, 2, 0],
        [0, 1, 1, 0],
    ];

    [Fact]
    public void WittenBellFollowsItsFormula()
    {
        WittenBellModel model = new(s_rows, vocabulary: 3, order: 2);
        // One id: 1 three times, 0 twice, 2 once; three kinds among six, the rest shared out evenly.
        Assert.Equal((3 + 3 * (1.0 / 3)) / (6 + 3), model.Probability([1], 0), 12);
        // After 0 always 1, twice, one kind.
        Assert.Equal((2 + 1 * (4.0 / 9)) / (2 + 1), model.Probability([0, 1], 1), 12);
        // After 2 once 0.
        Assert.Equal((0 + 1 * (4.0 / 9)) / (1 + 1), model.Probability([2, 1], 1), 12);
    }

    [Fact]
    public void KneserNeyFollowsItsFormula()
    {
        KneserNeyModel model = new(s_rows, vocabulary: 3, order: 2);
        // Different ids before 1: two, before 2: one, before 0: two. Too few n-grams to estimate discounts: .5, 1, 1.5.
        double one = (2 - 1.0) / 5 + (0.5 + 2 * 1.0) / 5 / 3;
        double two = (1 - 0.5) / 5 + (0.5 + 2 * 1.0) / 5 / 3;
        Assert.Equal(one, model.Probability([1], 0), 12);
        Assert.Equal(two, model.Probability([2], 0), 12);
        // After 0 twice 1; after 1 once each 2, 1 and 0.
        Assert.Equal((2 - 1.0) / 2 + 1.0 / 2 * one, model.Probability([0, 1], 1), 12);
        Assert.Equal((1 - 0.5) / 3 + 1.5 / 3 * two, model.Probability([1, 2], 1), 12);
        // Nothing was ever seen after an id that never comes: the shorter model answers.
        Assert.Equal(
            model.Nats([
                [0, 1, 2],
            ])[0],
            -Math.Log(model.Probability([0, 1], 1)) - Math.Log(0.3),
            12
        );
    }

    [Fact]
    public void DiscountsComeFromCountsOfCounts()
    {
        double y = 10 / 18.0;
        double[] discounts = KneserNeyModel.Discounts([0, 10, 4, 2, 1]);
        Assert.Equal(0, discounts[0]);
        Assert.Equal(1 - 2 * y * 4 / 10, discounts[1], 12);
        Assert.Equal(2 - 3 * y * 2 / 4, discounts[2], 12);
        Assert.Equal(3 - 4 * y * 1 / 2, discounts[3], 12);
        Assert.Equal([0, 0.5, 1, 1.5], KneserNeyModel.Discounts([0, 10, 4, 0, 1]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ProbabilitiesSumToOneAndEqualTheSlowTwins(int seed)
    {
        const int Vocabulary = 7;
        int[][] rows = Rows(seed, 60, Vocabulary);
        KneserNeyModel kneserNey = new(rows, Vocabulary, 4);
        WittenBellModel wittenBell = new(rows, Vocabulary, 4);
        SlowKneserNey twin = new(rows, Vocabulary, 4);
        foreach (int[] row in Rows(seed + 100, 20, Vocabulary))
        {
            for (int at = 1; at < row.Length; at++)
            {
                double first = 0;
                double second = 0;
                for (int id = 0; id < Vocabulary; id++)
                {
                    int[] asked = [.. row[..at], id];
                    double p = kneserNey.Probability(asked, at);
                    Assert.InRange(p, 1e-9, 1);
                    Assert.Equal(twin.Probability(asked), p, 10);
                    first += p;
                    second += wittenBell.Probability(asked, at);
                }
                Assert.Equal(1, first, 10);
                Assert.Equal(1, second, 10);
            }
        }
    }

    // Ids that depend on the one before, so that counts of all sizes come about.
    private static int[][] Rows(int seed, int count, int vocabulary)
    {
        Random random = new(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ =>
                {
                    List<int> row = [0];
                    int length = random.Next(1, 12);
                    for (int i = 0; i < length; i++)
                    {
                        int near = 1 + (row[^1] + random.Next(2)) % (vocabulary - 2);
                        row.Add(random.NextDouble() < 0.7 ? near : random.Next(1, vocabulary - 1));
                    }
                    return (int[])[.. row, 0];
                }),
        ];
    }

    /// <summary>Modified Kneser-Ney by its definition, with lists in place of indexes.</summary>
    private sealed class SlowKneserNey(int[][] rows, int vocabulary, int order)
    {
        // All n-grams of a length that end after the first id of a row, with whether each begins its row.
        private List<(string Gram, bool First)> Grams(int n) =>
            [
                .. rows.SelectMany(row =>
                    Enumerable
                        .Range(1, row.Length - 1)
                        .Where(end => end - n + 1 >= 0)
                        .Select(end => (string.Join(' ', row[(end - n + 1)..(end + 1)]), end - n + 1 == 0 && n > 1))
                ),
            ];

        private Dictionary<string, int> Counts(int n)
        {
            Dictionary<string, int> counts = [];
            foreach (IGrouping<string, (string Gram, bool First)> gram in Grams(n).GroupBy(g => g.Gram))
            {
                counts[gram.Key] =
                    n == order || gram.First().First
                        ? gram.Count()
                        : Grams(n + 1)
                            .Select(g => g.Gram)
                            .Distinct()
                            .Count(g => g[(g.IndexOf(' ', StringComparison.Ordinal) + 1)..] == gram.Key);
            }
            return counts;
        }

        private readonly Dictionary<int, Dictionary<string, int>> _counts = [];

        public double Probability(int[] ids) => Probability(ids[Math.Max(0, ids.Length - order)..], 0);

        private double Probability(int[] ids, int from)
        {
            if (from == ids.Length)
            {
                return 1.0 / vocabulary;
            }
            int n = ids.Length - from;
            if (!_counts.TryGetValue(n, out Dictionary<string, int>? counts))
            {
                counts = _counts[n] = Counts(n);
            }
            int[] kinds = [.. Enumerable.Range(0, 5).Select(k => counts.Values.Count(c => c == k))];
            double[] discounts = KneserNeyModel.Discounts(kinds);
            string context = string.Concat(ids[from..^1].Select(id => $"{id} "));
            int[] alike =
            [
                .. counts
                    .Where(c =>
                        c.Key.StartsWith(context, StringComparison.Ordinal)
                        && !c.Key[context.Length..].Contains(' ', StringComparison.Ordinal)
                    )
                    .Select(c => c.Value),
            ];
            double shorter = Probability(ids, from + 1);
            if (alike.Length == 0)
            {
                return shorter;
            }
            int count = counts.GetValueOrDefault(string.Join(' ', ids[from..]));
            double taken = alike.Sum(c => discounts[Math.Min(3, c)]);
            return (Math.Max(0, count - discounts[Math.Min(3, count)]) + taken * shorter) / alike.Sum();
        }
    }
}
