namespace Whylight.Explanations.Rendering;

/// <summary>
/// Signed bar chart: the strongest features, bars to the right for the target and to the left against it, whiskers for the
/// 95 % interval of what is sampled.
/// </summary>
public static class ScoreBars
{
    private const double RowHeight = 24;
    private const double BarHeight = 14;

    /// <summary>The chart as an SVG document.</summary>
    /// <param name="explanation">What to draw.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    /// <param name="count">Most features drawn; the rest are counted in a line below.</param>
    public static string Draw(
        Explanation explanation,
        Messages messages,
        SvgTheme theme = SvgTheme.Adaptive,
        int count = 12
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        SvgCanvas svg = new(theme, Title(explanation, messages), Rationale.Unmarked(explanation, messages));
        Legend(svg, explanation, messages);
        Place(svg, explanation, messages, count);
        return svg.Document();
    }

    /// <summary>The chart without legend in little space, for a hover.</summary>
    internal static string DrawSmall(Explanation explanation, Messages messages, int count)
    {
        SvgCanvas svg = new(
            SvgTheme.Adaptive,
            Title(explanation, messages),
            Rationale.Unmarked(explanation, messages),
            width: 340
        );
        svg.Space(-SvgCanvas.Margin / 2);
        Place(svg, explanation, messages, count);
        svg.Space(-SvgCanvas.Margin / 2);
        return svg.Document();
    }

    /// <summary>What the chart shows, as its title.</summary>
    internal static string Title(Explanation explanation, Messages messages) =>
        ScoredText.IsSigned(explanation)
            ? messages[Message.ChartTitle, messages.Target(explanation, t => t), explanation.Method]
            : messages[Message.AttentionTitle, explanation.Method];

    /// <summary>Which colour and pattern means what.</summary>
    internal static void Legend(SvgCanvas svg, Explanation explanation, Messages messages)
    {
        if (!ScoredText.IsSigned(explanation))
        {
            return;
        }
        double x = svg.Left;
        string target = messages.Target(explanation, t => t);
        foreach (
            (double sign, string label) in new[]
            {
                (1.0, "+ " + messages[Message.For, target]),
                (-1.0, "− " + messages[Message.Against, target]),
            }
        )
        {
            string cut = SvgCanvas.Fit(label, svg.Width / 2 - 36, SvgText.Dim);
            svg.Mark(x, svg.Y + 1, 18, 11, sign, signed: true);
            svg.Text(x + 24, svg.Y + 11, cut, style: SvgText.Dim, full: label);
            x += 24 + SvgCanvas.WidthOf(cut, SvgText.Dim) + 20;
        }
        svg.Space(20);
    }

    /// <summary>Draws the bars below what is drawn already.</summary>
    internal static void Place(SvgCanvas svg, Explanation explanation, Messages messages, int count)
    {
        IReadOnlyList<int> all = ScoredText.Strongest(explanation);
        FeatureScore[] features = [.. all.Take(count).Select(i => explanation.Features[i])];
        if (features.Length == 0)
        {
            svg.Paragraph(messages[Message.NothingCounts, messages.Target(explanation, t => t)], SvgText.Dim);
            return;
        }
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        string[] words =
        [
            .. features.Select(f => SvgCanvas.Fit(Escape.Visible(f.Text), Math.Min(190, svg.Width * 0.35))),
        ];
        string[] numbers = [.. features.Select(f => ScoredText.Number(f, scale, signed))];
        double left = svg.Left + words.Max(w => SvgCanvas.WidthOf(w)) + 10;
        double right = svg.Left + svg.Width - numbers.Max(n => SvgCanvas.WidthOf(n)) - 12;
        double low = Math.Min(0, features.Min(Low));
        double high = Math.Max(0, features.Max(High));
        double X(double score) => left + (score - low) / (high - low) * (right - left);

        double top = svg.Y;
        for (int i = 0; i < features.Length; i++)
        {
            double score = features[i].Score!.Value;
            double middle = top + i * RowHeight + RowHeight / 2;
            svg.Text(left - 10, middle + 4.5, words[i], "end", full: features[i].Text);
            svg.Mark(
                Math.Min(X(0), X(score)),
                middle - BarHeight / 2,
                Math.Abs(X(score) - X(0)),
                BarHeight,
                score,
                signed
            );
            if (features[i].StandardError is > 0)
            {
                svg.Whisker(X(Low(features[i])), X(High(features[i])), middle);
            }
            svg.Text(svg.Left + svg.Width, middle + 4.5, numbers[i], "end");
        }
        svg.Line(X(0), top, X(0), top + features.Length * RowHeight, strong: true);
        svg.Y = top + features.Length * RowHeight + 4;
        if (all.Count > features.Length)
        {
            svg.Paragraph(messages[Message.MoreFeatures, all.Count - features.Length], SvgText.Dim);
        }

        static double Low(FeatureScore f) => f.Score!.Value - Rationale.Z95 * (f.StandardError ?? 0);
        static double High(FeatureScore f) => f.Score!.Value + Rationale.Z95 * (f.StandardError ?? 0);
    }
}
