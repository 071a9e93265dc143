using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Whylight.Explanations.Evaluation;

namespace Whylight.Explanations.Rendering;

/// <summary>
/// Explanations as HTML: self-contained, light and dark, on paper and without colour; no script, no style attribute,
/// nothing fetched.
/// </summary>
public static class HtmlRenderer
{
    /// <summary>Steps of the tint behind a word; each is a class, since a strict policy lets no style attribute through.</summary>
    private const int Steps = 16;

    /// <summary>Rows up to which the table of scores stands open.</summary>
    private const int OpenRows = 24;

    /// <summary>The colours and type that every page of ours shares; charts drawn for a page use its variables.</summary>
    public static string Style { get; } =
        $$$"""
            :root{color-scheme:light dark;{{{Variables(Palette.Light)}}}}
            @media(prefers-color-scheme:dark){:root{{{{Variables(Palette.Dark)}}}}}
            *{box-sizing:border-box}
            body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC",sans-serif}
            main{max-width:760px;margin:0 auto;padding:32px 24px 48px}
            h1{font-size:1.5em;line-height:1.3;margin:0 0 8px;overflow-wrap:anywhere}h2{font-size:1.1em;margin:36px 0 10px;overflow-wrap:anywhere}
            p{margin:8px 0;overflow-wrap:anywhere}figure{margin:0}
            .dim,.notes{color:var(--dim);font-size:.9375em}.notes{padding-left:1.2em}.notes li{margin:4px 0;overflow-wrap:anywhere}
            .heat{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px;line-height:2.1;overflow-wrap:anywhere;margin:16px 0}
            .heat span{border-radius:3px;padding:2px 1px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
            .heat sub{font-size:.7em;line-height:1;margin:0 1px 0 3px;unicode-bidi:isolate;direction:ltr}
            .key{display:inline-block;padding:0 4px;border-radius:3px}
            .for,ins{border-bottom:2px solid {{{Palette.For.Hex}}};text-decoration:none}
            .against{border-bottom:2px dashed {{{Palette.Against.Hex}}}}
            .unsigned{border-bottom:2px dotted {{{Palette.Signless.Hex}}}}
            ins{background:{{{Palette.For.HexWith(Palette.MostOpacity / 2)}}}}del{background:{{{Palette.Against.HexWith(
                Palette.MostOpacity / 2
            )}}}}
            del+ins{margin-left:2px}
            {{{Tints()}}}
            table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
            caption{text-align:left;color:var(--dim);font-size:.875em;padding-bottom:4px}
            th{text-align:left;font-weight:600;color:var(--dim);font-size:.875em}
            td,th{padding:4px 8px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
            td.n,th.n{text-align:right;white-space:nowrap}
            details{margin-top:36px}summary{cursor:pointer;font-size:1.1em;font-weight:600;margin-bottom:10px}
            svg{display:block;max-width:100%;height:auto}
            {{{SvgCanvas.PageStyle}}}
            @media print{
            :root{color-scheme:light;{{{Variables(Palette.Light)}}}}
            body{font-size:11pt}main{max-width:none;padding:0}
            .heat,figure,tr{break-inside:avoid}h2{break-after:avoid}
            *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
            details::details-content{content-visibility:visible;block-size:auto}
            }
            """;

