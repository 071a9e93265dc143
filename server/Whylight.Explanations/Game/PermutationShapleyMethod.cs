using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary><c>permutation-shapley</c>: Shapley values by sampled orders of the features, each with its reverse.</summary>
public sealed class PermutationShapleyMethod : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "permutation-shapley";

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
        PlayerValues values = await PermutationShapley
            .EstimateAsync(
                game.Value,
                new ShapleyOptions { Budget = request.Budget, Exact = request.Exact },
                new SeededRandom(request.Seed),
                Relay<PlayerValues>.To(progress, estimate => Frame(game, estimate)),
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
