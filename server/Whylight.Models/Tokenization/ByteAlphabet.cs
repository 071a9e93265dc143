using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>GPT-2's printable character for each byte, so that byte-level vocabularies are text.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = new char[256];
    private static readonly Dictionary<char, byte> Bytes = [];

    static ByteAlphabet()
    {
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            Characters[b] = (char)(printable ? b : next++);
            Bytes[Characters[b]] = (byte)b;
        }
    }

    public static char CharacterOf(byte value) => Characters[value];

    public static bool TryGetByte(char character, out byte value) => Bytes.TryGetValue(character, out value);

    /// <summary>Appends the bytes of one character, each with the range of the whole character.</summary>
    public static void Append(AlignedTextBuilder builder, Rune rune, int start, int end)
    {
        Span<byte> utf8 = stackalloc byte[4];
        int count = rune.EncodeToUtf8(utf8);
        for (int i = 0; i < count; i++)
        {
            builder.Append(Characters[utf8[i]], start, end);
        }
    }
}
