using System.Text;
using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary>Predicts edited texts and keeps those that change the label, cut down until no edit can be left out.</summary>
internal sealed class Verifier(TextGame game, WorkPriority priority)
{
    private const int MostSubstitutions = 3;

    private readonly Dictionary<string, Prediction> _known = [];

    /// <summary>Distinct edited texts predicted.</summary>
    public int Texts => _known.Count;

    /// <summary>The smallest part of some deletions that flips the text itself, or null where even all of them do not.</summary>
    public async Task<Counterfactual?> DeletionsAsync(Coalition deleted, CancellationToken cancellation)
    {
        List<int> edits = [.. deleted.Members()];
        return await ReduceAsync(
                edits,
                kept => game.TextOf(Coalition.Of(game.Players, kept).Complement()),
                i => $"delete '{game.Features.Features[i].Text}'",
                cancellation
            )
            .ConfigureAwait(false);
    }

    /// <summary>Texts with one to three words replaced that flip, fewest edits first; none for a model without a network.</summary>
    public async Task<IReadOnlyList<Counterfactual>> SubstitutionsAsync(
        int budget,
        int most,
        CancellationToken cancellation
    )
    {
        if (game.Model is not INetworkClassifier model)
        {
            return [];
        }
        int label = game.Prediction.LabelIndex;
        int spent = Texts;
        Dictionary<int, string> replaced = [];
        string text = game.Request.Text;
        for (int round = 0; round < MostSubstitutions && Texts - spent < budget - 1; round++)
        {
            IReadOnlyList<Substitution> candidates = await HotFlip
                .CandidatesAsync(model, game, replaced, text, label, priority, cancellation)
                .ConfigureAwait(false);
            Substitution[] tried = [.. candidates.Take(Math.Min(96, budget - 1 - (Texts - spent)))];
            if (tried.Length == 0)
            {
                break;
            }
            string[] texts =
            [
                .. tried.Select(c => Replaced(new Dictionary<int, string>(replaced) { [c.Feature] = c.Word })),
            ];
            IReadOnlyList<Prediction> predictions = await PredictAsync(texts, cancellation).ConfigureAwait(false);
            int[] flips =
            [
                .. Enumerable
                    .Range(0, tried.Length)
                    .Where(k => predictions[k].LabelIndex != label)
                    .OrderBy(k => DeletionSearch.Margin(predictions[k].Logits, label))
                    .ThenBy(k => k),
            ];
            if (flips.Length > 0)
            {
                List<Counterfactual> found = [];
                foreach (int k in flips.DistinctBy(k => tried[k].Feature).Take(most))
                {
                    Dictionary<int, string> edits = new(replaced) { [tried[k].Feature] = tried[k].Word };
                    Counterfactual? reduced = await ReduceAsync(
                            [.. edits.Keys.Order()],
                            kept => Replaced(kept.ToDictionary(i => i, i => edits[i])),
                            i => $"replace '{game.Features.Features[i].Text}' with '{edits[i]}'",
                            cancellation
                        )
                        .ConfigureAwait(false);
                    if (reduced is not null && found.All(f => f.Text != reduced.Text))
                    {
                        found.Add(reduced);
                    }
                }
                return found;
            }
            int best = Enumerable
                .Range(0, tried.Length)
                .MinBy(k => DeletionSearch.Margin(predictions[k].Logits, label));
            replaced[tried[best].Feature] = tried[best].Word;
            text = texts[best];
        }
        return [];
    }

    private string Replaced(IReadOnlyDictionary<int, string> words)
    {
        StringBuilder edited = new();
        int from = 0;
        for (int i = 0; i < game.Players; i++)
        {
            if (words.TryGetValue(i, out string? word))
            {
                Feature feature = game.Features.Features[i];
                edited.Append(game.Request.Text, from, feature.Start - from).Append(word);
                from = feature.End;
            }
        }
        return edited.Append(game.Request.Text, from, game.Request.Text.Length - from).ToString();
    }

    private async Task<Counterfactual?> ReduceAsync(
        List<int> edits,
        Func<IReadOnlyList<int>, string> apply,
        Func<int, string> describe,
        CancellationToken cancellation
    )
    {
        int label = game.Prediction.LabelIndex;
        string text = apply(edits);
        Prediction prediction = (await PredictAsync([text], cancellation).ConfigureAwait(false))[0];
        if (prediction.LabelIndex == label)
        {
            return null;
        }
        bool shrunk = true;
        while (shrunk && edits.Count > 1)
        {
            string[] fewer = [.. edits.Select(e => apply([.. edits.Where(x => x != e)]))];
            IReadOnlyList<Prediction> predictions = await PredictAsync(fewer, cancellation).ConfigureAwait(false);
            int still = Enumerable.Range(0, fewer.Length).FirstOrDefault(k => predictions[k].LabelIndex != label, -1);
            shrunk = still >= 0;
            if (shrunk)
            {
                edits.RemoveAt(still);
                (text, prediction) = (fewer[still], predictions[still]);
            }
        }
        return new Counterfactual(text, [.. edits.Select(describe)], prediction, true);
    }

    private async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        CancellationToken cancellation
    )
    {
        string[] missing = [.. texts.Where(t => !_known.ContainsKey(t)).Distinct(StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            IReadOnlyList<Prediction> predictions = await game
                .Model.PredictAsync(missing, priority, cancellation)
                .ConfigureAwait(false);
            for (int k = 0; k < missing.Length; k++)
            {
                _known[missing[k]] = predictions[k];
            }
        }
        return [.. texts.Select(t => _known[t])];
    }
}
