using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>Fits text into columns of a monospaced font: how wide it is, cutting it, wrapping it.</summary>
public static class TextFit
{
    /// <summary>
    /// Columns a text takes: 2 for each East Asian wide character and each emoji (a joined sequence counts once), 0 for
    /// marks and format characters.
    /// </summary>
    /// <remarks>Wide is East_Asian_Width W or F (UAX #11), and what emoji presentation makes wide (UTS #51).</remarks>
    public static int Columns(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int columns = 0;
        foreach (string element in Elements(text))
        {
            columns += OfElement(element);
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
        foreach (string element in Elements(text))
        {
            used += OfElement(element);
            if (used > columns)
            {
                break;
            }
            cut.Append(element);
        }
        return cut.Append('…').ToString();
    }

    /// <summary>
    /// Breaks a text into lines of at most so many columns: at blanks, after wide characters, and within a word only where
    /// it is longer than a line. No blank is lost but those at a break.
    /// </summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder line = new();
        int used = 0;
        foreach (string piece in Pieces(text))
        {
            bool blank = piece == " ";
            int wide = Columns(piece);
            if (used + wide > columns && used > 0)
            {
                yield return line.ToString().TrimEnd(' ');
                line.Clear();
                used = 0;
                if (blank)
                {
                    continue;
                }
            }
            if (wide <= columns)
            {
                line.Append(piece);
                used += wide;
                continue;
            }
            foreach (string element in Elements(piece))
            {
                int needed = OfElement(element);
                if (used + needed > columns && used > 0)
                {
                    yield return line.ToString();
                    line.Clear();
                    used = 0;
                }
                line.Append(element);
                used += needed;
            }
        }
        if (line.Length > 0)
        {
            yield return line.ToString().TrimEnd(' ');
        }
    }

    /// <summary>The text's pieces between which a line may break: blanks, words, wide characters.</summary>
    internal static IEnumerable<string> Pieces(string text)
    {
        StringBuilder word = new();
        int at = 0;
        foreach (string element in Elements(text))
        {
            at += element.Length;
            // No line begins with the unit or the error of the number before it.
            if (element == " " && word.Length > 0 && at < text.Length && text[at] is '%' or '±')
            {
                word.Append(element);
                continue;
            }
            if (element == " ")
            {
                if (word.Length > 0)
                {
                    yield return word.ToString();
                    word.Clear();
                }
                yield return element;
                continue;
            }
            bool wide = OfElement(element) == 2;
            // A closing mark never begins a line: it stays with the character before it.
            if (wide && word.Length > 0 && !Closes(element))
            {
                yield return word.ToString();
                word.Clear();
            }
            word.Append(element);
            if (!wide && word.Length > element.Length && OfElement(First(word)) == 2 && !Closes(element))
            {
                word.Length -= element.Length;
                yield return word.ToString();
                word.Clear().Append(element);
            }
        }
        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    private static string First(StringBuilder word) =>
        StringInfo.GetNextTextElement(word.ToString(0, Math.Min(word.Length, 16)));

    private static bool Closes(string element) =>
        element
            is "，"
                or "。"
                or "、"
                or "；"
                or "："
                or "！"
                or "？"
                or "）"
                or "”"
                or "’"
                or "》"
                or ")"
                or ","
                or "."
                or ";"
                or ":";

    private static IEnumerable<string> Elements(string text)
    {
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            yield return elements.GetTextElement();
        }
    }

    private static int OfElement(string element)
    {
        int widest = 0;
        int regional = 0;
        foreach (Rune rune in element.EnumerateRunes())
        {
            // U+FE0F asks for the emoji form, which is wide.
            widest = Math.Max(widest, rune.Value == 0xfe0f && widest == 1 ? 2 : OfRune(rune));
            regional += rune.Value is >= 0x1f1e6 and <= 0x1f1ff ? 1 : 0;
        }
        return regional >= 2 ? 2 : widest;
    }

