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

    /// <summary>Words listed where no chart can be shown.</summary>
    private const int Listed = 8;

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
        AppendHead(text, explanation, messages, options, Escape.Markdown);
        AppendSpans(text, explanation);
        text.Append("\n\n");
        string chart = ScoreBars.DrawSmall(explanation, messages, count: 6);
        string uri = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(chart));
        if (ScoredText.Largest(explanation) > 0 && uri.Length <= MaxChart)
        {
            text.Append("<img alt=\"")
                .Append(Escape.Markdown(ScoreBars.Title(explanation, messages)))
                .Append("\" src=\"")
                .Append(uri)
                .Append("\">\n\n");
        }
        text.Append(Rationale.Of(explanation, messages, Quoted, Escape.Markdown)).Append("\n\n");
        AppendFlips(text, explanation, messages, Escape.Markdown);
        AppendOptions(text, messages, options, "*");
        // The editor's own colour for small print: readable in every theme, which no fixed grey is.
        string[] notes =
        [
            .. Notes
                .Of(explanation, messages, Escape.Markdown, ErrorMarks.Whiskers)
                .Select(n => $"<span style=\"color:var(--vscode-descriptionForeground);\">{n}</span>"),
        ];
        text.AppendJoin("  \n", notes).Append('\n');
        return Bounded(text.ToString(), () => Markdown(explanation, messages, options), options);
    }

    /// <summary>The text with a coloured background a feature, its score in the tooltip.</summary>
    private static void AppendSpans(StringBuilder text, Explanation explanation)
    {
        double largest = ScoredText.Largest(explanation);
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        HashSet<int> anchored = [.. explanation.Anchor?.Features ?? []];
        foreach (Stretch stretch in ScoredText.Of(explanation, MaxText))
        {
            string shown = Escape.Markdown(stretch.Text);
            bool rule = anchored.Contains(stretch.Feature);
            double opacity =
                rule ? Palette.MostOpacity
                : stretch.Feature < 0 ? 0
                : Palette.Opacity(stretch.Score, largest);
            if (opacity < 0.03)
            {
                text.Append(shown);
                continue;
            }
            // A strong score's sign stands in the text too, and brackets around the words of a rule, for readers who see no colours.
            string mark =
                rule ? "&#91;"
                : !signed || !ScoredText.IsMarked(stretch.Score, largest) ? ""
                : stretch.Score > 0 ? "&#43;"
                : "−";
            text.Append("<span style=\"background-color:")
                .Append(Palette.Of(rule ? 1 : stretch.Score, signed).HexWith(opacity))
                .Append(";border-radius:3px;\"");
            if (!rule)
            {
                text.Append(" title=\"")
                    .Append(ScoredText.Number(explanation.Features[stretch.Feature], scale, signed))
                    .Append('"');
            }
            text.Append('>').Append(mark).Append(shown).Append(rule ? "&#93;</span>" : "</span>");
        }
    }

    private static string Markdown(Explanation explanation, Messages messages, HoverOptions options)
    {
        StringBuilder text = new();
        AppendHead(text, explanation, messages, options, Backslashed);
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        foreach (int i in ScoredText.Strongest(explanation, Listed))
        {
            FeatureScore feature = explanation.Features[i];
            text.Append("- ")
                .Append(Escape.MarkdownCode(TextFit.Cut(Escape.Visible(feature.Text), 60)))
                .Append(' ')
                .Append(ScoredText.Number(feature, scale, signed))
                .Append('\n');
        }
        text.Append('\n');
        text.Append(Rationale.Of(explanation, messages, Escape.MarkdownCode, Backslashed)).Append("\n\n");
        AppendFlips(text, explanation, messages, Backslashed);
        AppendOptions(text, messages, options, "*");
        text.AppendJoin("  \n", Notes.Of(explanation, messages, Backslashed)).Append('\n');
        return Bounded(text.ToString(), () => PlainText(explanation, messages, options), options);
    }

    private static string PlainText(Explanation explanation, Messages messages, HoverOptions options)
    {
        StringBuilder text = new();
        text.Append(Escape.Visible(Rationale.Headline(explanation.Prediction, messages, options.Expected)))
            .Append("\n\n");
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        int[] strongest = [.. ScoredText.Strongest(explanation, Listed)];
        string[] numbers = [.. strongest.Select(i => ScoredText.Number(explanation.Features[i], scale, signed))];
        int wide = numbers.Select(n => n.Length).DefaultIfEmpty(0).Max();
        for (int i = 0; i < strongest.Length; i++)
        {
            string word = TextFit.Cut(Escape.Visible(explanation.Features[strongest[i]].Text), 60);
            text.Append("  ").Append(numbers[i].PadRight(wide)).Append("  ").Append(word).Append('\n');
        }
        text.Append('\n').Append(Rationale.Of(explanation, messages)).Append('\n');
        AppendFlips(text, explanation, messages, Escape.Visible);
        AppendOptions(text, messages, options, "");
        foreach (string note in Notes.Of(explanation, messages, Escape.Visible))
        {
            text.Append(note).Append('\n');
        }
        return text.ToString();
    }

    private static void AppendHead(
        StringBuilder text,
        Explanation explanation,
        Messages messages,
        HoverOptions options,
        Func<string, string> escape
    )
    {
        text.Append("**")
            .Append(Rationale.Headline(explanation.Prediction, messages, options.Expected, escape))
            .Append("**\n\n");
        if (Rationale.NextLabels(explanation.Prediction, messages, escape) is { } next)
        {
            text.Append(next).Append("\n\n");
        }
    }

    private static void AppendOptions(StringBuilder text, Messages messages, HoverOptions options, string mark)
    {
        if (options.Computing)
        {
            text.Append(mark).Append(messages[Message.Computing]).Append(mark).Append("\n\n");
        }
        foreach (string line in options.Lines)
        {
            text.Append(line).Append("\n\n");
        }
    }

    private static void AppendFlips(
        StringBuilder text,
        Explanation explanation,
        Messages messages,
        Func<string, string> escape
    )
    {
        foreach (Counterfactual flip in (explanation.Counterfactuals ?? []).Take(3))
        {
            text.Append(FlipLines.Head(flip, messages, escape))
                .Append(Rationale.Colon(messages))
                .Append(escape(TextFit.Cut(Escape.Visible(flip.Text), 300)))
                .Append("\n\n");
        }
    }

    /// <summary>Falls back on a shorter form where a pathological text makes this one too long.</summary>
    private static string Bounded(string text, Func<string> shorter, HoverOptions options) =>
        text.Length <= options.MaxCharacters ? text : shorter();

    private static string Quoted(string word) => $"“{Escape.Isolated(Escape.Markdown(word))}”";

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
