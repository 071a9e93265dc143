namespace Whylight.Models.Training;

/// <summary>An n-gram model that a small language model has to beat: probability of an id given the few before it.</summary>
internal abstract class NgramModel
{
    /// <summary>Longest n-gram, at most 5.</summary>
    protected int Order { get; }

    /// <summary>Number of ids.</summary>
    protected int Vocabulary { get; }

    /// <summary>A model of some order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its n-grams do not fit a key.</exception>
    protected NgramModel(int vocabulary, int order)
    {
        // Each id takes 20 bits, so five of them are a key without collisions.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 5);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabulary, 1 << 20);
        (Vocabulary, Order) = (vocabulary, order);
    }

    /// <summary>Probability of the id at a place of a row, given those before it.</summary>
    public abstract double Probability(int[] row, int at);

    /// <summary>Nats spent on the ids of each row after its first.</summary>
    public double[] Nats(IEnumerable<int[]> rows) =>
        [.. rows.Select(row => Enumerable.Range(1, row.Length - 1).Sum(i => -Math.Log(Probability(row, i))))];

    // Bits 0 to 99 hold the ids, the bits above the number of them.
    private protected static UInt128 Key(int[] row, int start, int end)
    {
        UInt128 key = 0;
        for (int i = start; i < end; i++)
        {
            key = (key << 20) | (UInt128)(uint)row[i];
        }
        return key | ((UInt128)(uint)(end - start) << 120);
    }
}
