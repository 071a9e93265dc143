using System.Text;
using Whylight.Explanations.Global;

namespace Whylight.Explanations.Rendering;

/// <summary>Global explanations as an HTML page: self-contained, light and dark, no script, nothing fetched.</summary>
public static class GlobalHtml
{
    /// <summary>A whole page.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="lines">One-based line in the file of each text given, or null.</param>
    public static string Page(GlobalExplanation explanation, Messages messages, IReadOnlyList<int>? lines = null)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        GlobalView view = GlobalView.Of(explanation, messages, lines);
        string language = messages.Language == Language.SimplifiedChinese ? "zh-CN" : "en";
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"")
            .Append(language)
            .Append("\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        html.Append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        );
        html.Append("<title>").Append(Escape.Html(view.Title)).Append("</title>\n<style>\n");
        html.Append(HtmlRenderer.Style).Append("\nmain{max-width:1080px}\n");
        html.Append("</style>\n</head>\n<body>\n<main>\n<h1>").Append(Escape.Html(view.Title)).Append("</h1>\n");
        foreach (string finding in view.Findings)
        {
            html.Append("<p>").Append(Escape.Html(finding)).Append("</p>\n");
        }
        html.Append("<div>");
        html.Append(GlobalChart.Draw(explanation, messages, SvgTheme.Page, lines)).Append("</div>\n");
        foreach (GlobalTable table in view.Tables)
        {
            Append(html, table, messages);
        }
        html.Append("<div class=\"dim\">\n");
        foreach (string limit in view.Limits)
        {
            html.Append("<p>").Append(Escape.Html(limit)).Append("</p>\n");
        }
        return html.Append("</div>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder html, GlobalTable table, Messages messages)
    {
        string heading = table.Heading ?? table.Bar;
        html.Append("<details><summary>").Append(Escape.Html(heading)).Append("</summary>\n<table>\n<tr>");
        foreach (string title in (string[])[table.Left, table.Bar, .. table.Right])
        {
            html.Append("<th>").Append(Escape.Html(title)).Append("</th>");
        }
        html.Append("</tr>\n");
        foreach (GlobalRow row in table.Rows)
        {
            html.Append("<tr>");
            foreach (string cell in (string[])[row.Left, row.Number.Replace('-', '−'), .. row.Right])
            {
                html.Append("<td>").Append(Escape.Html(cell)).Append("</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</table>\n");
        if (table.More > 0)
        {
            html.Append("<p class=\"dim\">").Append(messages.Get(GlobalMessage.More, table.More)).Append("</p>\n");
        }
        html.Append("</details>\n");
    }
}
