using System.Globalization;
using System.Text;
using Whylight.Explanations.Global;

namespace Whylight.Explanations.Rendering;

/// <summary>Global explanations for a terminal.</summary>
public static class GlobalTerminal
{
    private const int BarWidth = 24;
    private const int LeftWidth = 44;
    private const int CellWidth = 40;
    private const string Reset = "\u001b[0m";

    /// <summary>Title, findings, the tree or the tables with bars, limits; ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="colour">What the terminal shows.</param>
    /// <param name="lines">One-based line in the file of each text given, or null.</param>
    public static string Render(
        GlobalExplanation explanation,
        Messages messages,
        TerminalColour colour,
        IReadOnlyList<int>? lines = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        GlobalView view = GlobalView.Of(explanation, messages, lines);
        StringBuilder text = new();
        text.Append(Styled(Escape.Terminal(view.Title), "1", colour)).Append("\n\n");
        foreach (string finding in view.Findings)
        {
            text.Append(Escape.Terminal(finding)).Append('\n');
        }
        text.Append('\n');
        if (explanation.Tree is { } tree)
        {
            text.Append(GlobalTreeText.Of(explanation, tree, messages, label => Painted(explanation, label, colour)));
            text.Append('\n');
        }
        foreach (GlobalTable table in view.Tables)
        {
            Append(text, table, messages, colour);
        }
        foreach (string limit in view.Limits)
        {
            text.Append(Styled(Escape.Terminal(limit), "2", colour)).Append('\n');
        }
        return text.ToString();
    }

    private static string Painted(GlobalExplanation explanation, int label, TerminalColour colour)
    {
        string name = Escape.Terminal(explanation.Labels[label]);
        return colour == TerminalColour.None
            ? name
            : TerminalRenderer.Foreground(GlobalView.ColourOf(label, explanation.Labels.Count), colour) + name + Reset;
    }

    private static void Append(StringBuilder text, GlobalTable table, Messages messages, TerminalColour colour)
    {
        if (table.Heading is { } heading)
        {
            text.Append(Styled(Escape.Terminal(heading), "1", colour)).Append('\n');
        }
        string[] left = [.. table.Rows.Select(r => TextFit.Cut(Escape.Terminal(r.Left), LeftWidth))];
        string[][] right =
        [
            [table.Bar, .. table.Right],
            .. table.Rows.Select(r => (string[])[r.Number, .. r.Right]),
        ];
        right = [.. right.Select(r => r.Select(c => TextFit.Cut(Escape.Terminal(c), CellWidth)).ToArray())];
        int leftWidth = Math.Max(TextFit.Columns(table.Left), left.Select(TextFit.Columns).DefaultIfEmpty(0).Max());
        int[] widths = [.. right[0].Select((_, c) => right.Max(r => TextFit.Columns(r[c])))];
        double low = Math.Min(0, table.Rows.Select(r => r.Value).DefaultIfEmpty(0).Min());
        double high = table.Shares ? 1 : Math.Max(0, table.Rows.Select(r => r.Value).DefaultIfEmpty(0).Max());
        double span = high - low > 0 ? high - low : 1;
        int zero = (int)Math.Round(-low / span * BarWidth);
        text.Append("  ").Append(Padded(table.Left, leftWidth)).Append(' ', BarWidth + 3);
        text.Append(string.Join("  ", right[0].Select((c, k) => Padded(c, widths[k]))).TrimEnd()).Append('\n');
        for (int i = 0; i < table.Rows.Count; i++)
        {
            GlobalRow row = table.Rows[i];
            int reach = (int)Math.Round(Math.Abs(row.Value) / span * BarWidth);
            reach = row.Value == 0 ? 0 : Math.Clamp(reach, 1, row.Value < 0 ? Math.Max(1, zero) : BarWidth - zero);
            // Without colour, the shade tells against from for.
            string bar = new(row.Value >= 0 ? '█' : '▒', reach);
            string painted =
                colour == TerminalColour.None || reach == 0
                    ? bar
                    : TerminalRenderer.Foreground(row.Colour, colour) + bar + Reset;
            text.Append("  ").Append(Padded(left[i], leftWidth)).Append(' ');
            if (row.Value < 0)
            {
                text.Append(' ', Math.Max(0, zero - reach)).Append(painted).Append('│').Append(' ', BarWidth - zero);
            }
            else
            {
                text.Append(' ', zero).Append('│').Append(painted).Append(' ', Math.Max(0, BarWidth - zero - reach));
            }
            text.Append(' ');
            text.Append(string.Join("  ", right[i + 1].Select((c, k) => Padded(c, widths[k]))).TrimEnd()).Append('\n');
        }
        if (table.More > 0)
        {
            text.Append("  ").Append(messages.Get(GlobalMessage.More, table.More)).Append('\n');
        }
        text.Append('\n');
    }

    private static string Padded(string text, int columns) =>
        text + new string(' ', Math.Max(0, columns - TextFit.Columns(text)));

    private static string Styled(string text, string style, TerminalColour colour) =>
        colour == TerminalColour.None ? text : $"\u001b[{style}m{text}{Reset}";
}

/// <summary>A decision tree as indented text: one question or one answer a line.</summary>
internal static class GlobalTreeText
{
    public static string Of(GlobalExplanation explanation, TreeNode tree, Messages messages, Func<int, string> label)
    {
        Dictionary<TreeNode, RegionFidelity> held = Held(explanation, tree);
        StringBuilder text = new();
        if (tree.IsLeaf)
        {
            return text.Append(Answer(tree)).Append('\n').ToString();
        }
        text.Append(Question(tree)).Append('\n');
        Branches(tree, "");
        return text.ToString();

        void Branches(TreeNode node, string indent)
        {
            Branch(node.Right!, GlobalMessage.Yes, indent, "├─ ", "│  ");
            Branch(node.Left!, GlobalMessage.No, indent, "└─ ", "   ");
        }

        void Branch(TreeNode node, GlobalMessage way, string indent, string joint, string below)
        {
            text.Append(indent).Append(joint).Append(messages.Get(way)).Append(": ");
            text.Append(node.IsLeaf ? Answer(node) : Question(node)).Append('\n');
            if (!node.IsLeaf)
            {
                Branches(node, indent + below);
            }
        }

        string Question(TreeNode node) =>
            messages.Get(GlobalMessage.Has, Escape.Terminal(explanation.Words![node.Feature]))
            + $"  ({messages.Get(GlobalMessage.TextCount, node.Samples)})";

        string Answer(TreeNode node) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{label(node.Label)} {Numbers.Percent(node.Probability[node.Label])} %  ({messages.Get(GlobalMessage.TextCount, node.Samples)}; {GlobalView.HeldOut(held[node], messages)})"
            );
    }

    /// <summary>The held-out agreement of each leaf.</summary>
    public static Dictionary<TreeNode, RegionFidelity> Held(GlobalExplanation explanation, TreeNode tree)
    {
        // Nodes are compared as themselves: two leaves may hold the same counts.
        Dictionary<TreeNode, RegionFidelity> held = new(ReferenceEqualityComparer.Instance);
        int next = 0;
        Visit(tree);
        return held;

        void Visit(TreeNode node)
        {
            if (node.IsLeaf)
            {
                held[node] = explanation.Regions![next++];
                return;
            }
            Visit(node.Left!);
            Visit(node.Right!);
        }
    }
}
