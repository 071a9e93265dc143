using System.Text;
using Whylight.Explanations.Global;

namespace Whylight.Explanations.Rendering;

/// <summary>Global explanations as Markdown: for pull requests, step summaries and notes.</summary>
public static class GlobalMarkdown
{
    /// <summary>Heading, findings, the tree or the tables, limits; ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="lines">One-based line in the file of each text given, or null.</param>
    public static string Render(GlobalExplanation explanation, Messages messages, IReadOnlyList<int>? lines = null)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        GlobalView view = GlobalView.Of(explanation, messages, lines);
        StringBuilder text = new();
        text.Append("**").Append(Sentence(view.Title)).Append("**\n\n");
        text.Append(string.Join("  \n", view.Findings.Select(Sentence))).Append("\n\n");
        if (explanation.Tree is { } tree)
        {
            // A code block shows the branches as they are; nothing in it acts, and a fence cannot be closed from inside a line.
            text.Append("~~~~text\n");
            text.Append(
                GlobalTreeText.Of(explanation, tree, messages, label => Escape.Visible(explanation.Labels[label]))
            );
            text.Append("~~~~\n\n");
        }
        foreach (GlobalTable table in view.Tables)
        {
            Append(text, table, messages);
        }
        return text.Append(string.Join("  \n", view.Limits.Select(Sentence))).Append('\n').ToString();
    }

    private static void Append(StringBuilder text, GlobalTable table, Messages messages)
    {
        if (table.Heading is { } heading)
        {
            text.Append("**").Append(Cell(heading)).Append("**\n\n");
        }
        string[] titles = [table.Left, table.Bar, .. table.Right];
        text.Append("| ").Append(string.Join(" | ", titles.Select(Cell))).Append(" |\n|---|---:|");
        // Numbers stand to the right, words to the left.
        text.Append(
            string.Concat(table.Right.Select((_, c) => table.Rows.All(r => Numeric(r.Right[c])) ? "---:|" : "---|"))
        );
        text.Append('\n');
        foreach (GlobalRow row in table.Rows)
        {
            string[] cells = [row.Left, row.Number.Replace('-', '−'), .. row.Right];
            text.Append("| ").Append(string.Join(" | ", cells.Select(Cell))).Append(" |\n");
        }
        text.Append('\n');
        if (table.More > 0)
        {
            text.Append(messages.Get(GlobalMessage.More, table.More)).Append("\n\n");
        }
    }

    private static bool Numeric(string cell) => cell.Length == 0 || char.IsDigit(cell[0]) || "+-–<".Contains(cell[0]);

    private static string Cell(string text) => Escape.Markdown(TextFit.Cut(Escape.Visible(text), 100));

    // Our own sentences hold labels and names from files, so they are escaped, but for what cannot act between words.
    private static string Sentence(string text) =>
        Escape
            .Markdown(text)
            .Replace("&#46;", ".", StringComparison.Ordinal)
            .Replace("&#45;", "-", StringComparison.Ordinal)
            .Replace("&#40;", "(", StringComparison.Ordinal)
            .Replace("&#41;", ")", StringComparison.Ordinal)
            .Replace("&#39;", "'", StringComparison.Ordinal)
            .Replace("&#61;", "=", StringComparison.Ordinal)
            .Replace("&#47;", "/", StringComparison.Ordinal)
            .Replace("&#58;", ":", StringComparison.Ordinal);
}
