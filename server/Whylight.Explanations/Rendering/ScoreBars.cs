namespace Whylight.Explanations.Rendering;

/// <summary>Signed bar chart: the strongest features, bars to the right for the target and to the left against it.</summary>
public static class ScoreBars
{
    private const double RowHeight = 22;
    private const double BarHeight = 13;

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
        bool small = theme == SvgTheme.MidTone;
        IReadOnlyList<int> all = ScoredText.Strongest(explanation);
        int[] shown = [.. all.Take(count)];
        FeatureScore[] features = [.. shown.Select(i => explanation.Features[i])];
        bool errors = features.Any(f => f.StandardError is > 0);
        string title = messages[Message.ChartTitle, explanation.Target, explanation.Method];
        SvgCanvas svg = new(theme, title, Rationale.Of(explanation, messages));

        string[] words = [.. features.Select(f => Ellipsis.Cut(Escape.Visible(f.Text), small ? 14 : 24))];
        string[] numbers = [.. features.Select(f => Number(f, errors && !small))];
        double left = 12 + words.Select(w => Ellipsis.Columns(w) * SvgCanvas.Column).DefaultIfEmpty(0).Max() + 8;
        double right = 8 + numbers.Select(n => n.Length * SvgCanvas.Column).DefaultIfEmpty(0).Max() + 12;
        double plot = small ? 150 : 300;
        double titleWidth = 24 + Ellipsis.Columns(title) * 7.4;
        double width = Math.Max(left + plot + right, small ? 0 : Math.Max(titleWidth, 460));
        plot = width - left - right;

        double low = Math.Min(0, features.Select(f => f.Score!.Value - (f.StandardError ?? 0)).DefaultIfEmpty(0).Min());
        double high = Math.Max(
            0,
            features.Select(f => f.Score!.Value + (f.StandardError ?? 0)).DefaultIfEmpty(0).Max()
        );
        double span = high - low > 0 ? high - low : 1;
        double X(double score) => left + (score - low) / span * plot;

        double top = small ? 4 : 58;
        if (!small)
        {
            svg.Text(12, 22, title, bold: true);
            double x = 12;
            foreach (
                (string label, Rgb colour) in new[]
                {
                    ("+ " + messages[Message.For, explanation.Target], Palette.For),
                    ("− " + messages[Message.Against, explanation.Target], Palette.Against),
                }
            )
            {
                string cut = Ellipsis.Cut(Escape.Visible(label), 28);
                svg.Rectangle(x, 35, 11, 11, colour, radius: 2);
                svg.Text(x + 16, 45, cut, dim: true);
                x += 16 + Ellipsis.Columns(cut) * SvgCanvas.Column + 18;
            }
        }
        double bottom = top + features.Length * RowHeight;
        for (int i = 0; i < features.Length; i++)
        {
            double score = features[i].Score!.Value;
            double middle = top + i * RowHeight + RowHeight / 2;
            svg.Text(left - 8, middle + 4, words[i], "end", full: features[i].Text);
            double from = Math.Min(X(0), X(score));
            svg.Rectangle(from, middle - BarHeight / 2, Math.Abs(X(score) - X(0)), BarHeight, Palette.Of(score));
            if (features[i].StandardError is > 0 and { } error)
            {
                svg.Line(X(score - error), middle, X(score + error), middle, strong: true);
                svg.Line(X(score - error), middle - 3, X(score - error), middle + 3, strong: true);
                svg.Line(X(score + error), middle - 3, X(score + error), middle + 3, strong: true);
            }
            svg.Text(width - 12, middle + 4, numbers[i], "end", dim: true);
        }
        if (features.Length > 0)
        {
            svg.Line(X(0), top, X(0), bottom, strong: true);
        }
        double height = bottom + (small ? 4 : 10);
        if (!small)
        {
            List<string> lines = [];
            if (features.Length == 0)
            {
                lines.Add(messages[Message.NothingCounts, explanation.Target]);
            }
            if (all.Count > shown.Length)
            {
                lines.Add(messages[Message.MoreFeatures, all.Count - shown.Length]);
            }
            lines.Add(messages[Message.AxisLabel, explanation.ValueKind.Replace('_', ' '), explanation.Target]);
            if (errors)
            {
                lines.Add(messages[Message.ErrorBars]);
            }
            if (messages.Limit(explanation) is { } limit)
            {
                lines.Add(limit);
            }
            foreach (string line in lines.SelectMany(l => Wrapped(l, (int)((width - 24) / 6.3))))
            {
                svg.Text(12, height + 12, line, dim: true);
                height += 17;
            }
            height += 8;
        }
        return svg.Document(width, Math.Max(height, 12));
    }

    /// <summary>Breaks a sentence into lines of at most so many columns, between words or between Han characters.</summary>
    internal static IEnumerable<string> Wrapped(string line, int columns)
    {
        string rest = line;
        while (Ellipsis.Columns(rest) > columns)
        {
            int end = 0;
            int used = 0;
            int lastBreak = 0;
            while (end < rest.Length && used < columns)
            {
                int next = char.IsHighSurrogate(rest[end]) && end + 1 < rest.Length ? end + 2 : end + 1;
                used += Ellipsis.Columns(rest[end..next]);
                if (used > columns)
                {
                    break;
                }
                if (rest[end] == ' ')
                {
                    lastBreak = end;
                }
                end = next;
            }
            int cut = lastBreak > 0 ? lastBreak : Math.Max(end, 1);
            yield return rest[..cut];
            rest = rest[cut..].TrimStart();
        }
        if (rest.Length > 0)
        {
            yield return rest;
        }
    }

    private static string Number(FeatureScore feature, bool errors)
    {
        string score = Numbers.WithSign(feature.Score!.Value).Replace('-', '−');
        return errors && feature.StandardError is { } error ? $"{score} ± {Numbers.Plain(error)}" : score;
    }
}
