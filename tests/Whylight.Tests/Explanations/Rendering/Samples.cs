using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
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

    /// <summary>Calibrated: the probabilities are those of a temperature.</summary>
    public static Prediction Sure(string text, params double[] logits) =>
        Prediction.FromLogits(text, ["negative", "positive"], logits, temperature: 1.5);

    /// <summary>A deletion and a replacement that change the prediction.</summary>
    public static Explanation Flips() =>
        Scoreless("The plot is thin, but the acting is superb.", "counterfactual", "greedy-search") with
        {
            Counterfactuals =
            [
                new Counterfactual(
                    "The plot is thin, but the acting is dull.",
                    [new TextEdit(34, 40, "superb", "dull")],
                    Sure("The plot is thin, but the acting is dull.", 0.8, -0.4),
                    true
                ),
                new Counterfactual(
                    "The plot is thin, but the  is .",
                    [new TextEdit(24, 30, "acting", ""), new TextEdit(34, 40, "superb", "")],
                    Sure("The plot is thin, but the  is .", 1.9, -1.2),
                    false
                ),
            ],
            Note = "Smallest found, verified on the edited text; a smaller one may exist.",
        };

    /// <summary>A rule, sampled or exact.</summary>
    public static Explanation Rule(bool exact = false) =>
        Scoreless("The plot is thin, but the acting is superb.", "anchors", exact ? "enumeration" : "kl-lucb") with
        {
            Anchor = new Anchor(
                [9],
                0.97,
                exact ? [0.97, 0.97] : [0.951, 0.983],
                0.5,
                "each other feature kept with probability 1/2",
                0.12,
                250
            ),
        };

    /// <summary>Two smallest sets of words that are enough.</summary>
    public static Explanation Reasons() =>
        Scoreless("The plot is thin, but the acting is superb.", "prime-implicants", "enumeration") with
        {
            SufficientReasons =
            [
                [9],
                [5, 7],
            ],
        };

    /// <summary>Shares of attention.</summary>
    public static Explanation Attention() =>
        Of("a superb film", [("a", 0.04, 0), ("superb", 0.31, 0), ("film", 0.2, 0)], "rollout") with
        {
            Estimator = "rollout",
            Value = null,
            BaseValue = null,
            Remainder = null,
            CompletenessGap = null,
            Converged = null,
            ModelCalls = 1,
            Absence = null,
            SinkShare = 0.45,
        };

    /// <summary>A line fitted near the text, badly.</summary>
    public static Explanation Line() =>
        Of("a superb film", [("a", 0.04, 0.02), ("superb", 0.31, 0.03), ("film", -0.2, 0.04)], "lime") with
        {
            Estimator = "paired-sampling",
            Fit = new Dictionary<string, double> { ["r2"] = 0.42, ["localPrediction"] = 1.55 },
        };

    /// <summary>Relevance by layers, a special token at either end.</summary>
    public static Explanation Layered() =>
        Of("a superb film", [("a", 0.1, 0), ("superb", 1.31, 0), ("film", -0.25, 0)], "attnlrp") with
        {
            Estimator = "attnlrp",
            SinkShare = 0.2,
            Agreement = new Agreement("shapley", -0.5, 0.33),
            Layers =
            [
                new("embedding", [0.02, 0.1, 1.31, -0.25, 0.4]),
                new("layer.0", [0.52, 0.05, 0.9, -0.1, 0.2]),
                new("layer.1", [1.58, 0, 0, 0, 0]),
            ],
        };

    /// <summary>Four labels, another one explained than the one predicted, text of other scripts.</summary>
    public static Explanation Labels()
    {
        const string Text = "这家店 שלום 👩\u200d🔬 很好。";
        return Of(
            Text,
            [("这家店", 0.4, 0.01), ("שלום", -0.31, 0.01), ("👩\u200d🔬", 0.2, 0.01), ("很好", 1.1, 0.01)]
        ) with
        {
            Target = "joy",
            Prediction = Prediction.FromLogits(Text, ["anger", "joy", "fear", "none"], [0.1, 1.2, 0.3, 1.9]),
        };
    }

    /// <summary>A record of every kind, by name.</summary>
    public static IReadOnlyDictionary<string, Explanation> All { get; } =
        new SortedDictionary<string, Explanation>(StringComparer.Ordinal)
        {
            ["review"] = Review(),
            ["evil"] = Evil(),
            ["pairs"] = Pairs(),
            ["flips"] = Flips(),
            ["rule"] = Rule(),
            ["rule-exact"] = Rule(exact: true),
            ["reasons"] = Reasons(),
            ["attention"] = Attention(),
            ["line"] = Line(),
            ["layered"] = Layered(),
            ["labels"] = Labels(),
            ["owen"] = Review() with { Method = "owen", Estimator = "enumeration" },
        };

    /// <summary>Measures of an explanation, with its curves.</summary>
    public static ExplanationEvaluation Quality { get; } =
        new(
            [
                new("deletion_area", 0.1462, false),
                new("normalised_sufficiency", null, false),
                new("complexity", -1.5, null),
            ],
            "attention_masked",
            [0.96, 0.4, 0.15, 0.5],
            [0.5, 0.9, 0.97, 0.96],
            321
        );

    private static Explanation Scoreless(string text, string method, string estimator)
    {
        Explanation scored = Of(
            text,
            [
                ("The", 0, 0),
                ("plot", 0, 0),
                ("is", 0, 0),
                ("thin", 0, 0),
                (",", 0, 0),
                ("but", 0, 0),
                ("the", 0, 0),
                ("acting", 0, 0),
                ("is", 0, 0),
                ("superb", 0, 0),
                (".", 0, 0),
            ],
            method
        );
        return scored with
        {
            Estimator = estimator,
            Features = [.. scored.Features.Select(f => f with { Score = null, StandardError = null })],
            Prediction = Sure(text, -1.2, 1.9),
            Value = null,
            BaseValue = null,
            Remainder = null,
            CompletenessGap = null,
        };
    }
}
