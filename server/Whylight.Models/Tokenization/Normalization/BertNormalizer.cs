using System.Buffers;
using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>
/// BERT's basic normalisation: removes control characters, turns white space into spaces, surrounds Han characters with spaces,
/// strips accents (NFD, then drops nonspacing marks) and lower-cases, in this order.
/// </summary>
internal sealed class BertNormalizer(
    bool cleanText = true,
    bool spaceChinese = true,
    bool? stripAccents = null,
    bool lowercase = true
) : INormalizer
{
    /// <summary>What keeps its place and at most changes its case: the printable part of ASCII.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create([
        .. Enumerable.Range(' ', '\x7F' - ' ').Select(c => (char)c),
    ]);

    private readonly bool strip = stripAccents ?? lowercase;

    public bool CleansText => cleanText;

    public bool Lowercases => lowercase;

    /// <summary>Null: as <see cref="Lowercases"/>.</summary>
    public bool? StripsAccents => stripAccents;

    /// <summary>True where Han characters get spaces around them.</summary>
    public bool SpacesChinese => spaceChinese;

    public AlignedText Apply(AlignedText text)
    {
        ReadOnlySpan<char> characters = text.Characters;
        if (characters.IndexOfAnyExcept(Plain) < 0)
        {
            if (!lowercase)
            {
                return text;
            }
            char[] lowered = new char[characters.Length];
            Ascii.ToLower(characters, lowered, out _);
            return text.With(lowered);
        }
        AlignedTextBuilder builder = new(text.Length + 16);
        for (int i = 0; i < characters.Length; )
        {
            char c = characters[i];
            if (c is >= ' ' and < '\x7F')
            {
                builder.Append(
                    lowercase && char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c,
                    text.StartOf(i),
                    text.EndOf(i)
                );
                i++;
                continue;
            }
            Rune.DecodeFromUtf16(characters[i..], out Rune rune, out int count);
            (int start, int end) = text.Original(i, i + count);
            i += count;
            if (cleanText)
            {
                if (rune.Value is 0 or 0xFFFD || CharacterClass.IsBertControl(rune))
                {
                    continue;
                }
                if (Rune.IsWhiteSpace(rune))
                {
                    builder.Append(' ', start, end);
                    continue;
                }
            }
            bool chinese = spaceChinese && CharacterClass.IsBertChinese(rune);
            if (chinese)
            {
                builder.Append(' ', start, end);
            }
            Append(builder, rune, start, end);
            if (chinese)
            {
                builder.Append(' ', start, end);
            }
        }
        return builder.Build();
    }

    private void Append(AlignedTextBuilder builder, Rune rune, int start, int end)
    {
        if (!strip)
        {
            AppendLowered(builder, rune, start, end);
            return;
        }
        foreach (Rune part in Decomposition.Canonical(rune).EnumerateRunes())
        {
            if (!CharacterClass.IsNonspacingMark(part))
            {
                AppendLowered(builder, part, start, end);
            }
        }
    }

    private void AppendLowered(AlignedTextBuilder builder, Rune rune, int start, int end)
    {
        if (!lowercase)
        {
            builder.Append(rune, start, end);
        }
        else
        {
            LowercaseNormalizer.AppendLowered(builder, rune, start, end);
        }
    }
}
