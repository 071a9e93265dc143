using Whylight.Explanations.Global;

namespace Whylight.Explanations.Rendering;

/// <summary>Global explanations as SVG: the tree as a tree, everything else as rows with bars.</summary>
public static class GlobalChart
{
    private const double RowHeight = 23;
    private const double BarHeight = 13;
    private const int LeftColumns = 46;
    private const int CellColumns = 34;

    /// <summary>The chart as an SVG document.</summary>
    /// <param name="explanation">What to draw.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand; on a page the title and sentences stand around it.</param>
    /// <param name="lines">One-based line in the file of each text given, or null.</param>
    public static string Draw(
        GlobalExplanation explanation,
        Messages messages,
        SvgTheme theme = SvgTheme.Adaptive,
        IReadOnlyList<int>? lines = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        GlobalView view = GlobalView.Of(explanation, messages, lines);
        SvgCanvas svg = new(theme, view.Title, string.Join(" ", view.Findings));
        bool page = theme == SvgTheme.Page;
        if (explanation.Tree is { } tree)
        {
            return TreeChart.Draw(svg, explanation, tree, messages, view, page);
        }
        List<Layout> layouts = [.. view.Tables.Select(Measure)];
        double width = Math.Max(
            layouts.Select(l => l.Width).DefaultIfEmpty(0).Max(),
            page ? 0 : Math.Max(640, 24 + TextFit.Columns(view.Title) * 7.4)
        );
        double y = page ? 8 : Head(svg, view, width);
        foreach ((GlobalTable table, Layout layout) in view.Tables.Zip(layouts))
        {
            y = DrawTable(svg, table, layout, messages, y);
        }
        y = page ? y : Foot(svg, view, width, y);
        return svg.Document(width, y + 8);
    }

    /// <summary>The title and the findings, wrapped.</summary>
    internal static double Head(SvgCanvas svg, GlobalView view, double width)
    {
        svg.Text(12, 24, Escape.Visible(view.Title), style: SvgText.Heading);
        double y = 40;
        foreach (string line in view.Findings.SelectMany(f => TextFit.Wrap(Escape.Visible(f), Columns(width))))
        {
            y += 17;
            svg.Text(12, y - 12, line, style: SvgText.Dim);
        }
        return y + 6;
    }

    /// <summary>The limits, wrapped.</summary>
    internal static double Foot(SvgCanvas svg, GlobalView view, double width, double y)
    {
        y += 6;
        foreach (string line in view.Limits.SelectMany(f => TextFit.Wrap(Escape.Visible(f), Columns(width))))
        {
            y += 17;
            svg.Text(12, y - 4, line, style: SvgText.Dim);
        }
        return y;
    }

    private static int Columns(double width) => (int)((width - 24) / 6.3);

    private sealed record Layout(double Left, double Bar, IReadOnlyList<double> Right, double Width);

    private static Layout Measure(GlobalTable table)
    {
        double Widest(string title, IEnumerable<string> cells, int most) =>
            SvgCanvas.Column
            * Math.Min(most, cells.Append(title).Select(c => TextFit.Columns(Escape.Visible(c))).Max());
        double left = 12 + Widest(table.Left, table.Rows.Select(r => r.Left), LeftColumns) + 10;
        const double Bar = 210;
        List<double> right = [];
        double x = left + Bar + 12;
        string[] titles = [table.Bar, .. table.Right];
        for (int c = 0; c < titles.Length; c++)
        {
            int column = c;
            right.Add(x);
            x +=
                Widest(titles[c], table.Rows.Select(r => column == 0 ? r.Number : r.Right[column - 1]), CellColumns)
                + 14;
        }
        return new Layout(left, Bar, right, x);
    }

