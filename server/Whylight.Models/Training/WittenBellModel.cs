namespace Whylight.Models.Training;

/// <summary>Witten-Bell interpolation (Witten and Bell 1991) from the longest context down to a uniform choice among the vocabulary.</summary>
internal sealed class WittenBellModel : NgramModel
{
    private readonly Dictionary<UInt128, int> _counts = [];
    private readonly Dictionary<UInt128, (int Total, int Kinds)> _contexts = [];

    /// <summary>Counts the n-grams of rows of ids; the first id of a row is context only.</summary>
    public WittenBellModel(IEnumerable<int[]> rows, int vocabulary, int order = 5)
        : base(vocabulary, order)
    {
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

    /// <inheritdoc/>
    public override double Probability(int[] row, int at)
    {
        double p = 1.0 / Vocabulary;
        for (int n = 1; n <= Math.Min(Order, at + 1); n++)
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
}
