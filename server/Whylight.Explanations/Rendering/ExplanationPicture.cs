using Whylight.Explanations.Evaluation;

namespace Whylight.Explanations.Rendering;

/// <summary>A whole explanation as one SVG picture: prediction, shaded text, reason, the method's charts, and what to doubt.</summary>
public static class ExplanationPicture
{
    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">What to draw.</param>
    /// <param name="messages">Language.</param>
    /// <param name="quality">Its measures, whose curves are drawn too; or null.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    public static string Draw(
        Explanation explanation,
        Messages messages,
        ExplanationEvaluation? quality = null,
        string? expected = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        string headline = Rationale.Headline(explanation.Prediction, messages, expected);
        string rationale = Rationale.Unmarked(explanation, messages);
        SvgCanvas svg = new(SvgTheme.Adaptive, headline, rationale);
        svg.Paragraph(Escape.Visible(headline), SvgText.Title, mostLines: 2);
        if (Rationale.NextLabels(explanation.Prediction, messages, t => t) is { } next)
        {
            svg.Paragraph(next, SvgText.Dim, mostLines: 1);
        }
        svg.Space(8);
        TokenHeat.Place(svg, explanation);
        svg.Space(6);
        svg.Paragraph(rationale);
        foreach (ExplanationChart chart in ExplanationChart.Of(explanation, messages, quality))
        {
            svg.Divider();
            svg.Paragraph(chart.Title, SvgText.Heading, mostLines: 2);
            svg.Space(4);
            chart.Place(svg);
        }
        svg.Divider();
        foreach (string note in Notes.Of(explanation, messages, t => t, ErrorMarks.Whiskers))
        {
            svg.Paragraph(Escape.Visible(note), SvgText.Dim);
            svg.Space(2);
        }
        return svg.Document();
    }
}

/// <summary>A chart of an explanation: its title, what it shows in words, and how it is drawn.</summary>
/// <param name="Title">Heading, not escaped.</param>
/// <param name="Description">For readers who do not see it, not escaped.</param>
/// <param name="Place">Draws it below what is drawn already.</param>
internal sealed record ExplanationChart(string Title, string Description, Action<SvgCanvas> Place)
{
    /// <summary>Most bars.</summary>
    private const int Bars = 12;

    /// <summary>The charts that a record has something to show in, in reading order.</summary>
    public static IEnumerable<ExplanationChart> Of(
        Explanation e,
        Messages messages,
        ExplanationEvaluation? quality = null
    )
    {
        string rationale = Rationale.Unmarked(e, messages);
        if (e.Counterfactuals is { Count: > 0 } flips)
        {
            yield return new(
                messages[Message.FlipsHeading],
                rationale,
                svg =>
                {
                    foreach (Counterfactual flip in flips)
                    {
                        FlipLines.Place(svg, e, flip, messages);
                    }
                }
            );
        }
        if (e.SufficientReasons is { Count: > 0 } reasons)
        {
            yield return new(
                messages[Message.ReasonsHeading],
                rationale,
                svg =>
                {
                    foreach (string line in ReasonLines(e, messages, w => $"“{w}”"))
                    {
                        svg.Paragraph(line);
                        svg.Space(2);
                    }
                }
            );
        }
        if (e.Interactions is { Count: > 0 })
        {
            yield return new(
                InteractionMatrix.Title(e, messages),
                rationale,
                svg => InteractionMatrix.Place(svg, e, messages)
            );
        }
        if (ScoredText.Largest(e) > 0)
        {
            yield return new(
                ScoreBars.Title(e, messages),
                rationale,
                svg =>
                {
                    if (!svg.OnPage)
                    {
                        ScoreBars.Legend(svg, e, messages);
                    }
                    ScoreBars.Place(svg, e, messages, Bars);
                }
            );
        }
        if (e.Method == "owen" && e.Features.Count > 1)
        {
            yield return new(PhraseOutline.Title(e, messages), rationale, svg => PhraseOutline.Place(svg, e));
        }
        if (e.Layers is { Count: > 0 })
        {
            yield return new(LayerHeat.Title(e, messages), rationale, svg => LayerHeat.Place(svg, e, messages));
        }
        if (quality is { DeletionCurve.Count: > 1 })
        {
            LineChart chart = LineChart.Curves(e, messages, quality.DeletionCurve, quality.InsertionCurve);
            yield return new(chart.Title, chart.Description, chart.Place);
        }
    }

    /// <summary>The chart as a document of its own.</summary>
    public string Draw(SvgTheme theme)
    {
        SvgCanvas svg = new(theme, Title, Description);
        Place(svg);
        return svg.Document();
    }

    /// <summary>Each sufficient reason as its quoted words.</summary>
    public static IEnumerable<string> ReasonLines(Explanation e, Messages messages, Func<string, string> quoted) =>
        (e.SufficientReasons ?? []).Select(r =>
            r.Count == 0
                ? "∅"
                : messages.List([.. r.Select(i => quoted(TextFit.Cut(Escape.Visible(e.Features[i].Text), 40)))])
        );
}
