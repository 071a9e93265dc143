using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Drops or replaces characters one by one.</summary>
/// <param name="map">The character to put in its place, or null to drop it.</param>
internal sealed class CharacterFilter(Func<Rune, Rune?> map) : INormalizer
{
    /// <summary>Drops every combining mark; expects decomposed text.</summary>
    public static CharacterFilter StripAccents { get; } = new(r => CharacterClass.IsMark(r) ? null : r);

    /// <summary>SentencePiece's `nmt` clean-up: drops control characters and turns odd spaces into spaces.</summary>
    public static CharacterFilter Nmt { get; } =
        new(r =>
            r.Value switch
            {
                (>= 0x1 and <= 0x8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F => null,
                0x9
                or 0xA
                or 0xC
                or 0xD
                or 0x1680
                or (>= 0x200B and <= 0x200F)
                or 0x2028
                or 0x2029
                or 0x2581
                or 0xFEFF
                or 0xFFFD => new Rune(' '),
                _ => r,
            }
        );

    public AlignedText Apply(AlignedText text)
    {
        AlignedTextBuilder builder = new(text.Length);
        for (int i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text.Characters[i..], out Rune rune, out int count);
            if (map(rune) is Rune kept)
            {
                (int start, int end) = text.Original(i, i + count);
                builder.Append(kept, start, end);
            }
            i += count;
        }
        return builder.Build();
    }
}
