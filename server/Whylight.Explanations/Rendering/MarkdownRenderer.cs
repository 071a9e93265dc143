using System.Text;
using Whylight.Explanations.Evaluation;

namespace Whylight.Explanations.Rendering;

/// <summary>An explanation as a Markdown document: for pull requests, step summaries and notes.</summary>
public static class MarkdownRenderer
{
    /// <summary>Heading, strong words marked in the text, rationale, tables, limits; ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="rows">Most words in the table.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    /// <param name="quality">The explanation's measures, or null.</param>
    public static string Render(
        Explanation explanation,
        Messages messages,
        int rows = 20,
        string? expected = null,
        ExplanationEvaluation? quality = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        StringBuilder text = new();
        text.Append("### ")
            .Append(Rationale.Headline(explanation.Prediction, messages, expected, Escape.Markdown))
            .Append("\n\n");
        if (Rationale.NextLabels(explanation.Prediction, messages, Escape.Markdown) is { } next)
        {
            text.Append(next).Append("\n\n");
        }
        AppendText(text, explanation);
        text.Append(Rationale.Of(explanation, messages, Quoted, Escape.Markdown)).Append("\n\n");
        AppendFlips(text, explanation, messages);
        AppendList(
            text,
            messages[Message.ReasonsHeading],
            [.. ExplanationChart.ReasonLines(explanation, messages, Quoted)]
        );
        AppendList(text, messages[Message.PairsHeading], TerminalRenderer.PairLines(explanation, Quoted));
        AppendScores(text, explanation, messages, rows);
        if (explanation.Method == "owen")
        {
            AppendOutline(text, explanation, messages);
        }
        if (quality is not null)
        {
            AppendQuality(text, quality, messages);
        }
        text.Append("---\n\n");
        text.AppendJoin("  \n", Notes.Of(explanation, messages, Escape.Markdown));
        return text.Append('\n').ToString();
    }

    private static void AppendText(StringBuilder text, Explanation explanation)
    {
        double largest = ScoredText.Largest(explanation);
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        HashSet<int> anchored = [.. explanation.Anchor?.Features ?? []];
        StringBuilder quote = new();
        foreach (Stretch stretch in ScoredText.Of(explanation))
        {
            string shown = Escape.Markdown(stretch.Text);
            bool marked = stretch.Feature >= 0 && ScoredText.IsMarked(stretch.Score, largest);
            quote.Append(
                // Brackets as in the terminal: they show beside punctuation too, where stars would not open.
                anchored.Contains(stretch.Feature)
                    ? $"&#91;{Strong(shown)}&#93;"
                : marked ? Strong(shown)
                : shown
            );
            if (marked)
            {
                quote
                    .Append(" (")
                    .Append(signed ? scale.Signed(stretch.Score) : scale.Plain(stretch.Score))
                    .Append(')');
            }
        }
        text.Append("> ").Append(quote.ToString().Trim()).Append("\n\n");
    }

    /// <summary>Stars open and close only beside letters and digits; beside escaped punctuation they would show.</summary>
    private static string Strong(string shown) =>
        char.IsLetterOrDigit(shown[0]) && char.IsLetterOrDigit(shown[^1]) ? $"**{shown}**" : shown;

    private static void AppendScores(StringBuilder text, Explanation explanation, Messages messages, int rows)
    {
        IReadOnlyList<int> strongest = ScoredText.Strongest(explanation);
        if (strongest.Count == 0)
        {
            return;
        }
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        bool errors = strongest.Any(i => explanation.Features[i].StandardError is > 0);
        text.Append("| ").Append(messages[Message.WordColumn]);
        text.Append(" | ").Append(messages[Message.ScoreColumn]).Append(" |");
        text.Append(errors ? $" {messages[Message.ErrorColumn]} |" : "").Append('\n');
        text.Append("|---|---:|").Append(errors ? "---:|" : "").Append('\n');
        foreach (int i in strongest.Take(rows))
        {
            FeatureScore feature = explanation.Features[i];
            double score = feature.Score!.Value;
            text.Append("| ").Append(Escape.Markdown(TextFit.Cut(Escape.Visible(feature.Text), 80)));
            text.Append(" | ").Append(signed ? scale.Signed(score) : scale.Plain(score)).Append(" |");
            text.Append(errors ? $" {scale.Error(feature.StandardError ?? 0)} |" : "").Append('\n');
        }
        text.Append('\n');
        if (strongest.Count > rows)
        {
            text.Append(messages[Message.MoreFeatures, strongest.Count - rows]).Append("\n\n");
        }
    }

    private static void AppendFlips(StringBuilder text, Explanation explanation, Messages messages)
    {
        foreach (Counterfactual flip in explanation.Counterfactuals ?? [])
        {
            text.Append("- ").Append(FlipLines.Head(flip, messages, Escape.Markdown));
            text.Append(Rationale.Colon(messages).TrimEnd()).Append("  \n  ");
            foreach (DiffPiece piece in FlipLines.Pieces(explanation, flip))
            {
                string shown = Escape.Markdown(piece.Text);
                text.Append(
                    piece.Kind switch
                    {
                        // As git shows words: no Markdown marks, which would need the right neighbours.
                        DiffKind.Deleted => $"&#91;&#45;{shown}&#45;&#93;",
                        DiffKind.Inserted => $"&#123;&#43;{shown}&#43;&#125;",
                        _ => shown,
                    }
                );
            }
            text.Append('\n');
        }
        if (explanation.Counterfactuals is { Count: > 0 })
        {
            text.Append('\n');
        }
    }

    private static void AppendList(StringBuilder text, string heading, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }
        text.Append("#### ").Append(heading).Append("\n\n");
        foreach (string line in lines)
        {
            // A sign at the beginning of an item would begin a list of its own.
            text.Append("- ").Append(line.StartsWith('+') ? "&#43;" + line[1..] : line).Append('\n');
        }
        text.Append('\n');
    }

    private static void AppendOutline(StringBuilder text, Explanation explanation, Messages messages)
    {
        IReadOnlyList<PhraseRow> rows = PhraseOutline.Rows(explanation);
        NumberScale scale = NumberScale.Of(rows.Select(r => r.Score));
        text.Append("#### ")
            .Append(messages[Message.PhraseTreeTitle, messages.Target(explanation, Escape.Markdown)])
            .Append("\n\n");
        foreach (PhraseRow row in rows)
        {
            text.Append(' ', row.Depth * 2).Append("- ");
            text.Append(Escape.Markdown(TextFit.Cut(Escape.Visible(row.Text), 60)));
            text.Append(" (").Append(scale.Signed(row.Score)).Append(")\n");
        }
        text.Append('\n');
    }

    private static void AppendQuality(StringBuilder text, ExplanationEvaluation quality, Messages messages)
    {
        text.Append("#### ").Append(messages[Message.QualityHeading]).Append("\n\n| ");
        text.Append(messages[Message.MeasureColumn]).Append(" | ").Append(messages[Message.ValueColumn]);
        text.Append(" | ").Append(messages[Message.BetterColumn]).Append(" |\n|---|---:|---|\n");
        foreach (QualityRow row in QualityRow.Of(quality, messages))
        {
            text.Append("| ").Append(row.Name).Append(" | ").Append(row.Value);
            text.Append(" | ").Append(row.Better).Append(" |\n");
        }
        text.Append('\n');
        text.Append(messages[Message.QualityLine, messages.Term(quality.Absence), quality.ModelCalls]);
        text.Append("\n\n");
    }

    private static string Quoted(string word) => $"“{Escape.Isolated(Escape.Markdown(word))}”";
}
