using System.Runtime.InteropServices;

namespace Whylight.Models.Training;

/// <summary>
/// Interpolated modified Kneser-Ney (Chen and Goodman 1998): three discounts an order, estimated from the counts of counts; shorter n-grams
/// count the different ids seen before them, not their occurrences; the shortest falls back to a uniform choice.
/// </summary>
internal sealed class KneserNeyModel : NgramModel
{
    private sealed class Context
    {
        public long Total;

        // Continuations seen once, twice and more often.
        public int Once;
        public int Twice;
        public int More;
    }

    private readonly Dictionary<UInt128, int> _counts = [];
    private readonly Dictionary<UInt128, Context> _contexts = [];
    private readonly double[][] _discounts;

    /// <summary>Counts the n-grams of rows of ids; the first id of a row is context only and never comes again in it but as its last.</summary>
    public KneserNeyModel(IEnumerable<int[]> rows, int vocabulary, int order = 5)
        : base(vocabulary, order)
    {
        // Longest n-grams and those at a row's start keep their occurrences: nothing shorter or earlier stands for them.
        HashSet<UInt128> seen = [];
        foreach (int[] row in rows)
        {
            for (int i = 1; i < row.Length; i++)
            {
                int longest = Math.Min(order, i + 1);
                Add(Key(row, i - longest + 1, i + 1));
                for (int n = longest; n > 1 && seen.Add(Key(row, i - n + 1, i + 1)); n--)
                {
                    Add(Key(row, i - n + 2, i + 1));
                }
            }
        }
        int[][] kinds = [.. Enumerable.Range(0, order + 1).Select(_ => new int[5])];
        foreach ((UInt128 key, int count) in _counts)
        {
            int n = (int)(key >> 120);
            if (count < 5)
            {
                kinds[n][count]++;
            }
            ref Context? context = ref CollectionsMarshal.GetValueRefOrAddDefault(_contexts, Before(key, n), out _);
            context ??= new();
            context.Total += count;
            context.Once += count == 1 ? 1 : 0;
            context.Twice += count == 2 ? 1 : 0;
            context.More += count > 2 ? 1 : 0;
        }
        _discounts = [.. kinds.Select(Discounts)];
    }

    /// <inheritdoc/>
    public override double Probability(int[] row, int at)
    {
        double p = 1.0 / Vocabulary;
        for (int n = 1; n <= Math.Min(Order, at + 1); n++)
        {
            if (!_contexts.TryGetValue(Before(Key(row, at - n + 1, at + 1), n), out Context? context))
            {
                break;
            }
            double[] discount = _discounts[n];
            int count = _counts.GetValueOrDefault(Key(row, at - n + 1, at + 1));
            double taken = discount[1] * context.Once + discount[2] * context.Twice + discount[3] * context.More;
            p = (count - discount[Math.Min(3, count)] + taken * p) / context.Total;
        }
        return p;
    }

    /// <summary>Discounts of counts 0, 1, 2 and more, from how many n-grams have count 1, 2, 3 and 4.</summary>
    internal static double[] Discounts(int[] kinds)
    {
        double[] fallback = [0, 0.5, 1, 1.5];
        if (kinds[1] == 0 || kinds[2] == 0 || kinds[3] == 0)
        {
            return fallback;
        }
        double y = kinds[1] / (kinds[1] + 2.0 * kinds[2]);
        double[] discounts = [0, 0, 0, 0];
        for (int k = 1; k <= 3; k++)
        {
            discounts[k] = k - (k + 1) * y * kinds[k + 1] / kinds[k];
            if (discounts[k] < 0)
            {
                return fallback;
            }
        }
        return discounts;
    }

    private void Add(UInt128 key) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;

    // The key of an n-gram's context; that of single ids is told from n-grams by its zero length.
    private static UInt128 Before(UInt128 key, int n) =>
        ((key & (((UInt128)1 << 120) - 1)) >> 20) | ((UInt128)(uint)(n - 1) << 120);
}
