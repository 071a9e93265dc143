namespace Whylight.Explanations.Game;

/// <summary>A game given by a function of its coalitions, such as a table or a surrogate.</summary>
/// <param name="players">Number of players.</param>
/// <param name="value">The value of a coalition; asked once for each.</param>
public sealed class FunctionGame(int players, Func<Coalition, double> value) : MemoizedGame(players)
{
    /// <summary>A game given by all its values.</summary>
    /// <param name="valuesByBitmask">Value of coalition m at index m, bit i of m = player i present; length 2^n.</param>
    public static FunctionGame FromTable(IReadOnlyList<double> valuesByBitmask)
    {
        int players = System.Numerics.BitOperations.Log2((uint)Math.Max(1, valuesByBitmask.Count));
        if (valuesByBitmask.Count != 1 << players)
        {
            throw new ArgumentException("a table game needs 2^n values", nameof(valuesByBitmask));
        }
        return new FunctionGame(players, coalition => valuesByBitmask[(int)coalition.Bits]);
    }

    /// <inheritdoc/>
    protected override Task<double[]> EvaluateBlockAsync(
        IReadOnlyList<Coalition> block,
        CancellationToken cancellation
    ) => Task.FromResult(block.Select(value).ToArray());
}
