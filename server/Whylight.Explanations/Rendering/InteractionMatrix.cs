namespace Whylight.Explanations.Rendering;

/// <summary>Pairs of features as a triangle of coloured cells: blue adds to the target, orange takes away.</summary>
public static class InteractionMatrix
{
    private const double Cell = 34;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">One with interactions.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    /// <param name="count">Most features drawn: those with the strongest pairs.</param>
    public static string Draw(
        Explanation explanation,
        Messages messages,
        SvgTheme theme = SvgTheme.Adaptive,
        int count = 14
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyList<Interaction> pairs = explanation.Interactions ?? [];
        double[] reach = new double[explanation.Features.Count];
        foreach (Interaction pair in pairs)
        {
            reach[pair.I] = Math.Max(reach[pair.I], Math.Abs(pair.Score));
            reach[pair.J] = Math.Max(reach[pair.J], Math.Abs(pair.Score));
        }
        int[] shown =
        [
            .. Enumerable.Range(0, reach.Length).OrderByDescending(i => reach[i]).ThenBy(i => i).Take(count).Order(),
        ];
        double largest = pairs.Select(p => Math.Abs(p.Score)).DefaultIfEmpty(0).Max();
        string title = messages[Message.InteractionTitle];
        SvgCanvas svg = new(theme, title, Rationale.Of(explanation, messages));
        string[] words = [.. shown.Select(i => Ellipsis.Cut(Escape.Visible(explanation.Features[i].Text), 16))];
        double left = 20 + words.Select(w => Ellipsis.Columns(w) * SvgCanvas.Column).DefaultIfEmpty(0).Max();
        svg.Text(12, 22, title, bold: true);
        double top = 40;
        Dictionary<(int, int), Interaction> byPair = pairs.ToDictionary(p => (p.I, p.J));
        // Row i, columns before i: a lower triangle; each column's word stands on the diagonal, level with its row's end.
        for (int row = 0; row < shown.Length; row++)
        {
            double y = top + row * Cell;
            svg.Text(left - 8, y + Cell / 2 + 4, words[row], "end", full: explanation.Features[shown[row]].Text);
            for (int column = 0; column < row; column++)
            {
                double x = left + column * Cell;
                double score = byPair.TryGetValue((shown[column], shown[row]), out Interaction? pair) ? pair.Score : 0;
                svg.Rectangle(x + 1, y + 1, Cell - 2, Cell - 2, Palette.Neutral, 0.08, 3);
                if (score != 0)
                {
                    svg.Rectangle(
                        x + 1,
                        y + 1,
                        Cell - 2,
                        Cell - 2,
                        Palette.Of(score),
                        Palette.Opacity(score, largest),
                        3
                    );
                    if (Math.Abs(score) >= 0.05 * largest)
                    {
                        svg.Text(x + Cell / 2, y + Cell / 2 + 4, Short(score), "middle");
                    }
                }
            }
            if (row < shown.Length - 1)
            {
                svg.Text(left + row * Cell + 4, y + Cell / 2 + 4, words[row], dim: true);
            }
        }
        double last = words.Length > 1 ? Ellipsis.Columns(words[^2]) * SvgCanvas.Column + 8 : 0;
        double width = Math.Max(
            left + Math.Max(0, shown.Length - 1) * Cell + last + 12,
            Ellipsis.Columns(title) * 7.6 + 24
        );
        double height = top + shown.Length * Cell + 6;
        if (messages.Limit(explanation) is { } limit)
        {
            width = Math.Max(width, 360);
            foreach (string line in ScoreBars.Wrapped(limit, (int)((width - 24) / 6.3)))
            {
                svg.Text(12, height + 14, line, dim: true);
                height += 17;
            }
        }
        return svg.Document(width, height + 8);
    }

    /// <summary>Signed, and short enough for a cell.</summary>
    private static string Short(double score)
    {
        double size = Math.Abs(score);
        string digits =
            size >= 10 ? size.ToString("0", System.Globalization.CultureInfo.InvariantCulture)
            : size >= 0.95 ? size.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)
            : size >= 0.0095 ? size.ToString(".00", System.Globalization.CultureInfo.InvariantCulture)
            : "0";
        return (score < 0 ? "−" : "+") + digits;
    }
}
