using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary>A game that asks for each coalition once, in canonical order and in fixed blocks.</summary>
public abstract class MemoizedGame : IGame
{
    /// <summary>Coalitions evaluated together at most.</summary>
    public const int BlockSize = 64;

    private readonly CoalitionMemo<double> _memo;

    /// <summary>A game of some number of players.</summary>
    protected MemoizedGame(int players)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(players);
        Players = players;
        _memo = new CoalitionMemo<double>(players, EvaluateBlockAsync);
    }

    /// <inheritdoc/>
    public int Players { get; }

    /// <inheritdoc/>
    public int ModelCalls => _memo.Count;

    /// <inheritdoc/>
    public async Task<double[]> EvaluateAsync(
        IReadOnlyList<Coalition> coalitions,
        CancellationToken cancellation = default
    )
    {
        double[] values = await _memo.GetAsync(coalitions, cancellation).ConfigureAwait(false);
        foreach (double value in values)
        {
            CheckFinite(value);
        }
        return values;
    }

    /// <summary>Refuses a value that is not a number: it would poison every sum it enters.</summary>
    internal static void CheckFinite(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ModelException(
                "the value of a coalition is not a finite number; the model's weights may be damaged, or choose another --value"
            );
        }
    }

    /// <summary>Evaluates at most <see cref="BlockSize"/> distinct coalitions, none asked before, in canonical order.</summary>
    protected abstract Task<double[]> EvaluateBlockAsync(
        IReadOnlyList<Coalition> block,
        CancellationToken cancellation
    );
}
