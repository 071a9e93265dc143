using Whylight.Explanations.Local;
using Whylight.Models;

namespace Whylight.Explanations.Rendering;

/// <summary>
/// An explanation in one or two plain sentences. Every number and word in them stands in the record; nothing is added.
/// </summary>
public static class Rationale
{
    /// <summary>Words named on either side, at most.</summary>
    private const int Named = 3;

    /// <summary>Share of the largest score below which a word is not worth a mention.</summary>
    private const double Noticeable = 0.1;

    /// <summary>Standard errors on either side of a score that make its 95 % interval.</summary>
    internal const double Z95 = 1.96;

    /// <summary>The sentences as plain text; what stands in the text is made visible, and nothing else.</summary>
    public static string Of(Explanation explanation, Messages messages) =>
        Of(explanation, messages, text => $"“{Escape.Isolated(text)}”", text => text);

    /// <summary>The same for a place that makes text visible itself, our own marks of direction too.</summary>
    internal static string Unmarked(Explanation explanation, Messages messages) =>
        Of(explanation, messages, text => $"“{text}”", text => text);

    /// <summary>The sentences for one place.</summary>
    /// <param name="explanation">The record.</param>
    /// <param name="messages">The language.</param>
    /// <param name="word">Quotes and escapes words of the text.</param>
    /// <param name="text">Escapes labels, edits and phrases of the record.</param>
    internal static string Of(
        Explanation explanation,
        Messages messages,
        Func<string, string> word,
        Func<string, string> text
    )
    {
        string Quoted(string w) => word(TextFit.Cut(Escape.Visible(w), 40));
        string QuotedAt(int i) => Quoted(explanation.Features[i].Text);
        string Plain(string w) => text(Escape.Visible(w));
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        if (explanation.Anchor is { } anchor)
        {
            string precision = Precision(anchor, messages);
            string neighbourhood = Plain(messages.OfRecord(anchor.Neighbourhood));
            string holds =
                anchor.Features.Count == 0
                    ? messages[
                        explanation.Converged == false ? Message.AnchorNone : Message.AnchorEmpty,
                        text(Messages.Label(explanation.Target)),
                        precision,
                        neighbourhood
                    ]
                    : messages[
                        anchor.Features.Count == 1 ? Message.AnchorHolds : Message.AnchorsHold,
                        messages.List([.. anchor.Features.Select(QuotedAt)]),
                        text(Messages.Label(explanation.Target)),
                        precision,
                        neighbourhood
                    ];
            return anchor is { Features.Count: > 0, DatasetCoverage: { } covered, DatasetTexts: { } texts }
                ? holds + Joint(messages) + messages.Get(GlobalMessage.AnchorCovers, Numbers.Percent(covered), texts)
                : holds;
        }
        if (explanation.Counterfactuals is { } flips)
        {
            return flips.Count == 0
                ? messages[Message.NothingFlips]
                : messages[
                    Message.WouldFlip,
                    messages.List([.. flips[0].Edits.Select(e => Edit(e, messages, Quoted))]),
                    text(Messages.Label(flips[0].Prediction.Label))
                ];
        }
        if (explanation.SufficientReasons is { Count: > 0 } reasons)
        {
            return reasons[0].Count == 0
                ? messages[Message.NothingNeeded, text(Messages.Label(explanation.Target))]
                : messages[
                    Message.Enough,
                    messages.List([.. reasons[0].Select(QuotedAt)]),
                    text(Messages.Label(explanation.Target))
                ];
        }
        if (explanation.Interactions is { } pairs)
        {
            return StrongestPairs(explanation) is not [var strongest, ..]
                ? messages[Message.PairsNothing]
                : messages[
                    strongest.Score > 0 ? Message.PairMore : Message.PairLess,
                    QuotedAt(strongest.I),
                    QuotedAt(strongest.J),
                    NumberScale.Of(pairs.Select(p => p.Score)).Signed(strongest.Score),
                    messages.Target(explanation, text)
                ];
        }
        return OfScores(explanation, messages, Quoted, text);
    }

    private static string OfScores(
        Explanation explanation,
        Messages messages,
        Func<string, string> quoted,
        Func<string, string> text
    )
    {
        string target = messages.Target(explanation, text);
        double largest = ScoredText.Largest(explanation);
        if (largest == 0)
        {
            return messages[Message.NothingCounts, target];
        }
        NumberScale scale = NumberScale.Of(explanation);
        List<FeatureScore> noticed =
        [
            .. ScoredText
                .Strongest(explanation)
                .Select(i => explanation.Features[i])
                .Where(f => Math.Abs(f.Score!.Value) >= Noticeable * largest && ScoredText.IsCertain(f)),
        ];
        if (noticed.Count == 0)
        {
            return messages[Message.NothingCertain, target];
        }
        if (!ScoredText.IsSigned(explanation))
        {
            return messages[Message.AttendsTo, Listed(noticed, scale.Plain)];
        }
        string pro = Listed(noticed.Where(f => f.Score > 0), scale.Signed);
        string contra = Listed(noticed.Where(f => f.Score < 0), scale.Signed);
        if (pro.Length == 0)
        {
            return messages[Message.OnlyAgainst, target, contra];
        }
        string sentence = messages[Message.MainlyFor, target, pro];
        return contra.Length == 0 ? sentence : sentence + Joint(messages) + messages[Message.SpeaksAgainst, contra];

        string Listed(IEnumerable<FeatureScore> features, Func<double, string> number) =>
            messages.List([
                .. features
                    .Take(Named)
                    .Select(f => messages[Message.WordWithScore, quoted(f.Text), number(f.Score!.Value)]),
            ]);
    }

