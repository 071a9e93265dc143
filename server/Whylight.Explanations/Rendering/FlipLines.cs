namespace Whylight.Explanations.Rendering;

/// <summary>Counterfactuals: the edited text laid over the original, what is gone struck through, what is new underlined.</summary>
internal static class FlipLines
{
    /// <summary>Most characters of a text that are compared and shown.</summary>
    public const int MostCharacters = 4000;

    /// <summary>The pieces of an edited text against the original.</summary>
    public static IReadOnlyList<DiffPiece> Pieces(Explanation explanation, Counterfactual flip) =>
        TextDiff.Of(Short(explanation.Text), Short(flip.Text));

    /// <summary>"positive, 56 % sure; no single edit can be left out".</summary>
    public static string Head(Counterfactual flip, Messages messages, Func<string, string> escape)
    {
        string head = Rationale.Headline(flip.Prediction, messages, null, label => escape(Escape.Visible(label)));
        string joint = messages.Language == Language.SimplifiedChinese ? "；" : "; ";
        return flip.Minimal ? head + joint + messages[Message.FlipMinimal] : head;
    }

    /// <summary>Draws one below what is drawn already.</summary>
    public static void Place(SvgCanvas svg, Explanation explanation, Counterfactual flip, Messages messages)
    {
        svg.Paragraph(Head(flip, messages, t => t), SvgText.Heading, mostLines: 2);
        SvgFlow flow = new(svg, 26, Escape.RunsRightToLeft(explanation.Text));
        foreach (DiffPiece piece in Pieces(explanation, flip))
        {
            foreach (string word in TextFit.Pieces(Escape.Visible(piece.Text)))
            {
                if (word == " ")
                {
                    flow.Blank();
                    continue;
                }
                string cut = SvgCanvas.Fit(word, svg.Width - 12, SvgText.Body);
                bool same = piece.Kind == DiffKind.Same;
                double wide = SvgCanvas.WidthOf(cut, SvgText.Body) + (same ? 0 : 4);
                (double x, double y) = flow.Take(wide);
                if (!same)
                {
                    double sign = piece.Kind == DiffKind.Inserted ? 1 : -1;
                    svg.Rectangle(x, y - 15, wide, 20, Palette.Of(sign), Palette.MostOpacity / 2, 3);
                    if (sign > 0)
                    {
                        svg.Line(x, y + 4, x + wide, y + 4, strong: true);
                    }
                }
                svg.Text(
                    x + wide / 2,
                    y,
                    cut,
                    "middle",
                    SvgText.Body,
                    full: word,
                    struck: piece.Kind == DiffKind.Deleted
                );
            }
        }
        flow.End(18);
    }

    private static string Short(string text)
    {
        if (text.Length <= MostCharacters)
        {
            return text;
        }
        int end = char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters;
        return text[..end] + " …";
    }
}
