using Whylight.Models;

namespace Whylight.Explanations.Rendering;

/// <summary>How standard errors are shown in a place, and therefore explained.</summary>
internal enum ErrorMarks
{
    /// <summary>Numbers after ±.</summary>
    Numbers,

    /// <summary>Whiskers of 95 %, and numbers after ±.</summary>
    Whiskers,
}

/// <summary>The lines below an explanation: what to doubt, what the numbers are, how they were made, what they cannot say.</summary>
internal static class Notes
{
    /// <summary>Rank correlation below which two methods are said to disagree.</summary>
    private const double Agreeing = 0.3;

    /// <summary>R² below which a fit is called poor.</summary>
    private const double FitsPoorly = 0.5;

    /// <summary>All lines, in order.</summary>
    /// <param name="e">The record.</param>
    /// <param name="messages">The language.</param>
    /// <param name="escape">Escapes what comes from the record for the place.</param>
    /// <param name="marks">How standard errors are shown there.</param>
    public static IReadOnlyList<string> Of(
        Explanation e,
        Messages messages,
        Func<string, string> escape,
        ErrorMarks marks = ErrorMarks.Numbers
    ) => [.. Doubts(e, messages, escape), .. Reading(e, messages, escape, marks), .. Making(e, messages, escape)];

    /// <summary>What a reader must know before resting on the numbers.</summary>
    public static IEnumerable<string> Doubts(Explanation e, Messages messages, Func<string, string> escape)
    {
        foreach (string line in OfLanguageModel(e, messages, escape))
        {
            yield return line;
        }
        if (
            e.Target != e.Prediction.Label
            && e.Prediction.Labels.ToList().IndexOf(e.Target) is >= 0 and var target
            && e.Prediction.Probabilities.Count > target
        )
        {
            yield return messages[
                Message.TargetIs,
                escape(Messages.Label(e.Target)),
                Numbers.Percent(e.Prediction.Probabilities[target])
            ];
        }
        if (e.Prediction.TruncatedAt is { } cut)
        {
            yield return messages[Message.TruncatedAt, cut];
        }
        if (e.Prediction.ReadFrom is { } from)
        {
            yield return messages[Message.ReadFrom, from];
        }
        if (e.Converged == false)
        {
            yield return messages[e.Anchor is null ? Message.NotConverged : Message.AnchorOpen];
        }
        if (e.Agreement is { Spearman: { } rank } agreement)
        {
            yield return messages[
                rank < Agreeing ? Message.DisagreementLine : Message.AgreementLine,
                escape(agreement.With),
                NumberScale.Of([1]).Signed(rank)
            ];
        }
        if (e.Fit is { } fit && fit.TryGetValue("r2", out double r2))
        {
            if (fit.TryGetValue("localPrediction", out double local) && e.Value is { } value)
            {
                NumberScale scale = NumberScale.Of([local, value]);
                yield return messages[Message.FitLine, Numbers.Plain(r2), scale.Plain(local), scale.Plain(value)];
            }
            if (r2 < FitsPoorly)
            {
                yield return messages[Message.FitPoor];
            }
        }
        if (e.SinkShare is { } sink)
        {
            yield return messages[
                ScoredText.IsSigned(e) ? Message.SinkShareIs : Message.SinkAttentionIs,
                Numbers.Percent(sink)
            ];
        }
        if (e.Anchor is { } anchor)
        {
            yield return messages[
                Message.AnchorFigures,
                Rationale.Precision(anchor, messages),
                Numbers.Percent(anchor.Coverage)
            ];
        }
        if (e.Note is { } note && !LimitSaysIt(e))
        {
            yield return escape(Escape.Visible(messages.OfRecord(note)));
        }
    }

    private static IEnumerable<string> OfLanguageModel(
        Explanation explanation,
        Messages messages,
        Func<string, string> escape
    )
    {
        string Quoted(string text) => escape($"“{TextFit.Cut(Escape.Visible(text), 80)}”");
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
            yield return messages[Message.ScoredBy, escape(messages.Scoring(scoring))];
        }
    }

    /// <summary>What the numbers are.</summary>
    private static IEnumerable<string> Reading(
        Explanation e,
        Messages messages,
        Func<string, string> escape,
        ErrorMarks marks
    )
    {
        if (ScoredText.Largest(e) > 0)
        {
            string unit = ScoredText.IsSigned(e)
                ? messages[Message.UnitLine, messages.ValueName(e, escape)]
                : messages[Message.UnitAttention];
            string joint = Rationale.Joint(messages);
            if (e.Features.Any(f => f.StandardError is > 0))
            {
                unit += joint + messages[Message.PlusMinusIs];
                unit += marks == ErrorMarks.Whiskers ? joint + messages[Message.ErrorBars] : "";
            }
            yield return unit;
        }
        if (e is { BaseValue: { } b, Remainder: { } r, CompletenessGap: { } gap, Value: { } value })
        {
            NumberScale scale = NumberScale.Of([b, value]);
            yield return messages[
                Message.SumLine,
                scale.Plain(b),
                scale.Plain(e.Features.Sum(f => f.Score ?? 0)),
                scale.Plain(r),
                // Rounding noise is no gap; anything else is shown however small.
                Numbers.Plain(Math.Abs(gap) < 1e-9 * Math.Max(1, Math.Abs(value)) ? 0 : gap),
                scale.Plain(value),
                messages.ValueName(e, escape)
            ];
        }
    }

    /// <summary>How the numbers were made, and the method's limit.</summary>
    private static IEnumerable<string> Making(Explanation e, Messages messages, Func<string, string> escape)
    {
        string joint = Rationale.Joint(messages);
        string method = e.Estimator == e.Method ? e.Method : $"{e.Method} ({e.Estimator})";
        string made = messages[Message.MethodLine, escape(method), e.ModelCalls, e.Seed];
        made += e.Absence is { } absence ? joint + messages[Message.AbsenceIs, escape(messages.Term(absence))] : "";
        made += e.Baseline is { } baseline ? joint + messages[Message.BaselineIs, escape(messages.Term(baseline))] : "";
        yield return made;
        if (messages.Limit(e) is { } limit)
        {
            yield return limit;
        }
    }

    /// <summary>Whether a method's note says what its limit says, which stands below in the reader's language.</summary>
    private static bool LimitSaysIt(Explanation explanation) =>
        explanation.Method is "shapley" or "permutation-shapley" or "owen" or "lime" or "anchors"
        || (
            explanation.Method == "prime-implicants"
            && !explanation.Note!.Contains("are listed", StringComparison.Ordinal)
        )
        || (explanation.Method == "auto" && explanation.Estimator.StartsWith("shapley/", StringComparison.Ordinal));
}
