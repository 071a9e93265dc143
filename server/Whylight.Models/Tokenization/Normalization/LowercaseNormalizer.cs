using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Lower-cases each character by itself (no final-sigma rule), as the reference tokenizers do.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        AlignedTextBuilder builder = new(text.Length);
        ReadOnlySpan<char> characters = text.Characters;
        for (int i = 0; i < characters.Length; )
        {
            Rune.DecodeFromUtf16(characters[i..], out Rune rune, out int count);
            (int start, int end) = text.Original(i, i + count);
            AppendLowered(builder, rune, start, end);
            i += count;
        }
        return builder.Build();
    }

    internal static void AppendLowered(AlignedTextBuilder builder, Rune rune, int start, int end)
    {
        // The one unconditional lower-casing in Unicode that yields two characters (SpecialCasing.txt).
        if (rune.Value == 0x130)
        {
            builder.Append("i\u0307", start, end);
        }
        else
        {
            builder.Append(Rune.ToLowerInvariant(rune), start, end);
        }
    }
}
