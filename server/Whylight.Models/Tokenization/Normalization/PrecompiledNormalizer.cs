using System.Globalization;
using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>
/// Hugging Face's reading of a SentencePiece table: a grapheme of less than six bytes is looked up whole, otherwise each of its
/// characters; the shortest key wins.
/// </summary>
internal sealed class PrecompiledNormalizer(PrecompiledCharsmap charsmap) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        AlignedTextBuilder builder = new(text.Length + 16);
        Span<byte> utf8 = stackalloc byte[8];
        for (int i = 0; i < text.Length; )
        {
            int length = StringInfo.GetNextTextElementLength(text.Characters[i..]);
            ReadOnlySpan<char> grapheme = text.Characters.Slice(i, length);
            if (length < 6 && Encoding.UTF8.TryGetBytes(grapheme, utf8, out int bytes) && bytes < 6)
            {
                (int found, string whole) = charsmap.Find(utf8[..bytes], longest: false);
                if (found > 0)
                {
                    Append(builder, text, i, i + length, whole);
                    i += length;
                    continue;
                }
            }
            for (int end = i + length; i < end; )
            {
                Rune.DecodeFromUtf16(text.Characters[i..], out Rune rune, out int count);
                (int found, string part) = charsmap.Find(utf8[..rune.EncodeToUtf8(utf8)], longest: false);
                if (found > 0)
                {
                    Append(builder, text, i, i + count, part);
                }
                else
                {
                    builder.Append(text, i, i + count);
                }
                i += count;
            }
        }
        return builder.Build();
    }

    /// <summary>One for one where the numbers of characters agree, else each with the whole range.</summary>
    private static void Append(AlignedTextBuilder builder, AlignedText text, int from, int to, string replacement)
    {
        if (replacement.Length == to - from)
        {
            for (int i = 0; i < replacement.Length; i++)
            {
                builder.Append(replacement[i], text.StartOf(from + i), text.EndOf(from + i));
            }
        }
        else
        {
            (int start, int end) = text.Original(from, to);
            builder.Append(replacement, start, end);
        }
    }
}