    /// <summary>"97 %" where it is exact, "97 % (95 to 99 %)" where it is sampled.</summary>
    internal static string Precision(Anchor anchor, Messages messages)
    {
        string percent = Numbers.Percent(anchor.Precision);
        return anchor.PrecisionInterval is [var low, var high] && high - low > 1e-9
            ? messages[Message.AnchorBetween, percent, Numbers.Percent(low), Numbers.Percent(high)]
            : percent + " %";
    }

    /// <summary>Pairs by absolute interaction, the largest first; ties in text order; zeros left out.</summary>
    internal static IReadOnlyList<Interaction> StrongestPairs(Explanation explanation, int count = int.MaxValue) =>
        [
            .. (explanation.Interactions ?? [])
                .Where(p => p.Score != 0)
                .OrderByDescending(p => Math.Abs(p.Score))
                .ThenBy(p => p.I)
                .ThenBy(p => p.J)
                .Take(count),
        ];

    /// <summary>What stands between a heading and what it announces on the same line.</summary>
    internal static string Colon(Messages messages) => messages.Language == Language.SimplifiedChinese ? "：" : ": ";

    /// <summary>What stands between two sentences.</summary>
    internal static string Joint(Messages messages) => messages.Language == Language.SimplifiedChinese ? "" : " ";

    /// <summary>An edit of the record in words.</summary>
    private static string Edit(TextEdit edit, Messages messages, Func<string, string> quoted)
    {
        // The blank that goes with a deleted word is no part of what is said.
        string gone = edit.Text.Trim();
        return edit.Replacement.Length == 0 ? messages[Message.EditDelete, quoted(gone.Length > 0 ? gone : edit.Text)]
            : edit.Text.Length == 0 ? messages[Message.EditInsert, quoted(edit.Replacement)]
            : messages[Message.EditReplace, quoted(edit.Text), quoted(edit.Replacement)];
    }

    /// <summary>
    /// "positive, 97 % sure" where the probabilities are calibrated, "positive, probability 97 %" where the model's own
    /// softmax is all there is; a tie is called one.
    /// </summary>
    /// <param name="prediction">What the model says.</param>
    /// <param name="messages">The language.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    public static string Headline(Prediction prediction, Messages messages, string? expected = null) =>
        Headline(prediction, messages, expected, label => label);

    /// <summary>The same with labels escaped for their place.</summary>
    internal static string Headline(
        Prediction prediction,
        Messages messages,
        string? expected,
        Func<string, string> escape
    )
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(messages);
        string percent = Numbers.Percent(prediction.Confidence);
        int[] tied = [.. Labelled(prediction).Where(i => prediction.Probabilities[i] == prediction.Confidence)];
        string head;
        if (tied.Length > 1)
        {
            head = messages[
                Message.TieIs,
                messages.List([.. tied.Select(i => escape(Messages.Label(prediction.Labels[i])))]),
                percent
            ];
        }
        else
        {
            Message form = IsCalibrated(prediction) ? Message.PredictionIs : Message.ProbabilityIs;
            head = messages[form, escape(Messages.Label(prediction.Label)), percent];
            if (
                Labelled(prediction).FirstOrDefault(i => i != prediction.LabelIndex, -1) is >= 0 and var next
                && Numbers.Percent(prediction.Probabilities[next]) == percent
            )
            {
                head = messages[Message.HardlyAhead, head, escape(Messages.Label(prediction.Labels[next])), percent];
            }
        }
        return expected is null || expected == prediction.Label
            ? head
            : messages[Message.LabelledOtherwise, head, escape(Messages.Label(expected))];
    }

    /// <summary>The two labels after the first, where there are more than two; or null.</summary>
    internal static string? NextLabels(Prediction prediction, Messages messages, Func<string, string> escape) =>
        prediction.Labels.Count > 2 && IsDistribution(prediction)
            ? messages[
                Message.NextLabels,
                messages.List([
                    .. Labelled(prediction)
                        .Where(i => i != prediction.LabelIndex)
                        .Take(2)
                        .Select(i =>
                            messages[
                                Message.WordWithScore,
                                escape(Messages.Label(prediction.Labels[i])),
                                Numbers.Percent(prediction.Probabilities[i]) + " %"
                            ]
                        ),
                ])
            ]
            : null;

    /// <summary>Whether the probabilities are the logits' after a temperature was fitted: only those are called sure.</summary>
    private static bool IsCalibrated(Prediction prediction)
    {
        if (!IsDistribution(prediction))
        {
            return false;
        }
        double[] plain = Prediction.Softmax(prediction.Logits);
        return prediction.Probabilities.Count == plain.Length
            && plain.Zip(prediction.Probabilities).Any(p => Math.Abs(p.First - p.Second) > 1e-9);
    }

    /// <summary>Whether the labels are all there is: the tokens that a language model's labels are, are not.</summary>
    private static bool IsDistribution(Prediction prediction) => Math.Abs(prediction.Probabilities.Sum() - 1) < 1e-6;

    /// <summary>Indices of the labels, the most probable first; none where the record was made without labels.</summary>
    private static IEnumerable<int> Labelled(Prediction prediction) =>
        Enumerable.Range(0, prediction.Labels.Count).OrderByDescending(i => prediction.Probabilities[i]).ThenBy(i => i);
}
