using Whylight.Explanations;
using Whylight.Explanations.Local;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>Hand-made records to render.</summary>
internal static class Samples
{
    /// <summary>Everything that a dataset might smuggle in.</summary>
    public const string Hostile =
        "<script>alert(1)</script> [x](command:evil) ![i](http://e.x/p.png) `tick``tock` **b** | a\u001b[31mred\u0007 \u202egnp.exe\u202c \u0085 $(bug) &amp; \"q\" 'a' \\ www.evil.example <b onmouseover=x>\u200b\ufeff \ud83d end";

    public static Explanation Review() =>
        Of(
            "The plot is thin, but the acting is superb and I did not want it to end.",
            [
                ("The", 0.02, 0.01),
                ("plot", -0.11, 0.02),
                ("is", 0.01, 0.01),
                ("thin", -0.84, 0.05),
                (",", 0, 0.01),
                ("but", 0.31, 0.03),
                ("the", 0.01, 0.01),
                ("acting", 0.42, 0.04),
                ("is", 0.03, 0.01),
                ("superb", 1.93, 0.08),
                ("and", 0.12, 0.02),
                ("I", 0.05, 0.02),
                ("did", -0.09, 0.02),
                ("not", -0.37, 0.06),
                ("want", 0.21, 0.03),
                ("it", 0.04, 0.01),
                ("to", 0.02, 0.01),
                ("end", -0.18, 0.03),
                (".", 0.06, 0.01),
            ]
        );

    /// <summary>A record whose features are found in the text one after the other.</summary>
    public static Explanation Of(
        string text,
        (string Word, double Score, double Error)[] words,
        string method = "shapley"
    )
    {
        List<FeatureScore> features = [];
        int at = 0;
        foreach ((string word, double score, double error) in words)
        {
            int start = text.IndexOf(word, at, StringComparison.Ordinal);
            features.Add(new FeatureScore(word, start, start + word.Length, score, error));
            at = start + word.Length;
        }
        double sum = words.Sum(w => w.Score);
        return new Explanation
        {
            Text = text,
            Method = method,
            Estimator = "paired-regression",
            Target = "positive",
            Prediction = Prediction.FromLogits(text, ["negative", "positive"], [-1.2, 1.9]),
            Features = features,
            Value = 1.9,
            BaseValue = 0.1,
            Remainder = 0.05,
            CompletenessGap = 1.9 - 0.1 - 0.05 - sum,
            Converged = true,
            ModelCalls = 256,
            Seed = 1729,
            ValueKind = "logit",
            Absence = "attention_masked",
            ModelHash = new string('a', 64),
            ElapsedMs = 12.5,
        };
    }

    /// <summary>The hostile text, all of it one feature, and as its labels.</summary>
    public static Explanation Evil() =>
        Of(Hostile, [(Hostile, 1.5, 0.1)]) with
        {
            Target = Hostile,
            Note = Hostile,
            Prediction = Prediction.FromLogits(Hostile, ["negative", Hostile], [-1.2, 1.9]),
            Counterfactuals =
            [
                new Counterfactual(
                    Hostile,
                    [new TextEdit(0, Hostile.Length, Hostile, Hostile)],
                    Prediction.FromLogits(Hostile, ["negative", Hostile], [2.2, 1.9]),
                    true
                ),
            ],
        };

    /// <summary>Pairs of the review's words.</summary>
    public static Explanation Pairs() =>
        Review() with
        {
            Method = "interactions",
            Interactions =
            [
                new Interaction(13, 14, -0.62),
                new Interaction(5, 9, 0.41),
                new Interaction(3, 5, 0.33, 0.02),
                new Interaction(7, 9, 0.18),
                new Interaction(1, 3, -0.07),
                new Interaction(13, 17, 0.25),
            ],
        };
}
