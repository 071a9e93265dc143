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

    /// <summary>The sentences as plain text; what stands in the text is made visible, and nothing else.</summary>
    public static string Of(Explanation explanation, Messages messages) =>
        Of(explanation, messages, text => $"“{text}”", text => text);

    /// <summary>The sentences for one place.</summary>
    /// <param name="explanation">The record.</param>
    /// <param name="messages">The language.</param>
    /// <param name="word">Quotes and escapes words of the text.</param>
    /// <param name="text">Escapes labels, edits and the catalogue's own sentences.</param>
    internal static string Of(
        Explanation explanation,
        Messages messages,
        Func<string, string> word,
        Func<string, string> text
    )
    {
        string Quoted(string w) => word(Ellipsis.Cut(Escape.Visible(w), 40));
        string Plain(string w) => text(Escape.Visible(w));
        string Shown(string label) => Label(label, Plain);
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        if (explanation.Anchor is { } anchor)
        {
            string holds = messages[
                Message.AnchorHolds,
                messages.List([.. anchor.Features.Select(i => Quoted(explanation.Features[i].Text))]),
                Shown(explanation.Target),
                Numbers.Percent(anchor.Precision),
                Plain(anchor.Neighbourhood)
            ];
            string between = messages.Language == Language.SimplifiedChinese ? "" : " ";
            return anchor is { DatasetCoverage: { } covered, DatasetTexts: { } texts }
                ? holds + between + messages.Get(GlobalMessage.AnchorCovers, Numbers.Percent(covered), texts)
                : holds;
        }
        if (explanation.Counterfactuals is { } flips)
        {
            return flips.Count == 0
                ? messages[Message.NothingFlips]
                : messages[
                    Message.WouldFlip,
                    messages.List([.. flips[0].Edits.Select(e => Plain(e.ToString()))]),
                    Shown(flips[0].Prediction.Label)
                ];
        }
        if (explanation.Interactions is { Count: > 0 } pairs)
        {
            Interaction strongest = pairs.MaxBy(p => Math.Abs(p.Score))!;
            return messages[
                Message.StrongestPair,
                Quoted(explanation.Features[strongest.I].Text),
                Quoted(explanation.Features[strongest.J].Text),
                Numbers.WithSign(strongest.Score)
            ];
        }
        double largest = ScoredText.Largest(explanation);
        if (largest == 0)
        {
            return messages[Message.NothingCounts, Shown(explanation.Target)];
        }
        List<FeatureScore> noticed =
        [
            .. ScoredText
                .Strongest(explanation)
                .Select(i => explanation.Features[i])
                .Where(f => Math.Abs(f.Score!.Value) >= Noticeable * largest),
        ];
        string pro = Listed(noticed.Where(f => f.Score > 0));
        string contra = Listed(noticed.Where(f => f.Score < 0));
        if (explanation.Method == "rollout")
        {
            return messages[Message.AttendsTo, pro];
        }
        string target = explanation.ContrastLabel is { } other
            ? messages[Message.RatherThan, Shown(explanation.Target), Shown(other)]
            : Shown(explanation.Target);
        if (pro.Length == 0)
        {
            return messages[Message.OnlyAgainst, target, contra];
        }
        string sentence = messages[Message.MainlyFor, target, pro];
        string joint = messages.Language == Language.SimplifiedChinese ? "" : " ";
        return contra.Length == 0 ? sentence : sentence + joint + messages[Message.SpeaksAgainst, contra];

        string Listed(IEnumerable<FeatureScore> features) =>
            messages.List([
                .. features.Take(Named).Select(f => $"{Quoted(f.Text)} ({Numbers.WithSign(f.Score!.Value)})"),
            ]);
    }

    /// <summary>"positive, 97 % sure".</summary>
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
        string label = Label(prediction.Label, escape);
        return expected is null || expected == prediction.Label
            ? messages[Message.PredictionIs, label, percent]
            : messages[Message.PredictionIsNot, label, percent, escape(expected)];
    }

    // A token such as " the" or "," is a label that needs its quotes.
    private static string Label(string label, Func<string, string> escape) =>
        escape(label.Any(char.IsLetterOrDigit) && label.Trim() == label ? label : $"“{label}”");

    /// <summary>Lines on the quality of the numbers: convergence, agreement, truncation, the record's own note.</summary>
    internal static IEnumerable<string> Remarks(Explanation explanation, Messages messages, Func<string, string> escape)
    {
        foreach (string line in OfLanguageModel(explanation, messages, escape))
        {
            yield return line;
        }
        if (explanation.Converged == false)
        {
            yield return messages[Message.NotConverged];
        }
        if (explanation.Agreement is { Spearman: { } rank } agreement)
        {
            yield return messages[Message.AgreementLine, agreement.With, Numbers.WithSign(rank)];
        }
        if (explanation.Prediction.TruncatedAt is { } cut)
        {
            yield return messages[Message.TruncatedAt, cut];
        }
        if (explanation.Prediction.ReadFrom is { } from)
        {
            yield return messages[Message.ReadFrom, from];
        }
        if (explanation.Note is { } note && !LimitSaysIt(explanation))
        {
            yield return escape(note);
        }
    }

    // What was asked of a language model, what it expects, and how a prompt's choices are scored.
    private static IEnumerable<string> OfLanguageModel(
        Explanation explanation,
        Messages messages,
        Func<string, string> escape
    )
    {
        string Quoted(string text) => escape($"“{Ellipsis.Cut(Escape.Visible(text), 80)}”");
        if (explanation.TargetTokens is { Count: > 0 } tokens)
        {
            double logProbability = tokens.Sum(t => t.LogProbability);
            string bits = Numbers.Plain(-logProbability / Math.Log(2));
            yield return explanation.Completion is { } completion
                ? messages[
                    explanation.CompletionGenerated ? Message.ContinuationExplained : Message.CompletionExplained,
                    Quoted(completion),
                    bits
                ]
                : messages[
                    Message.TokenExplained,
                    Quoted(tokens[0].Text),
                    bits,
                    Numbers.Percent(Math.Exp(logProbability))
                ];
            Prediction next = explanation.Prediction;
            yield return messages[
                Message.MostProbable,
                messages.List([
                    .. Enumerable
                        .Range(0, next.Labels.Count)
                        .OrderByDescending(i => next.Probabilities[i])
                        .ThenBy(i => i)
                        .Take(5)
                        .Select(i =>
                            messages[Message.TokenShare, Quoted(next.Labels[i]), Numbers.Percent(next.Probabilities[i])]
                        ),
                ])
            ];
        }
        if (
            explanation.Absence == "attention_masked"
            && explanation.ReadOut?.StartsWith("the last present", StringComparison.Ordinal) == true
        )
        {
            yield return messages[Message.ReadsLastPresent];
        }
        if (explanation.Scoring is { } scoring)
        {
            yield return messages[Message.ScoredBy, escape(scoring)];
        }
    }

    /// <summary>Whether a method's note says what its limit says, which stands below in the reader's language.</summary>
    private static bool LimitSaysIt(Explanation explanation) =>
        explanation.Method is "shapley" or "permutation-shapley" or "owen" or "lime" or "anchors" or "prime-implicants"
        || (explanation.Method == "auto" && explanation.Estimator.StartsWith("shapley/", StringComparison.Ordinal));

    /// <summary>The account of an additive explanation, or null.</summary>
    internal static string? Account(Explanation e, Messages messages) =>
        e is { BaseValue: { } b, Remainder: { } r, CompletenessGap: { } gap, Value: { } value }
            ? messages[
                Message.SumLine,
                Numbers.Plain(b),
                Numbers.Plain(e.Features.Sum(f => f.Score ?? 0)),
                Numbers.Plain(r),
                Numbers.Plain(Math.Abs(gap) < 1e-9 * Math.Max(1, Math.Abs(value)) ? 0 : gap),
                Numbers.Plain(value)
            ]
            : null;
}
