namespace Whylight.Explanations.Rendering;

/// <summary>The text itself, each feature on a tint of its score's colour, strong ones with their sign and score.</summary>
public static class TokenHeat
{
    private const double LineHeight = 44;

    /// <summary>Most characters of text drawn.</summary>
    private const int MostCharacters = 2000;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">What to draw.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    public static string Draw(Explanation explanation, Messages messages, SvgTheme theme = SvgTheme.Adaptive)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        string title = messages[Message.HeatTitle, messages.Target(explanation, t => t), explanation.Method];
        SvgCanvas svg = new(theme, title, Rationale.Unmarked(explanation, messages));
        Place(svg, explanation);
        return svg.Document();
    }

    /// <summary>Draws the text below what is drawn already.</summary>
    internal static void Place(SvgCanvas svg, Explanation explanation)
    {
        double largest = ScoredText.Largest(explanation);
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        bool numbered = explanation.Features.Any(f => ScoredText.IsMarked(f.Score ?? 0, largest));
        SvgFlow flow = new(svg, numbered ? LineHeight : 26, Escape.RunsRightToLeft(explanation.Text));
        HashSet<int> anchored = [.. explanation.Anchor?.Features ?? []];
        foreach (Stretch stretch in ScoredText.Of(explanation, MostCharacters))
        {
            string visible = Escape.Visible(stretch.Text);
            if (stretch.Feature >= 0)
            {
                Place(visible, stretch.Score, stretch.Feature, stretch.Text);
                continue;
            }
            foreach (string piece in TextFit.Pieces(visible))
            {
                if (piece == " ")
                {
                    flow.Blank();
                }
                else
                {
                    Place(piece, 0, -1, piece);
                }
            }
        }
        flow.End(numbered ? 28 : 14);

        void Place(string word, double score, int feature, string full)
        {
            string cut = SvgCanvas.Fit(word, svg.Width - 12, SvgText.Body);
            bool marked = feature >= 0 && ScoredText.IsMarked(score, largest);
            string number =
                !marked ? ""
                : signed ? scale.Signed(score)
                : scale.Plain(score);
            // The score below a short word needs room of its own, or it would run into its neighbour's.
            double wide = SvgCanvas.WidthOf(cut, SvgText.Body);
            double needed = marked ? Math.Max(wide + 6, SvgCanvas.WidthOf(number, SvgText.Dim) + 2) : wide;
            (double x, double y) = flow.Take(needed);
            double opacity = feature < 0 ? 0 : Palette.Opacity(score, largest);
            if (opacity >= 0.02)
            {
                svg.Rectangle(x, y - 15, needed, 20, Palette.Of(score, signed), opacity, 3);
            }
            if (marked)
            {
                // A bar below the word: solid for, hatched against, as in the chart.
                svg.Mark(x, y + 6, needed, 4, score, signed);
                svg.Text(x + needed / 2, y + 22, number, "middle", SvgText.Dim);
            }
            else if (anchored.Contains(feature))
            {
                svg.Mark(x, y + 6, needed, 4, 1, signed: true);
            }
            svg.Text(x + needed / 2, y, cut, "middle", SvgText.Body, full: full);
        }
    }
}
