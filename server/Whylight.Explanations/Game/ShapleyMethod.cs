using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary>Estimates the Shapley values of a game's players.</summary>
/// <param name="game">The game.</param>
/// <param name="options">Budget, and whether an estimate will do.</param>
/// <param name="random">Draws what is sampled.</param>
/// <param name="progress">Given better and better answers; null when nobody looks.</param>
/// <param name="cancellation">Checked between blocks.</param>
internal delegate Task<PlayerValues> ShapleyEstimate(
    IGame game,
    ShapleyOptions options,
    SeededRandom random,
    IProgress<PlayerValues>? progress,
    CancellationToken cancellation
);

/// <summary>Shapley values of the features, exact when 2^n fits the budget, else estimated in one way or another.</summary>
/// <param name="name">Name on the command line.</param>
/// <param name="estimate">The way.</param>
internal sealed class ShapleyMethod(string name, ShapleyEstimate estimate) : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => name;

    /// <summary><c>shapley</c>: by regression on paired coalitions.</summary>
    public static ShapleyMethod ByRegression { get; } = new("shapley", ShapleyEstimator.EstimateAsync);

    /// <summary><c>permutation-shapley</c>: by sampled orders of the features, each with its reverse.</summary>
    public static ShapleyMethod ByPermutations { get; } = new("permutation-shapley", PermutationShapley.EstimateAsync);

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        TextGame game = await TextGame
            .OpenAsync(model, request, priority, cancellation: cancellation)
            .ConfigureAwait(false);
        PlayerValues values = await estimate(
                game.Value,
                new ShapleyOptions { Budget = request.Budget, Exact = request.Exact },
                new SeededRandom(request.Seed),
                Relay<PlayerValues>.To(progress, partial => Frame(game, partial)),
                cancellation
            )
            .ConfigureAwait(false);
        return Frame(game, values);
    }

    private Explanation Frame(TextGame game, PlayerValues values) =>
        game.Frame(Name, values) with
        {
            Note =
                values.Estimator == "enumeration"
                    ? "Exact Shapley values; absent features make texts nobody would write."
                    : "Estimated Shapley values with standard errors; absent features make texts nobody would write.",
        };
}
