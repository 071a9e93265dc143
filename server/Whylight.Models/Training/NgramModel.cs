namespace Whylight.Models.Training;

/// <summary>
/// The interpolated n-gram model a small language model has to beat: Witten-Bell interpolation (Witten and Bell 1991) from
/// the longest context down to a uniform choice among the vocabulary.
/// </summary>
internal sealed class NgramModel
{
    private readonly int _order;
    private readonly int _vocabulary;
    private readonly Dictionary<UInt128, int> _counts = [];
    private readonly Dictionary<UInt128, (int Total, int Kinds)> _contexts = [];

    /// <summary>Counts the n-grams of rows of ids, up to five long.</summary>
    public NgramModel(IEnumerable<int[]> rows, int vocabulary, int order = 5)
    {
        // Each id takes 20 bits, so five of them are a key without collisions.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 5);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabulary, 1 << 20);
        _order = order;
        _vocabulary = vocabulary;
        foreach (int[] row in rows)
        {
            for (int i = 1; i < row.Length; i++)
            {
                for (int n = 1; n <= Math.Min(order, i + 1); n++)
                {
                    UInt128 context = Key(row, i - n + 1, i);
                    UInt128 whole = Key(row, i - n + 1, i + 1);
                    int count = _counts.GetValueOrDefault(whole);
                    _counts[whole] = count + 1;
                    (int total, int kinds) = _contexts.GetValueOrDefault(context);
                    _contexts[context] = (total + 1, count == 0 ? kinds + 1 : kinds);
                }
            }
        }
    }

    /// <summary>Probability of the id at a place of a row, given those before it.</summary>
    public double Probability(int[] row, int at)
    {
        double p = 1.0 / _vocabulary;
        for (int n = 1; n <= Math.Min(_order, at + 1); n++)
        {
            if (!_contexts.TryGetValue(Key(row, at - n + 1, at), out (int Total, int Kinds) context))
            {
                break;
            }
            int count = _counts.GetValueOrDefault(Key(row, at - n + 1, at + 1));
            p = (count + context.Kinds * p) / (context.Total + context.Kinds);
        }
        return p;
    }

    /// <summary>Nats spent on the ids of rows after the first of each.</summary>
    public double Nats(IEnumerable<int[]> rows)
    {
        double nats = 0;
        foreach (int[] row in rows)
        {
            for (int i = 1; i < row.Length; i++)
            {
                nats -= Math.Log(Probability(row, i));
            }
        }
        return nats;
    }

    // Bits 0 to 99 hold the ids, the bits above the number of them.
    private static UInt128 Key(int[] row, int start, int end)
    {
        UInt128 key = (UInt128)(end - start);
        for (int i = start; i < end; i++)
        {
            key = (key << 20) | (UInt128)(uint)row[i];
        }
        return key | ((UInt128)(uint)(end - start) << 120);
    }
}
