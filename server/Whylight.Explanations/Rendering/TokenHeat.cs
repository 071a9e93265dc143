namespace Whylight.Explanations.Rendering;

/// <summary>The text itself, each feature on a background of its score's colour, strong ones with their sign and score.</summary>
public static class TokenHeat
{
    private const double LineHeight = 40;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">What to draw.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    /// <param name="width">Width in pixels; lines wrap within it.</param>
    /// <param name="limit">Most characters of text drawn.</param>
    public static string Draw(
        Explanation explanation,
        Messages messages,
        SvgTheme theme = SvgTheme.Adaptive,
        double width = 640,
        int limit = 2000
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        string title = messages[Message.HeatTitle, explanation.Target, explanation.Method];
        SvgCanvas svg = new(theme, title, Rationale.Of(explanation, messages));
        double largest = ScoredText.Largest(explanation);
        double x = 12;
        double y = 24;
        double top = 12;
        if (theme != SvgTheme.MidTone)
        {
            svg.Text(12, 22, Ellipsis.Cut(title, (int)((width - 24) / SvgCanvas.Column)), bold: true);
            y = 56;
            top = 36;
        }
        int most = (int)((width - 24) / SvgCanvas.Column) - 2;
        foreach (Stretch stretch in ScoredText.Of(explanation, limit))
        {
            if (stretch.Feature < 0)
            {
                foreach (string piece in stretch.Text.Split(' '))
                {
                    if (piece.Trim().Length > 0)
                    {
                        Place(piece.Trim(), 0, false);
                    }
                }
                x += string.IsNullOrWhiteSpace(stretch.Text) || stretch.Text.EndsWith(' ') ? 4 : 0;
            }
            else
            {
                Place(stretch.Text, stretch.Score, true);
            }
        }
        return svg.Document(width, Math.Max(y + 28, top));

        void Place(string word, double score, bool feature)
        {
            string cut = Ellipsis.Cut(Escape.Visible(word), Math.Min(most, 60));
            bool marked = feature && largest > 0 && Math.Abs(score) >= 0.15 * largest;
            string number = marked ? Numbers.WithSign(score).Replace('-', '−') : "";
            // The score below a short word needs room of its own, or it would run into its neighbour's.
            double needed = Math.Max(Ellipsis.Columns(cut), number.Length * 0.85) * SvgCanvas.Column + 6;
            if (x + needed > width - 12 && x > 12)
            {
                x = 12;
                y += LineHeight;
            }
            if (feature && score != 0)
            {
                svg.Rectangle(
                    x,
                    y - 13,
                    needed,
                    18,
                    Palette.Of(score),
                    Palette.Opacity(score, largest) + (marked ? 0.06 : 0),
                    3
                );
            }
            svg.Text(x + needed / 2, y, cut, "middle", full: word);
            if (marked)
            {
                svg.Text(x + needed / 2, y + 17, number, "middle", dim: true);
            }
            x += needed + (feature ? 2 : 0);
        }
    }
}
