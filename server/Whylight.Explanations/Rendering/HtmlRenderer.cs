using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>Explanations as HTML: self-contained, light and dark, no script, nothing fetched.</summary>
public static class HtmlRenderer
{
    /// <summary>The colours and type that every page of ours shares; charts drawn for a page use its variables.</summary>
    public const string Style = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--dim:#59636e;--line:#d1d9e0;--card:#f6f8fa}
        @media(prefers-color-scheme:dark){:root{--paper:#16191d;--ink:#e6edf3;--dim:#9198a1;--line:#3d444d;--card:#1f242b}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:820px;margin:0 auto;padding:32px 24px 48px}
        h1{font-size:1.5em;margin:0 0 4px}h2{font-size:1.1em;margin:32px 0 8px}
        .dim{color:var(--dim);font-size:.875em}.dim p{margin:4px 0}
        .heat{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 20px;line-height:2.3;overflow-wrap:anywhere}
        .heat span{border-radius:4px;padding:2px 1px}
        .heat sub{font-size:.65em;color:var(--dim);margin-left:2px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th{text-align:left;font-weight:600;color:var(--dim);font-size:.875em}
        td,th{padding:4px 8px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        td.n,th.n{text-align:right;white-space:nowrap}
        svg{max-width:100%;height:auto}
        """;

    /// <summary>A whole page.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="charts">Further charts, drawn with <see cref="SvgTheme.Page"/>, in order.</param>
    public static string Page(Explanation explanation, Messages messages, IReadOnlyList<string>? charts = null)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        string title = messages[Message.ChartTitle, explanation.Target, explanation.Method];
        string language = messages.Language == Language.SimplifiedChinese ? "zh-CN" : "en";
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"")
            .Append(language)
            .Append("\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        html.Append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        );
        html.Append("<title>").Append(Escape.Html(title)).Append("</title>\n<style>\n").Append(Style);
        html.Append("\n</style>\n</head>\n<body>\n<main>\n");
        html.Append(Fragment(explanation, messages));
        foreach (string chart in charts ?? [])
        {
            html.Append("<p>").Append(chart).Append("</p>\n");
        }
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>The parts of the page between its head and its end, for reports that hold several.</summary>
    public static string Fragment(Explanation explanation, Messages messages)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        StringBuilder html = new();
        html.Append("<h1>").Append(Escape.Html(Rationale.Headline(explanation.Prediction, messages))).Append("</h1>\n");
        html.Append("<p>")
            .Append(Rationale.Of(explanation, messages, word => $"<b>“{Escape.Html(word)}”</b>", Escape.Html));
        html.Append("</p>\n<div class=\"heat\">").Append(Heat(explanation)).Append("</div>\n");
        html.Append("<p>").Append(ScoreBars.Draw(explanation, messages, SvgTheme.Page)).Append("</p>\n");
        if (explanation.Interactions is { Count: > 0 })
        {
            html.Append("<p>").Append(InteractionMatrix.Draw(explanation, messages, SvgTheme.Page)).Append("</p>\n");
        }
        AppendTable(html, explanation, messages);
        foreach (Counterfactual flip in explanation.Counterfactuals ?? [])
        {
            html.Append("<p><b>").Append(Escape.Html(flip.Prediction.Label)).Append("</b> ");
            html.Append(CultureInfo.InvariantCulture, $"{Numbers.Percent(flip.Prediction.Confidence)} %: ");
            html.Append(Escape.Html(flip.Text)).Append("</p>\n");
        }
        html.Append("<div class=\"dim\">\n");
        List<string> lines = [.. Rationale.Remarks(explanation, messages, note => note)];
        if (Rationale.Account(explanation, messages) is { } account)
        {
            lines.Add(account);
        }
        lines.Add(messages[Message.MethodLine, explanation.Method, explanation.Estimator, explanation.ModelCalls]);
        if (messages.Limit(explanation) is { } limit)
        {
            lines.Add(limit);
        }
        foreach (string line in lines)
        {
            html.Append("<p>").Append(Escape.Html(line)).Append("</p>\n");
        }
        return html.Append("</div>\n").ToString();
    }

    /// <summary>The text with a coloured background a feature; strong ones carry their score in small type.</summary>
    public static string Heat(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        double largest = ScoredText.Largest(explanation);
        StringBuilder html = new();
        foreach (Stretch stretch in ScoredText.Of(explanation))
        {
            string shown = Escape.Html(stretch.Text);
            double opacity = stretch.Feature < 0 ? 0 : Palette.Opacity(stretch.Score, largest);
            if (opacity < 0.02)
            {
                html.Append(shown);
                continue;
            }
            string score = Numbers.WithSign(stretch.Score).Replace('-', '−');
            html.Append("<span style=\"background:").Append(Palette.Of(stretch.Score).HexWith(opacity));
            html.Append("\" title=\"").Append(score).Append("\">").Append(shown);
            if (Math.Abs(stretch.Score) >= 0.15 * largest)
            {
                html.Append("<sub>").Append(score).Append("</sub>");
            }
            html.Append("</span>");
        }
        return html.ToString();
    }

    private static void AppendTable(StringBuilder html, Explanation explanation, Messages messages)
    {
        IReadOnlyList<int> strongest = ScoredText.Strongest(explanation);
        if (strongest.Count == 0)
        {
            return;
        }
        bool errors = strongest.Any(i => explanation.Features[i].StandardError is > 0);
        html.Append("<details><summary>").Append(messages[Message.ScoreColumn]).Append("</summary>\n<table>\n<tr><th>");
        html.Append(messages[Message.WordColumn]).Append("</th><th class=\"n\">");
        html.Append(messages[Message.ScoreColumn]).Append("</th>");
        html.Append(errors ? $"<th class=\"n\">{messages[Message.ErrorColumn]}</th>" : "").Append("</tr>\n");
        foreach (int i in strongest)
        {
            FeatureScore feature = explanation.Features[i];
            html.Append("<tr><td>").Append(Escape.Html(feature.Text)).Append("</td><td class=\"n\">");
            html.Append(Numbers.WithSign(feature.Score!.Value).Replace('-', '−')).Append("</td>");
            html.Append(errors ? $"<td class=\"n\">{Numbers.Plain(feature.StandardError ?? 0)}</td>" : "");
            html.Append("</tr>\n");
        }
        html.Append("</table>\n</details>\n");
    }
}
