using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Local;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>Records drawn at random: any text, any scores, any of the optional parts.</summary>
internal static class RandomRecords
{
    /// <summary>What hostile files hold: markup, links, escapes, controls, scripts that run the other way.</summary>
    private static readonly string[] s_fragments =
    [
        "good",
        "not",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</svg><a href='javascript:x'>",
        "\" onload=\"x",
        "]]>",
        "<!--",
        "&amp;",
        "&#60;b&#62;",
        "**",
        "__b__",
        "`",
        "``",
        "[a](command:evil)",
        "![i](http://e.x/p.png)",
        "<http://e.x>",
        "http://e.x",
        "www.e.x",
        "a@e.x",
        "# h",
        "- x",
        "1. x",
        "> q",
        "|",
        "~~~",
        "$(bug)",
        "$x$",
        ":smile:",
        "@user",
        "\\",
        "\u001b[31m",
        "\u001b]0;t\u0007",
        "\u009b31m",
        "\u0000",
        "\u0008",
        "\u007f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u00ad",
        "\u2028",
        "\udb40\udc41",
        "👩\u200d🔬",
        "e\u0301",
        "很好",
        "שלום",
        "العربية",
        "{0}",
        "{{x}}",
        "%s",
        "::error::x",
        "'",
        "\"",
        "“",
    ];

    public static string Text(SeededRandom random, int most = 12) =>
        string.Concat(
            Enumerable.Range(0, 1 + random.Next(most)).Select(_ => s_fragments[random.Next(s_fragments.Length)])
        );

    public static Explanation Next(SeededRandom random)
    {
        string text = Text(random);
        List<FeatureScore> features = [];
        for (int at = 0; at < text.Length; )
        {
            int end = Math.Min(text.Length, at + 1 + random.Next(6));
            if (end < text.Length && char.IsLowSurrogate(text[end]))
            {
                end++;
            }
            if (end < text.Length && text[end - 1] == '\r' && text[end] == '\n')
            {
                end++;
            }
            if (random.Next(3) > 0)
            {
                double? score = random.Next(8) == 0 ? null : random.NextGaussian() * Math.Pow(10, random.Next(-9, 3));
                double? error = random.Next(3) switch
                {
                    0 => null,
                    1 => 0,
                    _ => Math.Abs(random.NextGaussian()) * Math.Abs(score ?? 1),
                };
                features.Add(new(text[at..end], at, end, score, error));
            }
            at = end;
        }
        if (features.Count == 0)
        {
            features.Add(new(text, 0, text.Length, 1, null));
        }
        string[] labels = ["negative", Text(random, 3), "third"];
        labels = [.. labels.Distinct().Take(2 + random.Next(2))];
        string[] methods = ["shapley", "rollout", "owen", "lime", "auto", "integrated-gradients"];
        int n = features.Count;
        return new Explanation
        {
            Text = text,
            Method = methods[random.Next(methods.Length)],
            Estimator = "paired-regression",
            Target = labels[random.Next(labels.Length)],
            ContrastLabel = random.Next(4) == 0 ? labels[0] : null,
            Prediction = Predicted(random, text, labels),
            Features = features,
            Value = Maybe(random),
            BaseValue = Maybe(random),
            Remainder = Maybe(random),
            CompletenessGap = Maybe(random),
            Converged = random.Next(3) switch
            {
                0 => null,
                1 => true,
                _ => false,
            },
            ModelCalls = random.Next(10_000),
            Seed = random.NextUInt64(),
            ValueKind = new[] { "logit", "probability", "log_odds", "contrast" }[random.Next(4)],
            Absence = random.Next(2) == 0 ? null : "attention_masked",
            Baseline = random.Next(2) == 0 ? null : "pad",
            ModelHash = "abc",
            ElapsedMs = Maybe(random),
            Anchor =
                random.Next(5) > 0
                    ? null
                    : new Anchor(
                        [.. Enumerable.Range(0, random.Next(Math.Min(3, n) + 1))],
                        0.5 + random.NextDouble() / 2,
                        [random.NextDouble() / 2, 1],
                        random.NextDouble(),
                        "each other feature kept with probability 1/2",
                        random.Next(2) == 0 ? null : random.NextDouble(),
                        random.Next(2) == 0 ? null : random.Next(1000)
                    ),
            Counterfactuals =
                random.Next(5) > 0
                    ? null
                    :
                    [
                        .. Enumerable
                            .Range(0, random.Next(3))
                            .Select(_ => Text(random))
                            .Select(t => new Counterfactual(
                                t,
                                [
                                    new TextEdit(0, 1, Text(random, 2), ""),
                                    new TextEdit(1, 2, Text(random, 2), Text(random, 2)),
                                ],
                                Predicted(random, t, labels),
                                random.Next(2) == 0
                            )),
                    ],
            Interactions =
                random.Next(4) > 0
                    ? null
                    :
                    [
                        .. Enumerable
                            .Range(0, n)
                            .SelectMany(i => Enumerable.Range(i + 1, n - i - 1).Select(j => (I: i, J: j)))
                            .Take(30)
                            .Select(p => new Interaction(
                                p.I,
                                p.J,
                                random.NextGaussian(),
                                random.Next(2) == 0 ? null : 0.1
                            )),
                    ],
            Fit =
                random.Next(3) > 0
                    ? null
                    : new SortedDictionary<string, double>(StringComparer.Ordinal)
                    {
                        ["localPrediction"] = random.NextGaussian(),
                        ["r2"] = random.NextDouble(),
                    },
            SufficientReasons =
                random.Next(5) > 0
                    ? null
                    :
                    [
                        [.. Enumerable.Range(0, random.Next(n + 1))],
                        [0],
                    ],
            SinkShare = random.Next(3) > 0 ? null : random.NextDouble(),
            Agreement =
                random.Next(3) > 0
                    ? null
                    : new Agreement(
                        "attnlrp",
                        random.Next(3) == 0 ? null : random.NextDouble() * 2 - 1,
                        random.NextDouble()
                    ),
            Layers =
                random.Next(4) > 0
                    ? null
                    :
                    [
                        .. Enumerable
                            .Range(0, 3)
                            .Select(l => new LayerRelevance(
                                $"layer.{l}",
                                [.. Enumerable.Range(0, n + 2).Select(_ => random.NextGaussian())]
                            )),
                    ],
            Note = random.Next(3) > 0 ? null : Text(random),
        };
    }

    private static Prediction Predicted(SeededRandom random, string text, string[] labels) =>
        Prediction.FromLogits(
            text,
            labels,
            [.. labels.Select(_ => random.NextGaussian())],
            random.Next(2) == 0 ? 1 : 1.7,
            random.Next(4) == 0 ? random.Next(text.Length + 1) : null
        );

    private static double? Maybe(SeededRandom random) => random.Next(3) == 0 ? null : random.NextGaussian();
}
