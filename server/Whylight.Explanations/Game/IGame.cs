namespace Whylight.Explanations.Game;

/// <summary>A cooperative game: a number for every coalition of players. Every perturbation method asks one.</summary>
public interface IGame
{
    /// <summary>Number of players (features), 0 or more.</summary>
    int Players { get; }

    /// <summary>Distinct coalitions asked of this object so far: what the methods that used it cost by themselves.</summary>
    int ModelCalls { get; }

    /// <summary>The values of coalitions, in the order given; a coalition asked before costs nothing.</summary>
    /// <param name="coalitions">Coalitions of <see cref="Players"/> players, repeats allowed.</param>
    /// <param name="cancellation">Checked between blocks of 64.</param>
    /// <exception cref="Models.ModelException">A value is not finite, or the model refuses.</exception>
    Task<double[]> EvaluateAsync(IReadOnlyList<Coalition> coalitions, CancellationToken cancellation = default);
}
