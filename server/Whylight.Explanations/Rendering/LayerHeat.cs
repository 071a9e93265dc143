namespace Whylight.Explanations.Rendering;

/// <summary>Relevance layer by layer: a row a token, a column a layer from the input up, each cell its relevance.</summary>
public static class LayerHeat
{
    /// <summary>Most tokens drawn: those with the largest relevance anywhere.</summary>
    private const int MostTokens = 32;

    private const double RowHeight = 24;

    /// <summary>The picture as an SVG document.</summary>
    /// <param name="explanation">One with <see cref="Explanation.Layers"/>.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="theme">Where it will stand.</param>
    public static string Draw(Explanation explanation, Messages messages, SvgTheme theme = SvgTheme.Adaptive)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        SvgCanvas svg = new(theme, Title(explanation, messages), Rationale.Unmarked(explanation, messages));
        Place(svg, explanation, messages);
        return svg.Document();
    }

    internal static string Title(Explanation explanation, Messages messages) =>
        messages[Message.LayersTitle, messages.Target(explanation, t => t)];

    /// <summary>Draws the cells below what is drawn already.</summary>
    internal static void Place(SvgCanvas svg, Explanation explanation, Messages messages)
    {
        IReadOnlyList<Attribution.LayerRelevance> layers = explanation.Layers ?? [];
        if (layers.Count == 0 || layers.Max(l => l.Tokens.Count) == 0)
        {
            return;
        }
        int tokens = layers.Max(l => l.Tokens.Count);
        double At(int layer, int token) => token < layers[layer].Tokens.Count ? layers[layer].Tokens[token] : 0;
        double[] reach =
        [
            .. Enumerable.Range(0, tokens).Select(t => Enumerable.Range(0, layers.Count).Max(l => Math.Abs(At(l, t)))),
        ];
        int[] shown =
        [
            .. Enumerable.Range(0, tokens).OrderByDescending(t => reach[t]).ThenBy(t => t).Take(MostTokens).Order(),
        ];
        double largest = reach.Max();
        NumberScale scale = NumberScale.Of([largest]);
        string[] words = [.. shown.Select(t => SvgCanvas.Fit(TokenName(explanation, tokens, t, messages), 150))];
        double left = svg.Left + words.Max(w => SvgCanvas.WidthOf(w)) + 10;
        double cell = Math.Max(44, Math.Min(84, (svg.Left + svg.Width - left) / layers.Count));
        bool numbered = layers.Count <= 16;
        double top = svg.Y + 18;
        for (int l = 0; l < layers.Count; l++)
        {
            svg.Text(
                left + (l + 0.5) * cell,
                svg.Y + 12,
                SvgCanvas.Fit(Escape.Visible(layers[l].Name), cell - 4, SvgText.Dim),
                "middle",
                SvgText.Dim,
                full: layers[l].Name
            );
        }
        for (int row = 0; row < shown.Length; row++)
        {
            double y = top + row * RowHeight;
            svg.Text(left - 10, y + RowHeight / 2 + 4.5, words[row], "end");
            for (int l = 0; l < layers.Count; l++)
            {
                double score = At(l, shown[row]);
                double x = left + l * cell;
                svg.Cell(x + 1, y + 1, cell - 2, RowHeight - 2);
                if (score == 0)
                {
                    continue;
                }
                svg.Rectangle(
                    x + 1,
                    y + 1,
                    cell - 2,
                    RowHeight - 2,
                    Palette.Of(score),
                    Palette.Opacity(score, largest),
                    3
                );
                if (numbered)
                {
                    svg.Text(x + cell / 2, y + RowHeight / 2 + 4.5, scale.Signed(score), "middle", SvgText.Plain);
                }
            }
        }
        svg.Y = top + shown.Length * RowHeight + 6;
    }

    /// <summary>
    /// A token's word where the features are the tokens, with or without one special token at either end; else its number.
    /// </summary>
    private static string TokenName(Explanation explanation, int tokens, int token, Messages messages)
    {
        int specials = tokens - explanation.Features.Count;
        int feature = specials == 2 ? token - 1 : token;
        return specials is 0 or 2 && feature >= 0 && feature < explanation.Features.Count
            ? Escape.Visible(explanation.Features[feature].Text)
            : messages[Message.TokenNumber, token];
    }
}
