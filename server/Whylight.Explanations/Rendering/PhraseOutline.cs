using Whylight.Explanations.Game;

namespace Whylight.Explanations.Rendering;

/// <summary>A row of the tree: a phrase and its score.</summary>
/// <param name="Depth">How many phrases it lies in.</param>
/// <param name="First">Index of its first feature.</param>
/// <param name="Last">Index of its last feature, inclusive.</param>
/// <param name="Text">Its characters, as they stand in the text.</param>
/// <param name="Score">The sum of its features' scores.</param>
internal sealed record PhraseRow(int Depth, int First, int Last, string Text, double Score);

/// <summary>The text's sentences and phrases as an indented outline, each with its score: how "not" turns "good".</summary>
public static class PhraseOutline
{
    /// <summary>Most rows drawn; deeper levels are left out where there are more.</summary>
    private const int MostRows = 60;

    private const double RowHeight = 22;
    private const double Indent = 16;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">One whose scores add up.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    public static string Draw(Explanation explanation, Messages messages, SvgTheme theme = SvgTheme.Adaptive)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        SvgCanvas svg = new(theme, Title(explanation, messages), Rationale.Unmarked(explanation, messages));
        Place(svg, explanation);
        return svg.Document();
    }

    internal static string Title(Explanation explanation, Messages messages) =>
        messages[Message.PhraseTreeTitle, messages.Target(explanation, t => t)];

    /// <summary>The rows, top down and in text order, to the deepest level that fits <see cref="MostRows"/>.</summary>
    internal static IReadOnlyList<PhraseRow> Rows(Explanation explanation)
    {
        if (explanation.Features.Count == 0)
        {
            return [];
        }
        List<PhraseRow> rows = [];
        Add(PhraseTree.Of(explanation.Text, [.. explanation.Features.Select(f => f.Start)]), depth: 0);
        int deepest = rows.Max(r => r.Depth);
        while (deepest > 0 && rows.Count(r => r.Depth <= deepest) > MostRows)
        {
            deepest--;
        }
        return [.. rows.Where(r => r.Depth <= deepest).Take(MostRows)];

        void Add(PhraseTree node, int depth)
        {
            int first = node.Players[0];
            int last = node.Players[^1];
            rows.Add(
                new(
                    depth,
                    first,
                    last,
                    explanation.Text[
                        explanation.Features[first].Start..Math.Max(
                            explanation.Features[last].End,
                            explanation.Features[first].Start
                        )
                    ],
                    node.Players.Sum(p => explanation.Features[p].Score ?? 0)
                )
            );
            foreach (PhraseTree child in node.Children)
            {
                Add(child, depth + 1);
            }
        }
    }

    /// <summary>Draws the outline below what is drawn already: phrases at the left, bars and scores at the right.</summary>
    internal static void Place(SvgCanvas svg, Explanation explanation)
    {
        IReadOnlyList<PhraseRow> rows = Rows(explanation);
        if (rows.Count == 0)
        {
            return;
        }
        NumberScale scale = NumberScale.Of(rows.Select(r => r.Score));
        double textWidth = svg.Width * 0.55;
        string[] numbers = [.. rows.Select(r => scale.Signed(r.Score))];
        double left = svg.Left + textWidth + 14;
        double right = svg.Left + svg.Width - numbers.Max(n => SvgCanvas.WidthOf(n)) - 12;
        double low = Math.Min(0, rows.Min(r => r.Score));
        double high = Math.Max(0, rows.Max(r => r.Score));
        double X(double score) => left + (score - low) / Math.Max(high - low, double.Epsilon) * (right - left);
        double top = svg.Y;
        for (int i = 0; i < rows.Count; i++)
        {
            PhraseRow row = rows[i];
            double y = top + i * RowHeight;
            double x = svg.Left + row.Depth * Indent;
            string visible = Escape.Visible(row.Text);
            // A rule at the left of everything that belongs to a phrase.
            int inside = i + 1;
            while (inside < rows.Count && rows[inside].Depth > row.Depth)
            {
                inside++;
            }
            if (inside > i + 1)
            {
                svg.Line(x + 5, y + RowHeight - 2, x + 5, top + inside * RowHeight - 6);
            }
            svg.Text(
                x,
                y + 15,
                SvgCanvas.Fit(visible, textWidth - row.Depth * Indent),
                style: inside > i + 1 ? SvgText.Heading : SvgText.Plain,
                full: row.Text
            );
            svg.Mark(Math.Min(X(0), X(row.Score)), y + 5, Math.Abs(X(row.Score) - X(0)), 11, row.Score, signed: true);
            svg.Text(svg.Left + svg.Width, y + 15, numbers[i], "end");
        }
        svg.Line(X(0), top, X(0), top + rows.Count * RowHeight, strong: true);
        svg.Y = top + rows.Count * RowHeight + 4;
    }
}
