using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>
/// A Unicode normalisation form (UAX #15). A composed character gets the range of everything it was composed of; marks that change
/// places share the range of the places they changed between, so ranges stay in order.
/// </summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : INormalizer
{
    private readonly NormalizationForm decomposed = form is NormalizationForm.FormC or NormalizationForm.FormD
        ? NormalizationForm.FormD
        : NormalizationForm.FormKD;

    public AlignedText Apply(AlignedText text)
    {
        if (IsAscii(text.Characters) || IsNormal(text.Characters))
        {
            return text;
        }
        AlignedTextBuilder builder = new(text.Length + 16);
        for (int i = 0; i < text.Length; )
        {
            int to = EndOfChunk(text.Characters, i);
            string chunk = text.Characters[i..to].ToString();
            string normal = Decomposition.Safe(chunk, form);
            if (string.Equals(chunk, normal, StringComparison.Ordinal))
            {
                builder.Append(text, i, to);
            }
            else
            {
                Append(builder, text, i, to, normal);
            }
            i = to;
        }
        return builder.Build();
    }

    private void Append(AlignedTextBuilder builder, AlignedText text, int from, int to, string normal)
    {
        Dictionary<Rune, Queue<(int Start, int End)>> sources = [];
        for (int i = from; i < to; )
        {
            Rune.DecodeFromUtf16(text.Characters[i..to], out Rune rune, out int count);
            foreach (Rune part in Decomposition.Safe(rune.ToString(), decomposed).EnumerateRunes())
            {
                if (!sources.TryGetValue(part, out var queue))
                {
                    sources[part] = queue = new();
                }
                queue.Enqueue(text.Original(i, i + count));
            }
            i += count;
        }
        List<(Rune Rune, int Start, int End)> result = [];
        foreach (Rune rune in normal.EnumerateRunes())
        {
            int start = int.MaxValue;
            int end = 0;
            foreach (Rune part in Decomposition.Safe(rune.ToString(), decomposed).EnumerateRunes())
            {
                if (sources.TryGetValue(part, out var queue) && queue.TryDequeue(out (int Start, int End) source))
                {
                    start = Math.Min(start, source.Start);
                    end = Math.Max(end, source.End);
                }
            }
            result.Add(start <= end ? (rune, start, end) : (rune, text.StartOf(from), text.EndOf(to - 1)));
        }
        for (int i = result.Count - 2; i >= 0; i--)
        {
            result[i] = result[i] with { Start = Math.Min(result[i].Start, result[i + 1].Start) };
        }
        int furthest = 0;
        foreach ((Rune rune, int start, int end) in result)
        {
            furthest = Math.Max(furthest, end);
            builder.Append(rune, start, furthest);
        }
    }

    /// <summary>End of the stretch that normalises independently of what follows: a character and all that may combine with it.</summary>
    private static int EndOfChunk(ReadOnlySpan<char> text, int from)
    {
        Rune.DecodeFromUtf16(text[from..], out _, out int count);
        int to = from + count;
        while (to < text.Length)
        {
            Rune.DecodeFromUtf16(text[to..], out Rune rune, out count);
            bool joins =
                !rune.IsAscii
                && (
                    CharacterClass.IsMark(rune)
                    || rune.Value
                        // Hangul vowels and final consonants, and the halfwidth forms of them and of the kana voicing marks.
                        is (>= 0x1160 and <= 0x11FF)
                            or (>= 0xD7B0 and <= 0xD7FF)
                            or (>= 0xFF9E and <= 0xFFDC)
                );
            if (!joins)
            {
                break;
            }
            to += count;
        }
        return to;
    }

    /// <summary>True for text already in the form, as most is; false where the platform refuses to say (noncharacters).</summary>
    private bool IsNormal(ReadOnlySpan<char> text)
    {
        try
        {
            return text.IsNormalized(form);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsAscii(ReadOnlySpan<char> text) => System.Text.Ascii.IsValid(text);
}
