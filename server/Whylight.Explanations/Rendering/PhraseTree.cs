namespace Whylight.Explanations.Rendering;

/// <summary>A node of a phrase tree: a range of features and their common score.</summary>
/// <param name="First">Index of the first feature.</param>
/// <param name="Last">Index of the last feature, inclusive.</param>
/// <param name="Score">The phrase's score: the sum of its features' scores for an additive method.</param>
/// <param name="Children">The parts, in text order; empty for a single feature.</param>
public sealed record PhraseNode(int First, int Last, double Score, IReadOnlyList<PhraseNode> Children);

/// <summary>The text's phrases as boxes above their words, each with its score: how "not" turns "good".</summary>
public static class PhraseTree
{
    private const double LevelHeight = 34;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">The explanation whose features are the leaves.</param>
    /// <param name="root">The tree over all features.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    public static string Draw(
        Explanation explanation,
        PhraseNode root,
        Messages messages,
        SvgTheme theme = SvgTheme.Adaptive
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(messages);
        string title = messages[Message.PhraseTreeTitle, explanation.Target];
        SvgCanvas svg = new(theme, title, Rationale.Of(explanation, messages));
        string[] words = [.. explanation.Features.Select(f => Ellipsis.Cut(Escape.Visible(f.Text), 18))];
        double[] from = new double[words.Length];
        double[] to = new double[words.Length];
        double x = 12;
        for (int i = root.First; i <= root.Last; i++)
        {
            string number = Numbers.WithSign(explanation.Features[i].Score ?? 0);
            double needed = Math.Max(Ellipsis.Columns(words[i]), number.Length) * SvgCanvas.Column + 12;
            from[i] = x;
            to[i] = x + needed;
            x += needed + 4;
        }
        int depth = Depth(root);
        double largest = Largest(root);
        const double Top = 40;
        svg.Text(12, 22, title, bold: true);
        Box(root, 0);
        return svg.Document(Math.Max(x + 8, Ellipsis.Columns(title) * 7.6 + 24), Top + depth * LevelHeight + 30);

        void Box(PhraseNode node, int level)
        {
            bool leaf = node.Children.Count == 0;
            double y = Top + (leaf ? depth - 1 : level) * LevelHeight;
            double left = from[node.First];
            double right = to[node.Last];
            svg.Rectangle(left, y, right - left, 22, Palette.Neutral, 0.08, 3);
            svg.Rectangle(left, y, right - left, 22, Palette.Of(node.Score), Palette.Opacity(node.Score, largest), 3);
            double middle = (left + right) / 2;
            string score = Numbers.WithSign(node.Score).Replace('-', '−');
            if (leaf)
            {
                svg.Text(middle, y + 15, words[node.First], "middle", full: explanation.Features[node.First].Text);
                svg.Text(middle, y + 38, score, "middle", dim: true);
                return;
            }
            svg.Text(middle, y + 15, score, "middle");
            foreach (PhraseNode child in node.Children)
            {
                double below = Top + (child.Children.Count == 0 ? depth - 1 : level + 1) * LevelHeight;
                double centre = (from[child.First] + to[child.Last]) / 2;
                svg.Line(centre, y + 22, centre, below);
                Box(child, level + 1);
            }
        }
    }

    private static int Depth(PhraseNode node) => 1 + node.Children.Select(Depth).DefaultIfEmpty(0).Max();

    private static double Largest(PhraseNode node) =>
        Math.Max(Math.Abs(node.Score), node.Children.Select(Largest).DefaultIfEmpty(0).Max());
}