    private static double DrawTable(SvgCanvas svg, GlobalTable table, Layout layout, Messages messages, double y)
    {
        if (table.Heading is { } heading)
        {
            svg.Text(12, y + 14, Escape.Visible(heading), style: SvgText.Heading);
            y += 24;
        }
        svg.Text(12, y + 12, table.Left, style: SvgText.Dim);
        string[] titles = [table.Bar, .. table.Right];
        for (int c = 0; c < titles.Length; c++)
        {
            svg.Text(layout.Right[c], y + 12, TextFit.Cut(Escape.Visible(titles[c]), CellColumns), style: SvgText.Dim);
        }
        y += 20;
        double low = Math.Min(0, table.Rows.Select(r => r.Value - (r.Error ?? 0)).DefaultIfEmpty(0).Min());
        double high = table.Shares
            ? 1
            : Math.Max(0, table.Rows.Select(r => r.Value + (r.Error ?? 0)).DefaultIfEmpty(0).Max());
        double span = high - low > 0 ? high - low : 1;
        double X(double value) => layout.Left + (value - low) / span * layout.Bar;
        double top = y;
        foreach (GlobalRow row in table.Rows)
        {
            double middle = y + RowHeight / 2;
            svg.Text(12, middle + 4, TextFit.Cut(Escape.Visible(row.Left), LeftColumns), full: row.Left);
            if (table.Shares)
            {
                svg.Rectangle(layout.Left, middle - BarHeight / 2, layout.Bar, BarHeight, Palette.Neutral, 0.16);
            }
            svg.Rectangle(
                Math.Min(X(0), X(row.Value)),
                middle - BarHeight / 2,
                Math.Abs(X(row.Value) - X(0)),
                BarHeight,
                row.Colour
            );
            if (row.Error is > 0 and { } error)
            {
                svg.Line(X(row.Value - error), middle, X(row.Value + error), middle, strong: true);
                svg.Line(X(row.Value - error), middle - 3, X(row.Value - error), middle + 3, strong: true);
                svg.Line(X(row.Value + error), middle - 3, X(row.Value + error), middle + 3, strong: true);
            }
            svg.Text(layout.Right[0], middle + 4, row.Number.Replace('-', '−'));
            for (int c = 0; c < row.Right.Count; c++)
            {
                string cell = TextFit.Cut(Escape.Visible(row.Right[c]), CellColumns);
                svg.Text(layout.Right[c + 1], middle + 4, cell, style: SvgText.Dim, full: row.Right[c]);
            }
            y += RowHeight;
        }
        if (table.Rows.Count > 0)
        {
            svg.Line(X(0), top, X(0), y, strong: true);
        }
        if (table.More > 0)
        {
            svg.Text(12, y + 14, messages.Get(GlobalMessage.More, table.More), style: SvgText.Dim);
            y += 20;
        }
        return y + 10;
    }
}

/// <summary>A decision tree, its root to the left: questions in boxes, answers with the shares of the labels.</summary>
internal static class TreeChart
{
    private const double Row = 42;
    private const double Box = 26;
    private const double ShareWidth = 80;

