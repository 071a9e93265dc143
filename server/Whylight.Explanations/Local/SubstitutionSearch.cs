using Whylight.Explanations.Game;
using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Explanations.Local;

/// <summary>
/// Finds words to put in the place of words so that the label changes: every single one that the budget allows, the most
/// promising first, then greedily up to three at a time.
/// </summary>
/// <remarks>
/// Promise: to first order where the model has a graph (HotFlip: Ebrahimi et al. 2018), over its whole words or over the words that
/// the user lists. A linear model tries the words of its vocabulary that weigh most; any other model only a user's words, at
/// the places whose absence costs the label most first.
/// </remarks>
internal sealed class SubstitutionSearch(TextGame game, FlipGoal goal, Verifier verifier, WorkPriority priority)
{
    private const int MostEdits = 3;

    // First-order promise fades quickly: calls beyond these are better kept for a second word.
    private const int MostTried = 96;
    private const int LinearWords = 12;

    /// <summary>Whether there are any words to try.</summary>
    public bool HasWords { get; private set; } = true;

    /// <summary>Whether every single substitution there is was tried on the text.</summary>
    public bool TriedAllSingles { get; private set; }

    /// <summary>Texts with one to three words replaced that flip, each minimal; the fewest edits first.</summary>
    public async Task<IReadOnlyList<Counterfactual>> FindAsync(int most, CancellationToken cancellation)
    {
        Dictionary<int, TextEdit> made = [];
        for (int round = 0; round < MostEdits && verifier.Left > 1; round++)
        {
            IReadOnlyList<Substitution> candidates = await CandidatesAsync(made, cancellation).ConfigureAwait(false);
            // What is left pays for this round, for cutting down, and for further rounds: a second word often does it.
            int room = verifier.Left - MostEdits;
            int share =
                candidates.Count <= room / 2 && (game.Request.Words is not null || candidates.Count <= MostTried)
                    ? candidates.Count
                    : Math.Min(MostTried, Math.Max(room / (MostEdits - round), Math.Min(room, 8)));
            Substitution[] tried = [.. candidates.Take(Math.Max(0, share))];
            TriedAllSingles |= round == 0 && candidates.Count > 0 && tried.Length == candidates.Count;
            HasWords &= round > 0 || candidates.Count > 0;
            if (tried.Length == 0)
            {
                return [];
            }
            TextEdit[] edits = [.. tried.Select(Edit)];
            string[] texts = [.. edits.Select(e => TextEdit.Apply(game.Request.Text, [.. made.Values, e]))];
            if (await verifier.PredictAsync(texts, cancellation).ConfigureAwait(false) is not { } predictions)
            {
                return [];
            }
            double[] margins = [.. predictions.Select(p => goal.Margin(p.Logits))];
            int[] flips =
            [
                .. Enumerable
                    .Range(0, tried.Length)
                    .Where(k => verifier.Flips(predictions[k]))
                    .OrderBy(k => margins[k])
                    .ThenBy(k => k)
                    .DistinctBy(k => tried[k].Feature),
            ];
            if (flips.Length > 0)
            {
                List<Counterfactual> found = [];
                foreach (int k in flips)
                {
                    Counterfactual? reduced = await verifier
                        .ReduceAsync([.. made.Values, edits[k]], cancellation)
                        .ConfigureAwait(false);
                    if (reduced is not null && found.Count < most && found.All(f => f.Text != reduced.Text))
                    {
                        found.Add(reduced);
                    }
                }
                return found;
            }
            int best = Enumerable.Range(0, tried.Length).MinBy(k => margins[k]);
            made[tried[best].Feature] = edits[best];
        }
        return [];
    }

    private TextEdit Edit(Substitution substitution)
    {
        Feature feature = game.Features.Features[substitution.Feature];
        return TextEdit.Substitution(game.Request.Text, feature.Start, feature.End, substitution.Word);
    }

    private async Task<IReadOnlyList<Substitution>> CandidatesAsync(
        IReadOnlyDictionary<int, TextEdit> made,
        CancellationToken cancellation
    )
    {
        Func<Feature, IReadOnlyList<string>>? listed = game.Request.Words is { } words
            ? feature => words.Of(feature.Text)
            : null;
        if (game.Model is INetworkClassifier network)
        {
            return await HotFlip
                .CandidatesAsync(network, game, made, goal, listed, priority, cancellation)
                .ConfigureAwait(false);
        }
        if (listed is null && game.Model is LinearClassifier linear)
        {
            IReadOnlyList<string> strongest = linear.StrongestWords(goal.From, goal.To, LinearWords);
            listed = new SubstituteWords(strongest, new Dictionary<string, IReadOnlyList<string>>()) is var own
                ? feature => own.Of(feature.Text)
                : null;
        }
        if (listed is null)
        {
            return [];
        }
        // The places that matter most, three at a time, each with all words in the list's order.
        int n = game.Players;
        Coalition full = Coalition.Full(n);
        int[] places = [.. Enumerable.Range(0, n)];
        if (n + 1 < verifier.Left)
        {
            double[][] singles = await game.LogitsAsync([.. places.Select(full.Without)], cancellation)
                .ConfigureAwait(false);
            places = [.. places.OrderBy(i => goal.Margin(singles[i])).ThenBy(i => i)];
        }
        return
        [
            .. places
                .Where(i => !made.ContainsKey(i))
                .SelectMany(
                    (i, rank) =>
                        listed(game.Features.Features[i])
                            .Select((word, k) => (Substitution: new Substitution(i, word, 0), Rank: rank, Word: k))
                )
                .OrderBy(c => c.Rank / 3)
                .ThenBy(c => c.Word)
                .ThenBy(c => c.Rank)
                .Select(c => c.Substitution),
        ];
    }
}
