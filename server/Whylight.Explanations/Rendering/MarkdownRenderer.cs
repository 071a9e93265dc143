using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>An explanation as a Markdown document: for pull requests, step summaries and notes.</summary>
public static class MarkdownRenderer
{
    /// <summary>Heading, strong words marked in the text, a table of scores, rationale, limits; ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="rows">Most words in the table.</param>
    public static string Render(Explanation explanation, Messages messages, int rows = 20)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        StringBuilder text = new();
        text.Append("**")
            .Append(Rationale.Headline(explanation.Prediction, messages, null, Escape.Markdown))
            .Append("**\n\n> ");
        double largest = ScoredText.Largest(explanation);
        foreach (Stretch stretch in ScoredText.Of(explanation))
        {
            string shown = Escape.Markdown(stretch.Text);
            bool strong = largest > 0 && Math.Abs(stretch.Score) >= 0.15 * largest;
            text.Append(strong ? $"**{shown}** ({Signed(stretch.Score)})" : shown);
        }
        text.Append("\n\n");
        IReadOnlyList<int> strongest = ScoredText.Strongest(explanation);
        if (strongest.Count > 0)
        {
            bool errors = strongest.Any(i => explanation.Features[i].StandardError is > 0);
            text.Append("| ").Append(messages[Message.WordColumn]);
            text.Append(" | ").Append(messages[Message.ScoreColumn]).Append(" |");
            text.Append(errors ? $" {messages[Message.ErrorColumn]} |" : "").Append('\n');
            text.Append("|---|---:|").Append(errors ? "---:|" : "").Append('\n');
            foreach (int i in strongest.Take(rows))
            {
                FeatureScore feature = explanation.Features[i];
                text.Append("| ").Append(Escape.Markdown(Ellipsis.Cut(Escape.Visible(feature.Text), 80)));
                text.Append(" | ").Append(Signed(feature.Score!.Value)).Append(" |");
                text.Append(errors ? $" {Numbers.Plain(feature.StandardError ?? 0)} |" : "").Append('\n');
            }
            text.Append('\n');
            if (strongest.Count > rows)
            {
                text.Append(messages[Message.MoreFeatures, strongest.Count - rows]).Append("\n\n");
            }
        }
        text.Append(Rationale.Of(explanation, messages, word => $"“{Escape.Markdown(word)}”", Escape.Markdown));
        text.Append("\n\n");
        foreach (Counterfactual flip in explanation.Counterfactuals ?? [])
        {
            text.Append("- ").Append(Escape.Markdown(flip.Prediction.Label));
            text.Append(' ').Append(Numbers.Percent(flip.Prediction.Confidence)).Append(" %: ");
            text.Append(Escape.Markdown(flip.Text)).Append('\n');
        }
        foreach (string remark in Rationale.Remarks(explanation, messages, Escape.Markdown))
        {
            text.Append(remark).Append("\n\n");
        }
        if (Rationale.Account(explanation, messages) is { } account)
        {
            text.Append(account).Append("\n\n");
        }
        text.Append(messages[Message.MethodLine, explanation.Method, explanation.Estimator, explanation.ModelCalls]);
        if (messages.Limit(explanation) is { } limit)
        {
            text.Append("  \n").Append(limit);
        }
        return text.Append('\n').ToString();
    }

    private static string Signed(double score) => Numbers.WithSign(score).Replace('-', '−');
}
