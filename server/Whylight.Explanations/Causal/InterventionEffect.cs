using MathNet.Numerics.Distributions;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Causal;

/// <summary>What changing one thing in texts does to a label's probability, on average.</summary>
/// <param name="Target">The label.</param>
/// <param name="Effect">Mean of p(target | changed) - p(target | as it was).</param>
/// <param name="StandardError">Of that mean; null below two texts.</param>
/// <param name="Interval">95 % interval by Student's t; null below two texts.</param>
/// <param name="FlipRate">Share of texts whose predicted label changes.</param>
/// <param name="Effects">The change of each text, in order.</param>
/// <param name="Texts">Texts that could be changed.</param>
/// <param name="Unchanged">Texts to which the intervention does not apply; they are left out.</param>
public sealed record InterventionResult(
    string Target,
    double Effect,
    double? StandardError,
    Interval? Interval,
    double FlipRate,
    IReadOnlyList<double> Effects,
    int Texts,
    int Unchanged
);

/// <summary>Average causal effects on a model's prediction: the model is asked, so the effect is of the edit made and no other.</summary>
public static class InterventionEffect
{
    /// <summary>Measures an intervention on texts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="intervene">The changed text, or null where the intervention does not apply.</param>
    /// <param name="target">The label watched.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <exception cref="ExplanationException">No such label, or no text to which the intervention applies.</exception>
    public static async Task<InterventionResult> MeasureAsync(
        ITextClassifier model,
        IReadOnlyList<string> texts,
        Func<string, string?> intervene,
        string target,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        int label = TargetValue.LabelIndex(model.Info, target);
        List<string> before = [];
        List<string> after = [];
        foreach (string text in texts)
        {
            if (intervene(text) is { } changed && changed != text)
            {
                before.Add(text);
                after.Add(changed);
            }
        }
        if (before.Count == 0)
        {
            throw new ExplanationException(
                "the intervention changes none of the texts, so there is no effect to measure"
            );
        }
        IReadOnlyList<Prediction> first = await model
            .PredictAsync(before, priority, cancellation)
            .ConfigureAwait(false);
        IReadOnlyList<Prediction> second = await model
            .PredictAsync(after, priority, cancellation)
            .ConfigureAwait(false);
        double[] effects = [.. first.Zip(second, (a, b) => b.Probabilities[label] - a.Probabilities[label])];
        int n = effects.Length;
        double mean = effects.Average();
        double? error = n < 2 ? null : Math.Sqrt(effects.Sum(e => (e - mean) * (e - mean)) / (n - 1) / n);
        Interval? interval = null;
        if (error is { } se)
        {
            double t = StudentT.InvCDF(0, 1, n - 1, 0.975);
            interval = new Interval(mean - t * se, mean + t * se);
        }
        return new InterventionResult(
            target,
            mean,
            error,
            interval,
            first.Zip(second, (a, b) => a.LabelIndex != b.LabelIndex ? 1.0 : 0.0).Average(),
            effects,
            n,
            texts.Count - n
        );
    }

    /// <summary>Replaces every whole word of one class by its partner; null where the text has none.</summary>
    /// <param name="partners">Word to partner; letter case of the first letter is kept.</param>
    public static Func<string, string?> ReplaceWords(IReadOnlyDictionary<string, string> partners)
    {
        Dictionary<string, string> lookup = new(partners, StringComparer.OrdinalIgnoreCase);
        return text =>
        {
            System.Text.StringBuilder changed = new();
            int from = 0;
            bool any = false;
            foreach ((int start, int end) in TextUnits.Of(text, FeatureKind.Word))
            {
                if (lookup.TryGetValue(text[start..end], out string? partner) && partner.Length > 0)
                {
                    changed.Append(text, from, start - from);
                    changed.Append(char.IsUpper(text[start]) ? char.ToUpperInvariant(partner[0]) : partner[0]);
                    changed.Append(partner, 1, partner.Length - 1);
                    from = end;
                    any = true;
                }
            }
            return any ? changed.Append(text, from, text.Length - from).ToString() : null;
        };
    }

    /// <summary>
    /// Agreement of attributions with measured effects: Spearman correlation of the score that an explanation gives the changed
    /// feature with minus the effect of changing it; null below three texts or where one side does not vary.
    /// </summary>
    public static double? Agreement(IReadOnlyList<double> scores, IReadOnlyList<double> effects)
    {
        if (scores.Count < 3)
        {
            return null;
        }
        double spearman = RankCorrelation.Spearman(scores, [.. effects.Select(e => -e)]);
        return double.IsNaN(spearman) ? null : spearman;
    }
}
