using System.Globalization;
using System.Text;

namespace Whylight.Perturbations;

/// <summary>A run of text that is never cut: a grapheme cluster.</summary>
internal readonly record struct TextElement(int Start, int Length, bool IsLetter)
{
    public int End => Start + Length;
}

/// <summary>Texts as graphemes and as words, which are runs of letters (Han runs count as words, since nothing divides them).</summary>
internal static class TextElements
{
    public static List<TextElement> Of(string text)
    {
        List<TextElement> elements = [];
        for (int i = 0; i < text.Length; )
        {
            int length = StringInfo.GetNextTextElementLength(text, i);
            bool letter = Rune.TryGetRuneAt(text, i, out Rune rune) && Rune.IsLetter(rune);
            elements.Add(new TextElement(i, length, letter));
            i += length;
        }
        return elements;
    }

    public static List<List<TextElement>> Words(string text)
    {
        List<List<TextElement>> words = [];
        bool inside = false;
        foreach (TextElement element in Of(text))
        {
            if (element.IsLetter)
            {
                if (!inside)
                {
                    words.Add([]);
                }
                words[^1].Add(element);
            }
            inside = element.IsLetter;
        }
        return words;
    }

    public static bool IsHan(string text, int index) =>
        Rune.TryGetRuneAt(text, index, out Rune rune)
        && rune.Value
            is (>= 0x3400 and <= 0x4dbf)
                or (>= 0x4e00 and <= 0x9fff)
                or (>= 0xf900 and <= 0xfaff)
                or (>= 0x20000 and <= 0x3ffff);

    public static ReadOnlySpan<char> Slice(string text, TextElement element) =>
        text.AsSpan(element.Start, element.Length);
}
