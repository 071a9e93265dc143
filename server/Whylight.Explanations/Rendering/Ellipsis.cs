using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>Cuts long words for charts, and says how wide text is.</summary>
internal static class Ellipsis
{
    /// <summary>Columns a text takes in a monospaced font: 2 for East Asian wide characters and emoji, 0 for marks.</summary>
    public static int Columns(string text)
    {
        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns += Columns(rune);
        }
        return columns;
    }

    /// <summary>The text, or its first grapheme clusters with an ellipsis, within a number of columns.</summary>
    public static string Cut(string text, int columns)
    {
        if (Columns(text) <= columns)
        {
            return text;
        }
        StringBuilder cut = new();
        int used = 1;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            string element = elements.GetTextElement();
            used += Columns(element);
            if (used > columns)
            {
                break;
            }
            cut.Append(element);
        }
        return cut.Append('…').ToString();
    }

    private static int Columns(Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.NonSpacingMark:
            case UnicodeCategory.EnclosingMark:
            case UnicodeCategory.Format:
                return 0;
        }
        int v = rune.Value;
        bool wide =
            v
            is >= 0x1100
                and <= 0x115f
                or >= 0x2e80
                and <= 0xa4cf
                and not 0x303f
                or >= 0xac00
                and <= 0xd7a3
                or >= 0xf900
                and <= 0xfaff
                or >= 0xfe30
                and <= 0xfe6f
                or >= 0xff00
                and <= 0xff60
                or >= 0xffe0
                and <= 0xffe6
                or >= 0x1f300
                and <= 0x1faff
                or >= 0x20000
                and <= 0x3fffd;
        return wide ? 2 : 1;
    }
}
