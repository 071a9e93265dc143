using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Whylight.Explanations.Global;

namespace Whylight.Explanations.Rendering;

/// <summary>Global explanations as Markdown: for pull requests, step summaries and notes.</summary>
public static partial class GlobalMarkdown
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

    private static string Cell(string text) => Sentence(TextFit.Cut(Escape.Visible(text), 100));

    // Labels and names from files stand in our sentences, so all is escaped; what cannot act where it stands is then shown plainly.
    private static string Sentence(string text) =>
        Harmless()
            .Replace(
                Escape.Markdown(text),
                m => ((char)int.Parse(m.Groups["code"].ValueSpan, CultureInfo.InvariantCulture)).ToString()
            );

    // A full stop or colon at the end of a word, a decimal point, a hyphen or a sign inside a line, brackets without a link's.
    [GeneratedRegex(
        @"&\#(?<code>46|58);(?=\s|$)|(?<=\d)&\#(?<code>46);(?=\d)|(?<!^)&\#(?<code>45);|(?<!^)&\#(?<code>39|40|41|61);|&\#(?<code>60);(?=\s\d)",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Harmless();
}
