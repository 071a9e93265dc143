using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// The exact decomposition of a linear model's logit by word: what LRP gives for one linear layer. The L2 norm of the text
/// is held fixed, the bias is the remainder, and nothing is left over.
/// </summary>
internal static class LinearExplanation
{
    /// <summary>Whether a value is a linear function of the logits, so that words add up to it.</summary>
    public static bool Fits(ValueKind kind) => kind is ValueKind.Logit or ValueKind.Contrast;

    /// <summary>The decomposition as an explanation.</summary>
    /// <exception cref="ExplanationException">The value is no linear function of the logits.</exception>
    public static Explanation Of(LinearClassifier model, ExplanationRequest request, string method)
    {
        if (!Fits(request.ValueKind))
        {
            throw new ExplanationException(
                $"'{method}' takes logits apart exactly and a {Names.Of(request.ValueKind)} is no sum of words: "
                    + "use --value logit, or the method shapley"
            );
        }
        TokenizedText text = model.Tokenize(request.Text);
        FeatureSet features = FeatureSet.Build(text, request.FeatureKind, request.Fields);
        LinearDecomposition parts = model.Decompose(text);
        TargetValue target = TargetValue.For(model.Info, request, parts.Logits);
        double Part(IReadOnlyList<double> labels) =>
            labels[target.Target] - (target.Contrast < 0 ? 0 : labels[target.Contrast]);
        double[] tokens = [.. parts.Contributions.Select(Part)];
        double[] scores = features.Sum(tokens);
        double value = target.Of(parts.Logits);
        double remainder = Part(parts.Bias) + features.SumRemainder(tokens);
        return new Explanation
        {
            Text = request.Text,
            Method = method,
            Estimator = "linear",
            Target = model.Info.Labels[target.Target],
            ContrastLabel = target.Contrast < 0 ? null : model.Info.Labels[target.Contrast],
            Prediction = Prediction.FromLogits(
                request.Text,
                model.Info.Labels,
                parts.Logits,
                model.Info.Temperature,
                text.TruncatedAt
            ),
            Features = [.. features.Features.Select((f, i) => new FeatureScore(f.Text, f.Start, f.End, scores[i], 0))],
            Value = value,
            BaseValue = 0,
            Remainder = remainder,
            CompletenessGap = value - remainder - Compensated.Sum(scores),
            ModelCalls = 1,
            Seed = request.Seed,
            ValueKind = Names.Of(target.Kind),
            ModelHash = model.Info.Hash,
        };
    }
}
