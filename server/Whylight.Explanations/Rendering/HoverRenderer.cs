using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>What a client's hover can show.</summary>
public enum HoverForm
{
    /// <summary>Markdown with the span and img elements that VS Code lets through.</summary>
    Html,

    /// <summary>Markdown without HTML, readable also as it is written.</summary>
    Markdown,

    /// <summary>Plain text.</summary>
    PlainText,
}

/// <summary>What else a hover says beside the explanation.</summary>
public sealed record HoverOptions
{
    /// <summary>The label that the data gives, or null.</summary>
    public string? Expected { get; init; }

    /// <summary>Whether better numbers are still being worked out.</summary>
    public bool Computing { get; init; }

    /// <summary>Lines already made by others (a smallest flip, links); trusted and already in the form's Markdown.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>Most characters of the whole hover; VS Code cuts at 100,000.</summary>
    public int MaxCharacters { get; init; } = 90_000;
}

/// <summary>
/// An explanation as a hover. The HTML form keeps to what VS Code's sanitiser accepts: styles on spans only, colours before
/// backgrounds, hexadecimal, no blanks, every declaration closed by a semicolon.
/// </summary>
public static class HoverRenderer
{
    /// <summary>Most characters of a chart's data URI.</summary>
    public const int MaxChart = 8_000;

    /// <summary>Most characters of the explained text that are shown.</summary>
    private const int MaxText = 1_200;

    /// <summary>The hover's content.</summary>
    public static string Render(
        Explanation explanation,
        Messages messages,
        HoverForm form,
        HoverOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new HoverOptions();
        return form switch
        {
            HoverForm.Html => Html(explanation, messages, options),
            HoverForm.Markdown => Markdown(explanation, messages, options),
            _ => PlainText(explanation, messages, options),
        };
    }