    /// <summary>A whole page.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="quality">The explanation's measures, or null.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    public static string Page(
        Explanation explanation,
        Messages messages,
        ExplanationEvaluation? quality = null,
        string? expected = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        string language = messages.Language == Language.SimplifiedChinese ? "zh-CN" : "en";
        string style = "\n" + Style + "\n";
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"")
            .Append(language)
            .Append("\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'\">\n"
        );
        html.Append("<title>").Append(Escape.Html(ScoreBars.Title(explanation, messages))).Append("</title>\n<style>");
        html.Append(style).Append("</style>\n</head>\n<body>\n<main>\n");
        html.Append(Fragment(explanation, messages, quality, expected));
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>The parts of the page between its head and its end, for reports that hold several and carry <see cref="Style"/>.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="quality">The explanation's measures, or null.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    public static string Fragment(
        Explanation explanation,
        Messages messages,
        ExplanationEvaluation? quality = null,
        string? expected = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        StringBuilder html = new();
        html.Append("<h1>")
            .Append(Rationale.Headline(explanation.Prediction, messages, expected, Isolated))
            .Append("</h1>\n");
        if (Rationale.NextLabels(explanation.Prediction, messages, Isolated) is { } next)
        {
            html.Append("<p class=\"dim\">").Append(next).Append("</p>\n");
        }
        html.Append("<p>").Append(Rationale.Of(explanation, messages, Quoted, Isolated)).Append("</p>\n");
        html.Append("<div class=\"heat\" dir=\"auto\">").Append(Heat(explanation)).Append("</div>\n");
        AppendLegend(html, explanation, messages);
        AppendFlips(html, explanation, messages);
        AppendReasons(html, explanation, messages);
        foreach (ExplanationChart chart in ExplanationChart.Of(explanation, messages, quality))
        {
            // The page says counterfactuals and reasons in its own words, which can be selected and read aloud.
            if (chart.Title == messages[Message.FlipsHeading] || chart.Title == messages[Message.ReasonsHeading])
            {
                continue;
            }
            html.Append("<h2>").Append(Escape.Html(chart.Title)).Append("</h2>\n<figure>");
            html.Append(chart.Draw(SvgTheme.Page)).Append("</figure>\n");
        }
        if (quality is not null)
        {
            AppendQuality(html, quality, messages);
        }
        AppendTable(html, explanation, messages);
        html.Append("<h2>").Append(messages[Message.NotesHeading]).Append("</h2>\n<ul class=\"notes\">\n");
        foreach (string note in Notes.Of(explanation, messages, t => t, ErrorMarks.Whiskers))
        {
            html.Append("<li>").Append(Escape.Html(note)).Append("</li>\n");
        }
        return html.Append("</ul>\n").ToString();
    }

    /// <summary>The text with a tint behind each feature; strong ones are underlined and carry their score in small type.</summary>
    public static string Heat(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        double largest = ScoredText.Largest(explanation);
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        HashSet<int> anchored = [.. explanation.Anchor?.Features ?? []];
        StringBuilder html = new();
        foreach (Stretch stretch in ScoredText.Of(explanation))
        {
            string shown = Escape.Html(stretch.Text);
            if (anchored.Contains(stretch.Feature))
            {
                html.Append("<span class=\"for p").Append(Steps).Append("\">").Append(shown).Append("</span>");
                continue;
            }
            double strength = largest > 0 && stretch.Feature >= 0 ? Math.Abs(stretch.Score) / largest : 0;
            int step = (int)Math.Round(Math.Pow(strength, 0.8) * Steps);
            if (step == 0)
            {
                html.Append(shown);
                continue;
            }
            FeatureScore feature = explanation.Features[stretch.Feature];
            bool marked = ScoredText.IsMarked(stretch.Score, largest);
            string kind =
                !signed ? "unsigned"
                : stretch.Score > 0 ? "for"
                : "against";
            string tint =
                !signed ? "u"
                : stretch.Score > 0 ? "p"
                : "n";
            html.Append("<span class=\"").Append(marked ? kind + " " : "").Append(tint).Append(step);
            html.Append("\" title=\"").Append(ScoredText.Number(feature, scale, signed)).Append("\">");
            html.Append(shown);
            if (marked)
            {
                html.Append("<sub>");
                html.Append(signed ? scale.Signed(stretch.Score) : scale.Plain(stretch.Score)).Append("</sub>");
            }
            html.Append("</span>");
        }
        return html.ToString();
    }

    private static void AppendLegend(StringBuilder html, Explanation explanation, Messages messages)
    {
        if (ScoredText.Largest(explanation) == 0 || !ScoredText.IsSigned(explanation))
        {
            return;
        }
        string target = messages.Target(explanation, Isolated);
        html.Append("<p class=\"dim\"><span class=\"key for p").Append(Steps / 2).Append("\">+</span> ");
        html.Append(messages[Message.For, target]);
        html.Append(" &#160; <span class=\"key against n").Append(Steps / 2).Append("\">−</span> ");
        html.Append(messages[Message.Against, target]).Append("</p>\n");
    }

    private static void AppendFlips(StringBuilder html, Explanation explanation, Messages messages)
    {
        if (explanation.Counterfactuals is not { Count: > 0 } flips)
        {
            return;
        }
        html.Append("<h2>").Append(messages[Message.FlipsHeading]).Append("</h2>\n");
        foreach (Counterfactual flip in flips)
        {
            html.Append("<p><b>").Append(FlipLines.Head(flip, messages, Isolated)).Append("</b></p>\n");
            html.Append("<div class=\"heat\" dir=\"auto\">");
            foreach (DiffPiece piece in FlipLines.Pieces(explanation, flip))
            {
                string shown = Escape.Html(piece.Text);
                html.Append(
                    piece.Kind switch
                    {
                        DiffKind.Deleted => $"<del>{shown}</del>",
                        DiffKind.Inserted => $"<ins>{shown}</ins>",
                        _ => shown,
                    }
                );
            }
            html.Append("</div>\n");
        }
    }

    private static void AppendReasons(StringBuilder html, Explanation explanation, Messages messages)
    {
        string[] lines = [.. ExplanationChart.ReasonLines(explanation, messages, Quoted)];
        if (lines.Length == 0)
        {
            return;
        }
        html.Append("<h2>").Append(messages[Message.ReasonsHeading]).Append("</h2>\n<ol>\n");
        foreach (string line in lines)
        {
            html.Append("<li>").Append(line).Append("</li>\n");
        }
        html.Append("</ol>\n");
    }

    private static void AppendTable(StringBuilder html, Explanation explanation, Messages messages)
    {
        IReadOnlyList<int> strongest = ScoredText.Strongest(explanation);
        if (strongest.Count == 0)
        {
            return;
        }
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        bool errors = strongest.Any(i => explanation.Features[i].StandardError is > 0);
        html.Append("<details");
        html.Append(strongest.Count <= OpenRows ? " open=\"\"" : "").Append("><summary>");
        html.Append(messages[Message.ScoresHeading])
            .Append(" (")
            .Append(strongest.Count)
            .Append(")</summary>\n<table>\n<tr><th scope=\"col\">");
        html.Append(messages[Message.WordColumn]).Append("</th><th scope=\"col\" class=\"n\">");
        html.Append(messages[Message.ScoreColumn]).Append("</th>");
        html.Append(errors ? $"<th scope=\"col\" class=\"n\">{messages[Message.ErrorColumn]}</th>" : "");
        html.Append("</tr>\n");
        foreach (int i in strongest)
        {
            FeatureScore feature = explanation.Features[i];
            double score = feature.Score!.Value;
            html.Append("<tr><td dir=\"auto\">").Append(Escape.Html(feature.Text)).Append("</td><td class=\"n\">");
            html.Append(signed ? scale.Signed(score) : scale.Plain(score)).Append("</td>");
            html.Append(errors ? $"<td class=\"n\">{Escape.Html(scale.Error(feature.StandardError ?? 0))}</td>" : "");
            html.Append("</tr>\n");
        }
        html.Append("</table>\n</details>\n");
    }

    private static void AppendQuality(StringBuilder html, ExplanationEvaluation quality, Messages messages)
    {
        html.Append("<h2>").Append(messages[Message.QualityHeading]).Append("</h2>\n<table>\n<caption>");
        html.Append(Escape.Html(messages[Message.QualityLine, messages.Term(quality.Absence), quality.ModelCalls]));
        html.Append("</caption>\n<tr><th scope=\"col\">").Append(messages[Message.MeasureColumn]);
        html.Append("</th><th scope=\"col\" class=\"n\">").Append(messages[Message.ValueColumn]);
        html.Append("</th><th scope=\"col\">").Append(messages[Message.BetterColumn]).Append("</th></tr>\n");
        foreach (QualityRow row in QualityRow.Of(quality, messages))
        {
            html.Append("<tr><td>").Append(row.Name).Append("</td><td class=\"n\">");
            html.Append(row.Value).Append("</td><td>").Append(row.Better).Append("</td></tr>\n");
        }
        html.Append("</table>\n");
    }

    private static string Variables(Scheme s) =>
        $"--paper:{s.Paper.Hex};--card:{s.Card.Hex};--ink:{s.Ink.Hex};--dim:{s.Dim.Hex};--line:{s.Hair.Hex}";

    /// <summary>Classes p1 … (for), n1 … (against) and u1 … (without a sign), from faint to strong.</summary>
    private static string Tints()
    {
        StringBuilder css = new();
        foreach (
            (char name, Rgb colour) in new[] { ('p', Palette.For), ('n', Palette.Against), ('u', Palette.Signless) }
        )
        {
            for (int step = 1; step <= Steps; step++)
            {
                css.Append(
                    CultureInfo.InvariantCulture,
                    $".{name}{step}{{background:{colour.HexWith(Palette.MostOpacity * step / Steps)}}}"
                );
            }
        }
        return css.ToString();
    }

    /// <summary>A label or word that keeps its own direction among ours.</summary>
    private static string Isolated(string text) => $"<bdi>{Escape.Html(text)}</bdi>";

    private static string Quoted(string word) => $"<b>“{Isolated(word)}”</b>";
}
