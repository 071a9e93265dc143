using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>
/// SentencePiece's own normalisation: the longest key of the table at each place, superfluous spaces removed, a space before the text,
/// spaces written as U+2581.
/// </summary>
/// <param name="charsmap">The table, or null for none.</param>
/// <param name="dummyPrefix">Put a space before the text.</param>
/// <param name="removeExtraSpaces">Leave out spaces at the ends and all but one of a run.</param>
/// <param name="escapeSpaces">Write spaces as U+2581.</param>
/// <param name="eachSection">Treat each stretch between added tokens as a text of its own (`legacy`), not only the whole.</param>
internal sealed class SentencePieceNormalizer(
    PrecompiledCharsmap? charsmap,
    bool dummyPrefix,
    bool removeExtraSpaces,
    bool escapeSpaces,
    bool eachSection = false
) : INormalizer
{
    private const char Mark = '\u2581';
    private const int LongestKey = 64;

    public AlignedText Apply(AlignedText text)
    {
        AlignedText mapped = charsmap is null ? text : Map(text, charsmap);
        char space = escapeSpaces ? Mark : ' ';
        int from = 0;
        int to = mapped.Length;
        ReadOnlySpan<char> characters = mapped.Characters;
        // What stands at the ends of the input is not what stands around a token inside it.
        bool begins = eachSection || (text.Length > 0 && text.StartOf(0) == 0);
        bool ends = eachSection || text.ReachesEnd;
        if (removeExtraSpaces && begins)
        {
            while (from < to && characters[from] == ' ')
            {
                from++;
            }
        }
        if (removeExtraSpaces && ends)
        {
            while (to > from && (characters[to - 1] == ' ' || characters[to - 1] == space))
            {
                to--;
            }
        }
        AlignedTextBuilder builder = new(mapped.Length + 1);
        if (from == to)
        {
            return builder.Build();
        }
        if (dummyPrefix && begins)
        {
            builder.Append(space, mapped.StartOf(from), mapped.EndOf(from));
        }
        bool afterSpace = false;
        for (int i = from; i < to; i++)
        {
            bool isSpace = characters[i] == ' ';
            if (!(isSpace && afterSpace && removeExtraSpaces))
            {
                builder.Append(isSpace ? space : characters[i], mapped.StartOf(i), mapped.EndOf(i));
            }
            afterSpace = isSpace;
        }
        return builder.Build();
    }

    private static AlignedText Map(AlignedText text, PrecompiledCharsmap charsmap)
    {
        AlignedTextBuilder builder = new(text.Length + 16);
        Span<byte> utf8 = stackalloc byte[LongestKey * 3];
        for (int i = 0; i < text.Length; )
        {
            int window = Math.Min(LongestKey, text.Length - i);
            if (i + window < text.Length && char.IsHighSurrogate(text.Characters[i + window - 1]))
            {
                window--;
            }
            ReadOnlySpan<char> ahead = text.Characters.Slice(i, window);
            int bytes = Encoding.UTF8.GetBytes(ahead, utf8);
            (int length, string replacement) = charsmap.Find(utf8[..bytes], longest: true);
            if (length == 0)
            {
                Rune.DecodeFromUtf16(ahead, out _, out int count);
                builder.Append(text, i, i + count);
                i += count;
                continue;
            }
            int units = Units(ahead, length);
            (int start, int end) = text.Original(i, i + units);
            builder.Append(replacement, start, end);
            i += units;
        }
        return builder.Build();
    }

    /// <summary>UTF-16 units of the first <paramref name="bytes"/> bytes, whole characters only and at least one.</summary>
    private static int Units(ReadOnlySpan<char> text, int bytes)
    {
        int units = 0;
        while (units < text.Length && bytes > 0)
        {
            Rune.DecodeFromUtf16(text[units..], out Rune rune, out int count);
            bytes -= rune.Utf8SequenceLength;
            units += count;
        }
        return units;
    }
}
