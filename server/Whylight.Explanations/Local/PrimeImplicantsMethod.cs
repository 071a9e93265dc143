using Whylight.Explanations.Game;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary><c>prime-implicants</c>: smallest sets of features that keep the prediction whatever else is absent.</summary>
public sealed class PrimeImplicantsMethod : IExplanationMethod
{
    /// <summary>Most reasons listed; there can be exponentially many.</summary>
    private const int MostListed = 64;

    /// <inheritdoc/>
    public string Name => "prime-implicants";

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
        AnchorsMethod.PredictedLabelOnly(Name, game);
        int n = game.Players;
        if (!Enumeration.Fits(n, request.Budget))
        {
            throw new ExplanationException(
                n <= Enumeration.MaxPlayers
                    ? $"prime implicants of {n} features need all {1 << n} coalitions and the budget is {request.Budget}: "
                        + $"pass --budget {1 << n}, or choose coarser --features (phrase, sentence)"
                    : $"prime implicants of {n} features need 2^{n} model calls, more than can be enumerated: choose coarser --features (phrase, sentence)"
            );
        }
        double[] table = await Enumeration.TabulateAsync(game.Keeps, cancellation).ConfigureAwait(false);
        IReadOnlyList<int> reasons = LabelTable.PrimeImplicants(table);
        return game.Frame(Name, "enumeration") with
        {
            Target = game.Prediction.Label,
            Converged = true,
            SufficientReasons =
            [
                .. reasons
                    .Take(MostListed)
                    .Select(m => (IReadOnlyList<int>)[.. Coalition.FromBits(n, (ulong)m).Members()]),
            ],
            Note =
                reasons.Count > MostListed
                    ? Messages.English[Message.NoteReasonsListed, MostListed, reasons.Count]
                    : "Each set alone keeps the prediction whatever else is absent.",
        };
    }
}
