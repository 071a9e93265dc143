using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary><c>interactions</c>: what pairs of features such as "not good" do together beyond what they do alone.</summary>
public sealed class InteractionsMethod : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "interactions";

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
        InteractionValues values = await InteractionEstimator
            .EstimateAsync(
                game.Value,
                new ShapleyOptions { Budget = request.Budget, Exact = request.Exact },
                new SeededRandom(request.Seed),
                cancellation
            )
            .ConfigureAwait(false);
        Explanation frame = game.Frame(Name, values.Estimator);
        return frame with
        {
            Features =
            [
                .. frame.Features.Select(
                    (f, i) =>
                        f with
                        {
                            Score = values.Singles[i],
                            StandardError = values.Estimator == "enumeration" ? 0 : null,
                        }
                ),
            ],
            Interactions = values.Pairs,
            Value = values.FullValue,
            BaseValue = values.EmptyValue,
            Converged = values.Estimator == "paired-regression" ? null : true,
            Note = values.Estimator switch
            {
                "enumeration" => Messages.English[Message.NotePairsExact],
                "paired-regression" => Messages.English[Message.NotePairsSampled],
                _ => Messages.English[Message.NotePairsStrongest],
            },
        };
    }
}
