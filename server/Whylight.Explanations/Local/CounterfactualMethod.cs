using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary><c>counterfactual</c>: small edits of the text that change the prediction, each verified by a real call.</summary>
/// <remarks>
/// Deletions: every smallest set where all coalitions fit the budget; else the best order of single deletions, cut down until
/// no deletion can be taken back. Substitutions: words whose embedding change moves the margin most to first order (HotFlip:
/// Ebrahimi et al. 2018), up to three, cut down alike. A coalition only proposes; the edited text itself is predicted, and only
/// what the model then says counts.
/// </remarks>
public sealed class CounterfactualMethod : IExplanationMethod
{
    private const int MostListed = 3;

    /// <inheritdoc/>
    public string Name => "counterfactual";

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
        Verifier verifier = new(game, priority);
        // Verification costs calls too: room for some is kept.
        int room = Math.Min(32, request.Budget / 4);
        bool enumerated = Enumeration.Fits(game.Players, request.Budget - room);
        if (!enumerated && request.Exact)
        {
            throw new ExplanationException(
                $"the smallest deletions among {game.Players} features need 2^{game.Players} model calls and {room} to verify "
                    + $"them, and the budget is {request.Budget}: raise --budget, choose coarser --features, or leave out --exact"
            );
        }
        IReadOnlyList<Coalition> proposals = enumerated
            ? await EnumerateAsync(game, cancellation).ConfigureAwait(false)
            : await DeletionSearch.ProposeAsync(game, request.Budget - room, cancellation).ConfigureAwait(false);
        List<Counterfactual> found = [];
        foreach (Coalition deleted in proposals)
        {
            if (found.Count == MostListed || game.ModelCalls + verifier.Texts >= request.Budget)
            {
                break;
            }
            if (await verifier.DeletionsAsync(deleted, cancellation).ConfigureAwait(false) is { } flip)
            {
                if (found.All(f => f.Text != flip.Text))
                {
                    found.Add(flip);
                }
            }
        }
        progress?.Report(Frame(game, verifier, found, enumerated));
        int left = request.Budget - game.ModelCalls - verifier.Texts;
        if (left > 1)
        {
            found.AddRange(await verifier.SubstitutionsAsync(left, MostListed, cancellation).ConfigureAwait(false));
        }
        return Frame(game, verifier, found, enumerated);
    }

    private Explanation Frame(TextGame game, Verifier verifier, List<Counterfactual> found, bool enumerated) =>
        game.Frame(Name, enumerated ? "enumeration" : "greedy-search") with
        {
            Target = game.Prediction.Label,
            ModelCalls = game.ModelCalls + verifier.Texts,
            Converged = found.Count > 0,
            Counterfactuals = [.. found.OrderBy(f => f.Edits.Count)],
            Note =
                found.Count == 0
                    ? "No edit found within the budget changes the prediction; that is no proof that none does."
                : enumerated
                    ? "Deletions are the smallest there are under the absence stated, and verified on the edited text."
                : "Smallest found, verified on the edited text; a smaller one may exist.",
        };

    private static async Task<IReadOnlyList<Coalition>> EnumerateAsync(TextGame game, CancellationToken cancellation)
    {
        double[] table = await Enumeration.TabulateAsync(game.Keeps, cancellation).ConfigureAwait(false);
        return [.. LabelTable.MinimalDeletions(table).Select(m => Coalition.FromBits(game.Players, (ulong)m))];
    }
}
