using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Writes every byte of the text as its printable character.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        AlignedTextBuilder builder = new(text.Length * 2);
        for (int i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text.Characters[i..], out Rune rune, out int count);
            (int start, int end) = text.Original(i, i + count);
            ByteAlphabet.Append(builder, rune, start, end);
            i += count;
        }
        return builder.Build();
    }
}
