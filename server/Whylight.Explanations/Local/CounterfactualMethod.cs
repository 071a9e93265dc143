using Whylight.Explanations.Game;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary><c>counterfactual</c>: small edits of the text that change the prediction, each verified by a real call.</summary>
/// <remarks>
/// Deletions: proposed by every minimal set of features where all coalitions fit the budget, else by the best order of single deletions.
/// A coalition only proposes; the edited text itself is predicted, and only what the model then says counts. All smaller deletions
/// are then tried on the text too, as far as the budget goes. Substitutions: see <see cref="SubstitutionSearch"/>. A target label asks
/// for that label; without one, any other than the predicted will do.
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
        int predicted = game.Prediction.LabelIndex;
        FlipGoal goal = new(
            predicted,
            request.TargetLabel is not null && game.Target.Target != predicted ? game.Target.Target : null
        );
        if (model.Info.Labels.Count < 2)
        {
            throw new ExplanationException("the model has one label only, so no edit can change what it predicts");
        }
        Verifier verifier = new(game, goal, priority);
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
            ? await EnumerateAsync(game, goal, cancellation).ConfigureAwait(false)
            : await DeletionSearch.ProposeAsync(game, goal, request.Budget - room, cancellation).ConfigureAwait(false);
        List<Counterfactual> found = [];
        foreach (Coalition deleted in proposals)
        {
            if (found.Count == MostListed || verifier.Left < 1)
            {
                break;
            }
            Counterfactual? flip = await verifier
                .ReduceAsync(Deletions(game, deleted.Members()), cancellation)
                .ConfigureAwait(false);
            if (flip is not null && found.All(f => f.Text != flip.Text))
            {
                found.Add(flip);
            }
        }
        bool smallest = await SmallerAsync(game, verifier, found, cancellation).ConfigureAwait(false);
        Explanation Frame(SubstitutionSearch? search) =>
            game.Frame(Name, enumerated ? "enumeration" : "greedy-search") with
            {
                Target = goal.To is { } to ? model.Info.Labels[to] : game.Prediction.Label,
                ModelCalls = game.ModelCalls + verifier.Texts,
                Converged = found.Count > 0,
                Counterfactuals = [.. found.OrderBy(f => f.Edits.Count)],
                Note = NoteOf(found, smallest, proposals.Count, search),
            };
        progress?.Report(Frame(null));
        SubstitutionSearch search = new(game, goal, verifier, priority);
        found.AddRange(await search.FindAsync(MostListed, cancellation).ConfigureAwait(false));
        return Frame(search);
    }

    private static string NoteOf(List<Counterfactual> found, bool smallest, int proposals, SubstitutionSearch? search)
    {
        bool deletions = found.Any(f => f.Edits.Any(e => e.Replacement.Length == 0));
        string note =
            smallest && deletions ? Sentence(Message.NoteSmallestDeletions)
            : smallest ? Sentence(Message.NoteNoDeletion)
            : found.Count > 0 ? Sentence(Message.NoteSmallestFound)
            : proposals > 0 ? Sentence(Message.NoteOnlyUnderAbsence)
            : Sentence(Message.NoteNoFlip);
        return search switch
        {
            { HasWords: false } => $"{note} {Sentence(Message.NoteNoWords)}",
            { TriedAllSingles: true } when found.All(f => f.Edits.Count > 1 || f.Edits[0].Replacement.Length == 0) =>
                $"{note} {Sentence(Message.NoteNoSubstitution)}",
            _ => note,
        };
        static string Sentence(Message message) => Messages.English[message];
    }

    private static TextEdit[] Deletions(TextGame game, IEnumerable<int> features) =>
        [
            .. features.Select(i =>
            {
                Feature feature = game.Features.Features[i];
                return TextEdit.Deletion(game.Request.Text, feature.Start, feature.End);
            }),
        ];

    // Tries all deletions smaller than the smallest found, on the text itself: true where none flips and all fitted the budget.
    private static async Task<bool> SmallerAsync(
        TextGame game,
        Verifier verifier,
        List<Counterfactual> found,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        int most = found.Count == 0 ? n : found.Min(f => f.Edits.Count) - 1;
        for (int size = 1; size <= most; size++)
        {
            // Substitutions are to have their turn, the more so where no deletion is in sight.
            if (Combinatorics.Choose(n, size) > verifier.Left / (found.Count > 0 ? 2 : 4))
            {
                return false;
            }
            IReadOnlyList<TextEdit>[] sets = [.. Sets(n, size).Select(s => Deletions(game, s))];
            string[] texts = [.. sets.Select(s => TextEdit.Apply(game.Request.Text, s))];
            int[] asked = [.. Enumerable.Range(0, sets.Length).Where(k => !string.IsNullOrWhiteSpace(texts[k]))];
            if (
                await verifier.PredictAsync([.. asked.Select(k => texts[k])], cancellation).ConfigureAwait(false)
                is not { } predictions
            )
            {
                return false;
            }
            Counterfactual[] flips =
            [
                .. asked
                    .Select((k, at) => new Counterfactual(texts[k], sets[k], predictions[at], true))
                    .Where(c => verifier.Flips(c.Prediction)),
            ];
            if (flips.Length > 0)
            {
                found.InsertRange(0, flips.DistinctBy(f => f.Text).Take(MostListed));
                found.RemoveRange(Math.Min(MostListed, found.Count), Math.Max(0, found.Count - MostListed));
                return true;
            }
        }
        return true;
    }

    private static IEnumerable<int[]> Sets(int n, int size)
    {
        int[] set = [.. Enumerable.Range(0, size)];
        while (true)
        {
            yield return [.. set];
            int k = size - 1;
            while (k >= 0 && set[k] == n - size + k)
            {
                k--;
            }
            if (k < 0)
            {
                yield break;
            }
            set[k]++;
            for (int j = k + 1; j < size; j++)
            {
                set[j] = set[j - 1] + 1;
            }
        }
    }

    private static async Task<IReadOnlyList<Coalition>> EnumerateAsync(
        TextGame game,
        FlipGoal goal,
        CancellationToken cancellation
    )
    {
        Coalition[] all =
        [
            .. Enumerable.Range(0, 1 << game.Players).Select(m => Coalition.FromBits(game.Players, (ulong)m)),
        ];
        double[][] logits = await game.LogitsAsync(all, cancellation).ConfigureAwait(false);
        double[] keeps = [.. logits.Select(l => goal.Met(TextGame.Best(l, game.Model.Info.RestIndex)) ? 0.0 : 1.0)];
        return [.. LabelTable.MinimalDeletions(keeps).Select(m => Coalition.FromBits(game.Players, (ulong)m))];
    }
}
