using System.Globalization;
using System.Text;

namespace Whylight.Models.Checkpoints;

/// <summary>Text that came out of a file, made fit to stand in an error message.</summary>
internal static class FileText
{
    private const int Longest = 120;

    /// <summary>The text in single quotes: control and format characters written as \uXXXX, long text cut.</summary>
    public static string Quote(string text)
    {
        StringBuilder quoted = new("'");
        foreach (Rune rune in text.Length > Longest ? text[..Longest].EnumerateRunes() : text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (
                category
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.PrivateUse
                    or UnicodeCategory.OtherNotAssigned
            )
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            }
            else
            {
                quoted.Append(rune.ToString());
            }
        }
        return quoted.Append(text.Length > Longest ? "…'" : "'").ToString();
    }

    /// <summary>Why a file could not be read, in one line.</summary>
    public static string Reason(Exception exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    /// <summary>A shape as [2,8].</summary>
    public static string Shape(IReadOnlyList<long> shape) =>
        "[" + string.Join(",", shape.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";
}
