using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary><c>owen</c>: Owen-Winter values over the text's sentences and phrases.</summary>
public sealed class OwenMethod : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "owen";

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
        PlayerValues values = await OwenValues
            .EstimateAsync(
                game.Value,
                PhraseTree.Of(game.Features),
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
                "Owen-Winter values keep phrases together: a quantity of their own, not an approximation of Shapley values.",
        };
}
