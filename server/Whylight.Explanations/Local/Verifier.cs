using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary>Predicts edited texts within a budget, and cuts edits down until none can be left out.</summary>
internal sealed class Verifier(TextGame game, FlipGoal goal, WorkPriority priority)
{
    private readonly Dictionary<string, Prediction> _known = [];

    /// <summary>Distinct edited texts predicted.</summary>
    public int Texts => _known.Count;

    /// <summary>Model calls that are left of the request's budget.</summary>
    public int Left => game.Request.Budget - game.ModelCalls - Texts;

    /// <summary>Whether a prediction is what is wanted.</summary>
    public bool Flips(Prediction prediction) => goal.Met(prediction.LabelIndex);

    /// <summary>
    /// The smallest part of some edits that still flips the text, or null where even all of them do not, leave no text, or
    /// the budget ends first. <see cref="Counterfactual.Minimal"/> is false where the budget ended while cutting down.
    /// </summary>
    public async Task<Counterfactual?> ReduceAsync(IReadOnlyList<TextEdit> edits, CancellationToken cancellation)
    {
        string whole = game.Request.Text;
        List<TextEdit> kept = [.. edits];
        string text = TextEdit.Apply(whole, kept);
        if (
            string.IsNullOrWhiteSpace(text)
            || text == whole
            || await PredictAsync([text], cancellation).ConfigureAwait(false) is not [Prediction prediction]
            || !Flips(prediction)
        )
        {
            return null;
        }
        bool minimal = kept.Count == 1;
        while (!minimal)
        {
            string[] fewer = [.. kept.Select(e => TextEdit.Apply(whole, kept.Where(x => x != e)))];
            if (await PredictAsync(fewer, cancellation).ConfigureAwait(false) is not { } predictions)
            {
                break;
            }
            int still = Enumerable.Range(0, fewer.Length).FirstOrDefault(k => Flips(predictions[k]), -1);
            if (still < 0)
            {
                minimal = true;
                break;
            }
            kept.RemoveAt(still);
            (text, prediction) = (fewer[still], predictions[still]);
            minimal = kept.Count == 1;
        }
        return new Counterfactual(text, [.. kept.OrderBy(e => e.Start)], prediction, minimal);
    }

    /// <summary>Predictions of texts, each asked once; null where they do not fit what is left of the budget.</summary>
    public async Task<IReadOnlyList<Prediction>?> PredictAsync(
        IReadOnlyList<string> texts,
        CancellationToken cancellation
    )
    {
        string[] missing = [.. texts.Where(t => !_known.ContainsKey(t)).Distinct(StringComparer.Ordinal)];
        if (missing.Length > Left)
        {
            return null;
        }
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
