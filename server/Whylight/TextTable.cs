using Whylight.Explanations.Rendering;

namespace Whylight;

/// <summary>A table of text cells: columns aligned for a terminal, or as Markdown.</summary>
internal static class TextTable
{
    /// <summary>Writes rows of equal length; the first holds the titles.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows, bool markdown)
    {
        string[][] shown =
        [
            .. rows.Select(row => row.Select(cell => markdown ? Cell(cell) : Escape.Terminal(cell)).ToArray()),
        ];
        int[] widths = [.. shown[0].Select((_, column) => shown.Max(row => row[column].Length))];
        for (int i = 0; i < shown.Length; i++)
        {
            string[] cells = [.. shown[i].Select((cell, column) => cell.PadRight(widths[column]))];
            output.WriteLine(markdown ? "| " + string.Join(" | ", cells) + " |" : string.Join("  ", cells).TrimEnd());
            if (i == 0 && markdown)
            {
                output.WriteLine("|" + string.Concat(widths.Select(width => new string('-', width + 2) + "|")));
            }
        }
    }

    // Names with underscores in the middle of words read the same escaped or not; only what could act is escaped.
    private static string Cell(string text) =>
        text.All(c => char.IsLetterOrDigit(c) || " _-.,()±=+/".Contains(c)) ? text : Escape.Markdown(text);
}