    private static string Html(Explanation explanation, Messages messages, HoverOptions options)
    {
        StringBuilder text = new();
        text.Append("**")
            .Append(Rationale.Headline(explanation.Prediction, messages, options.Expected, Escape.Markdown))
            .Append("**\n\n");
        AppendSpans(text, explanation);
        text.Append("\n\n");
        string chart = ScoreBars.Draw(explanation, messages, SvgTheme.MidTone, count: 6);
        string uri = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(chart));
        if (ScoredText.Largest(explanation) > 0 && uri.Length <= MaxChart)
        {
            text.Append("<img alt=\"")
                .Append(Escape.Markdown(messages[Message.ChartTitle, explanation.Target, explanation.Method]))
                .Append("\" src=\"")
                .Append(uri)
                .Append("\">\n\n");
        }
        text.Append(Rationale.Of(explanation, messages, word => $"“{Escape.Markdown(word)}”", Escape.Markdown));
        text.Append("\n\n");
        foreach (string remark in Rationale.Remarks(explanation, messages, Escape.Markdown))
        {
            text.Append(remark).Append("\n\n");
        }
        AppendFlips(text, explanation, Escape.Markdown);
        if (options.Computing)
        {
            text.Append('*').Append(messages[Message.Computing]).Append("*\n\n");
        }
        foreach (string line in options.Lines)
        {
            text.Append(line).Append("\n\n");
        }
        text.Append("<span style=\"color:").Append(Palette.Neutral.Hex).Append(";\">");
        text.Append(messages[Message.MethodLine, explanation.Method, explanation.Estimator, explanation.ModelCalls]);
        text.Append("</span>");
        if (messages.Limit(explanation) is { } limit)
        {
            text.Append("  \n<span style=\"color:").Append(Palette.Neutral.Hex).Append(";\">");
            text.Append(limit).Append("</span>");
        }
        text.Append('\n');
        return Bounded(text.ToString(), () => Markdown(explanation, messages, options), options);
    }

    /// <summary>The text with a coloured background a feature, its score in the tooltip.</summary>
    private static void AppendSpans(StringBuilder text, Explanation explanation)
    {
        double largest = ScoredText.Largest(explanation);
        foreach (Stretch stretch in ScoredText.Of(explanation, MaxText))
        {
            string shown = Escape.Markdown(stretch.Text);
            double opacity = stretch.Feature < 0 ? 0 : Palette.Opacity(stretch.Score, largest);
            if (opacity < 0.03)
            {
                text.Append(shown);
                continue;
            }
            // A strong score's sign stands in the text too, for readers who see no colours.
            string mark = opacity >= 0.25 ? (stretch.Score > 0 ? "&#43;" : "&#8722;") : "";
            text.Append("<span style=\"background-color:")
                .Append(Palette.Of(stretch.Score).HexWith(opacity))
                .Append(";border-radius:3px;\" title=\"")
                .Append(Numbers.WithSign(stretch.Score));
            if (explanation.Features[stretch.Feature].StandardError is > 0 and { } error)
            {
                text.Append(" ± ").Append(Numbers.Plain(error));
            }
            text.Append("\">");
            text.Append(mark.Length > 0 ? mark : "").Append(shown).Append("</span>");
        }
    }

    private static string Markdown(Explanation explanation, Messages messages, HoverOptions options)
    {
        StringBuilder text = new();
        text.Append("**")
            .Append(Rationale.Headline(explanation.Prediction, messages, options.Expected, Backslashed))
            .Append("**\n\n");
        foreach (int i in ScoredText.Strongest(explanation, 8))
        {
            FeatureScore feature = explanation.Features[i];
            text.Append("- ")
                .Append(Escape.MarkdownCode(Ellipsis.Cut(Escape.Visible(feature.Text), 60)))
                .Append(' ')
                .Append(Numbers.WithSign(feature.Score!.Value));
            if (feature.StandardError is > 0 and { } error)
            {
                text.Append(" ± ").Append(Numbers.Plain(error));
            }
            text.Append('\n');
        }
        text.Append('\n');
        text.Append(Rationale.Of(explanation, messages, Escape.MarkdownCode, Backslashed)).Append("\n\n");
        foreach (string remark in Rationale.Remarks(explanation, messages, Backslashed))
        {
            text.Append(remark).Append("\n\n");
        }
        AppendFlips(text, explanation, Escape.MarkdownCode);
        if (options.Computing)
        {
            text.Append('*').Append(messages[Message.Computing]).Append("*\n\n");
        }
        foreach (string line in options.Lines)
        {
            text.Append(line).Append("\n\n");
        }
        text.Append(messages[Message.MethodLine, explanation.Method, explanation.Estimator, explanation.ModelCalls]);
        if (messages.Limit(explanation) is { } limit)
        {
            text.Append("  \n").Append(limit);
        }
        text.Append('\n');
        return Bounded(text.ToString(), () => PlainText(explanation, messages, options), options);
    }

    private static string PlainText(Explanation explanation, Messages messages, HoverOptions options)
    {
        StringBuilder text = new();
        text.Append(Escape.Visible(Rationale.Headline(explanation.Prediction, messages, options.Expected)))
            .Append("\n\n");
        foreach (int i in ScoredText.Strongest(explanation, 8))
        {
            FeatureScore feature = explanation.Features[i];
            text.Append("  ")
                .Append(Numbers.WithSign(feature.Score!.Value).PadLeft(7))
                .Append("  ")
                .Append(Ellipsis.Cut(Escape.Visible(feature.Text), 60));
            if (feature.StandardError is > 0 and { } error)
            {
                text.Append(CultureInfo.InvariantCulture, $" (± {Numbers.Plain(error)})");
            }
            text.Append('\n');
        }
        text.Append('\n').Append(Rationale.Of(explanation, messages)).Append('\n');
        foreach (string remark in Rationale.Remarks(explanation, messages, Escape.Visible))
        {
            text.Append(remark).Append('\n');
        }
        AppendFlips(text, explanation, Escape.Visible);
        if (options.Computing)
        {
            text.Append(messages[Message.Computing]).Append('\n');
        }
        text.Append(messages[Message.MethodLine, explanation.Method, explanation.Estimator, explanation.ModelCalls]);
        if (messages.Limit(explanation) is { } limit)
        {
            text.Append('\n').Append(limit);
        }
        return text.Append('\n').ToString();
    }

    private static void AppendFlips(StringBuilder text, Explanation explanation, Func<string, string> escape)
    {
        foreach (Counterfactual flip in (explanation.Counterfactuals ?? []).Take(3))
        {
            text.Append(escape(flip.Prediction.Label))
                .Append(CultureInfo.InvariantCulture, $" {Numbers.Percent(flip.Prediction.Confidence)} %: ")
                .Append(escape(Ellipsis.Cut(Escape.Visible(flip.Text), 300)))
                .Append("\n\n");
        }
    }

    /// <summary>Falls back on a shorter form where a pathological text makes this one too long.</summary>
    private static string Bounded(string text, Func<string> shorter, HoverOptions options) =>
        text.Length <= options.MaxCharacters ? text : shorter();

    /// <summary>
    /// Markdown text with a backslash before what acts: for clients that show Markdown as it is written, few marks.
    /// </summary>
    private static string Backslashed(string text)
    {
        string visible = Escape.Visible(text);
        StringBuilder escaped = new(visible.Length + 8);
        foreach (char c in visible)
        {
            if ("\\`*_[]<>#|~&$!:@".Contains(c, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }
            escaped.Append(c);
        }
        return escaped.ToString();
    }
}