    public static string Draw(
        SvgCanvas svg,
        GlobalExplanation explanation,
        TreeNode tree,
        Messages messages,
        GlobalView view,
        bool page
    )
    {
        Dictionary<TreeNode, RegionFidelity> held = GlobalTreeText.Held(explanation, tree);
        List<TreeNode> nodes = [];
        Collect(tree);
        string Question(TreeNode node) =>
            TextFit.Cut(messages.Get(GlobalMessage.Has, Escape.Visible(explanation.Words![node.Feature])), 24);
        string Answer(TreeNode leaf) =>
            $"{TextFit.Cut(Escape.Visible(explanation.Labels[leaf.Label]), 24)} {Numbers.Percent(leaf.Probability[leaf.Label])} %";
        string Small(TreeNode leaf) =>
            $"{messages.Get(GlobalMessage.TextCount, leaf.Samples)}; {GlobalView.HeldOut(held[leaf], messages)}";

        double question =
            16
            + SvgCanvas.Column
                * nodes.Where(n => !n.IsLeaf).Select(n => TextFit.Columns(Question(n))).DefaultIfEmpty(0).Max();
        double column = question + 48;
        double answer =
            ShareWidth
            + 12
            + SvgCanvas.Column
                * nodes
                    .Where(n => n.IsLeaf)
                    .Max(n => Math.Max(TextFit.Columns(Answer(n)) + 1, TextFit.Columns(Small(n))));
        double leafColumn = 12 + tree.Depth * column;
        double width = Math.Max(
            leafColumn + answer + 12,
            page ? 0 : Math.Max(640, 24 + TextFit.Columns(view.Title) * 7.4)
        );
        double top = page ? 8 : GlobalChart.Head(svg, view, width);
        top = Legend(svg, explanation, top);
        double next = top + Row / 2;
        Place(tree, 0);
        double bottom = next - Row / 2 + 6;
        bottom = page ? bottom : GlobalChart.Foot(svg, view, width, bottom);
        return svg.Document(width, bottom + 8);

        void Collect(TreeNode node)
        {
            nodes.Add(node);
            if (!node.IsLeaf)
            {
                Collect(node.Right!);
                Collect(node.Left!);
            }
        }

        // Returns the middle of the node; leaves take rows from top to bottom, questions stand between theirs.
        double Place(TreeNode node, int depth)
        {
            if (node.IsLeaf)
            {
                double middle = next;
                next += Row;
                Leaf(node, middle);
                return middle;
            }
            double x = 12 + depth * column;
            double yes = Place(node.Right!, depth + 1);
            double no = Place(node.Left!, depth + 1);
            double y = (yes + no) / 2;
            Branch(x, y, yes, node.Right!, depth, GlobalMessage.Yes, -5);
            Branch(x, y, no, node.Left!, depth, GlobalMessage.No, 13);
            svg.Rectangle(x, y - Box / 2, question, Box, Palette.Neutral, 0.18, 5);
            svg.Text(x + question / 2, y + 4, Question(node), "middle", full: explanation.Words![node.Feature]);
            svg.Text(
                x + question / 2,
                y + Box / 2 + 12,
                messages.Get(GlobalMessage.TextCount, node.Samples),
                "middle",
                style: SvgText.Dim
            );
            return y;
        }

        void Branch(double x, double y, double to, TreeNode child, int depth, GlobalMessage way, double shift)
        {
            double from = x + question;
            double corner = from + 14;
            double end = child.IsLeaf ? leafColumn - 4 : 12 + (depth + 1) * column;
            svg.Line(from, y, corner, y);
            svg.Line(corner, y, corner, to);
            svg.Line(corner, to, end, to);
            svg.Text(corner + 5, to + shift, messages.Get(way), style: SvgText.Dim);
        }

        void Leaf(TreeNode leaf, double middle)
        {
            double x = leafColumn;
            for (int l = 0; l < leaf.Probability.Count; l++)
            {
                double share = leaf.Probability[l] * ShareWidth;
                if (share > 0)
                {
                    svg.Rectangle(x, middle - 7, share, 14, GlobalView.ColourOf(l, explanation.Labels.Count));
                    x += share;
                }
            }
            svg.Text(leafColumn + ShareWidth + 8, middle - 3, Answer(leaf), style: SvgText.Heading);
            svg.Text(leafColumn + ShareWidth + 8, middle + 12, Small(leaf), style: SvgText.Dim);
        }
    }

    private static double Legend(SvgCanvas svg, GlobalExplanation explanation, double top)
    {
        double x = 12;
        for (int l = 0; l < explanation.Labels.Count; l++)
        {
            string label = TextFit.Cut(Escape.Visible(explanation.Labels[l]), 24);
            svg.Rectangle(x, top, 11, 11, GlobalView.ColourOf(l, explanation.Labels.Count), radius: 2);
            svg.Text(x + 16, top + 10, label, style: SvgText.Dim);
            x += 16 + TextFit.Columns(label) * SvgCanvas.Column + 18;
        }
        return top + 22;
    }
}