    private static int OfRune(Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.NonSpacingMark:
            case UnicodeCategory.EnclosingMark:
            case UnicodeCategory.Format:
                return 0;
        }
        return IsWide(rune.Value) ? 2
            : rune.Value is >= 0x1160 and <= 0x11ff ? 0
            : 1;
    }

    private static bool IsWide(int v) =>
        v
            is (>= 0x1100 and <= 0x115f)
                or (0x231a or 0x231b or 0x2329 or 0x232a)
                or (>= 0x23e9 and <= 0x23ec)
                or (0x23f0 or 0x23f3 or 0x25fd or 0x25fe or 0x2614 or 0x2615)
                or (>= 0x2648 and <= 0x2653)
                or (0x267f or 0x2693 or 0x26a1 or 0x26aa or 0x26ab or 0x26bd or 0x26be or 0x26c4 or 0x26c5)
                or (0x26ce or 0x26d4 or 0x26ea or 0x26f2 or 0x26f3 or 0x26f5 or 0x26fa or 0x26fd)
                or (0x2705 or 0x270a or 0x270b or 0x2728 or 0x274c or 0x274e or 0x2753 or 0x2754 or 0x2755 or 0x2757)
                or (0x2795 or 0x2796 or 0x2797 or 0x27b0 or 0x27bf or 0x2b1b or 0x2b1c or 0x2b50 or 0x2b55)
                or (>= 0x2e80 and <= 0x303e)
                or (>= 0x3041 and <= 0x3247)
                or (>= 0x3250 and <= 0x4dbf)
                or (>= 0x4e00 and <= 0xa4cf)
                or (>= 0xa960 and <= 0xa97c)
                or (>= 0xac00 and <= 0xd7a3)
                or (>= 0xf900 and <= 0xfaff)
                or (>= 0xfe10 and <= 0xfe19)
                or (>= 0xfe30 and <= 0xfe6f)
                or (>= 0xff01 and <= 0xff60)
                or (>= 0xffe0 and <= 0xffe6)
                or (>= 0x16fe0 and <= 0x18d08)
                or (>= 0x1b000 and <= 0x1b2fb)
                or (0x1f004 or 0x1f0cf or 0x1f18e)
                or (>= 0x1f191 and <= 0x1f19a)
                or (>= 0x1f200 and <= 0x1f320)
                or (>= 0x1f32d and <= 0x1f335)
                or (>= 0x1f337 and <= 0x1f37c)
                or (>= 0x1f37e and <= 0x1f393)
                or (>= 0x1f3a0 and <= 0x1f3ca)
                or (>= 0x1f3cf and <= 0x1f3d3)
                or (>= 0x1f3e0 and <= 0x1f3f0)
                or (>= 0x1f3f4 and <= 0x1f3f4)
                or (>= 0x1f3f8 and <= 0x1f43e)
                or 0x1f440
                or (>= 0x1f442 and <= 0x1f4fc)
                or (>= 0x1f4ff and <= 0x1f53d)
                or (>= 0x1f54b and <= 0x1f54e)
                or (>= 0x1f550 and <= 0x1f567)
                or (0x1f57a or 0x1f595 or 0x1f596 or 0x1f5a4)
                or (>= 0x1f5fb and <= 0x1f64f)
                or (>= 0x1f680 and <= 0x1f6c5)
                or (0x1f6cc or 0x1f6d0 or 0x1f6d1 or 0x1f6d2)
                or (>= 0x1f6d5 and <= 0x1f6d7)
                or (>= 0x1f6dc and <= 0x1f6df)
                or (0x1f6eb or 0x1f6ec)
                or (>= 0x1f6f4 and <= 0x1f6fc)
                or (>= 0x1f7e0 and <= 0x1f7eb)
                or 0x1f7f0
                or (>= 0x1f90c and <= 0x1f93a)
                or (>= 0x1f93c and <= 0x1f945)
                or (>= 0x1f947 and <= 0x1f9ff)
                or (>= 0x1fa70 and <= 0x1faff)
                or (>= 0x20000 and <= 0x3fffd);
}
