using System.Globalization;

namespace Whylight.Explanations.Rendering;

/// <summary>Pairs of features as a triangle of coloured cells: blue adds to the target, hatched orange takes away.</summary>
public static class InteractionMatrix
{
    private const double Side = 40;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">One with interactions.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    /// <param name="count">Most features drawn: those with the strongest pairs.</param>
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
        Place(svg, explanation, messages, count);
        return svg.Document();
    }

    internal static string Title(Explanation explanation, Messages messages) =>
        messages[Message.InteractionTitle, messages.Target(explanation, t => t)];

    /// <summary>Draws the triangle below what is drawn already.</summary>
    internal static void Place(SvgCanvas svg, Explanation explanation, Messages messages, int count = 12)
    {
        IReadOnlyList<Interaction> pairs = explanation.Interactions ?? [];
        double[] reach = new double[explanation.Features.Count];
        foreach (Interaction pair in pairs)
        {
            reach[pair.I] = Math.Max(reach[pair.I], Math.Abs(pair.Score));
            reach[pair.J] = Math.Max(reach[pair.J], Math.Abs(pair.Score));
        }
        int[] shown =
        [
            .. Enumerable
                .Range(0, reach.Length)
                .Where(i => reach[i] > 0)
                .OrderByDescending(i => reach[i])
                .ThenBy(i => i)
                .Take(count)
                .Order(),
        ];
        if (shown.Length < 2)
        {
            svg.Paragraph(messages[Message.PairsNothing], SvgText.Dim);
            return;
        }
        double largest = pairs.Max(p => Math.Abs(p.Score));
        NumberScale scale = NumberScale.Of([largest]);
        string[] words = [.. shown.Select(i => SvgCanvas.Fit(Escape.Visible(explanation.Features[i].Text), 130))];
        double left = svg.Left + words.Max(w => SvgCanvas.WidthOf(w)) + 10;
        double top = svg.Y;
        Dictionary<(int, int), Interaction> byPair = pairs.ToDictionary(p => (p.I, p.J));
        // Row i, columns before i: a lower triangle; each column's word stands on the diagonal, level with its row's end.
        for (int row = 0; row < shown.Length; row++)
        {
            double y = top + row * Side;
            string full = explanation.Features[shown[row]].Text;
            if (row > 0)
            {
                svg.Text(left - 10, y + Side / 2 + 4.5, words[row], "end", full: full);
            }
            for (int column = 0; column < row; column++)
            {
                double x = left + column * Side;
                double score = byPair.TryGetValue((shown[column], shown[row]), out Interaction? pair) ? pair.Score : 0;
                svg.Cell(x + 1, y + 1, Side - 2, Side - 2);
                if (score == 0)
                {
                    continue;
                }
                svg.Rectangle(x + 1, y + 1, Side - 2, Side - 2, Palette.Of(score), Palette.Opacity(score, largest), 3);
                svg.Mark(x + 1, y + Side - 6, Side - 2, 5, score, signed: true, Palette.Opacity(score, largest) * 1.9);
                svg.Text(x + Side / 2, y + Side / 2 + 3, Short(score, scale), "middle", SvgText.Plain);
            }
            if (row < shown.Length - 1)
            {
                svg.Text(left + row * Side + 8, y + Side / 2 + 4.5, words[row], full: full);
            }
        }
        svg.Y = top + shown.Length * Side + 6;
    }

    /// <summary>Signed, and short enough for a cell: no zero before the point.</summary>
    private static string Short(double score, NumberScale scale)
    {
        string text =
            Math.Abs(score) >= 9.95
                ? Numbers.Sign(score) + Math.Abs(score).ToString("0", CultureInfo.InvariantCulture)
                : scale.Signed(score);
        return text.Replace("+0.", "+.", StringComparison.Ordinal).Replace("−0.", "−.", StringComparison.Ordinal);
    }
}
