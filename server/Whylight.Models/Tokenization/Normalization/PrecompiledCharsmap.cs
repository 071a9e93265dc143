using System.Buffers.Binary;
using System.Text;

namespace Whylight.Models.Tokenization.Normalization;

/// <summary>
/// SentencePiece's precompiled normalisation table: a double-array trie (Darts-clone) over UTF-8 whose values point into a block of
/// null-terminated replacements.
/// </summary>
internal sealed class PrecompiledCharsmap
{
    private readonly uint[] units;
    private readonly byte[] replacements;

    /// <exception cref="ModelException">The table is not laid out as it says.</exception>
    public PrecompiledCharsmap(ReadOnlySpan<byte> blob, string source)
    {
        if (blob.Length < 4)
        {
            throw new ModelException($"{source}: the precompiled charsmap has {blob.Length} bytes, too few to be one");
        }
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (size % 4 != 0 || size == 0 || size > blob.Length - 4)
        {
            throw new ModelException(
                $"{source}: the precompiled charsmap says its trie has {size} bytes, but {blob.Length - 4} follow"
            );
        }
        units = new uint[size / 4];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(4 + i * 4)..]);
        }
        replacements = blob[(4 + (int)size)..].ToArray();
    }

    /// <summary>The replacement for the longest (or the shortest) key that <paramref name="utf8"/> begins with.</summary>
    /// <returns>Bytes of the key, 0 where none matches, and the replacement.</returns>
    public (int Length, string Replacement) Find(ReadOnlySpan<byte> utf8, bool longest)
    {
        int length = 0;
        uint value = 0;
        uint node = Offset(units[0]);
        for (int i = 0; i < utf8.Length; i++)
        {
            node ^= utf8[i];
            if (node >= units.Length || (units[node] & 0x800000FF) != utf8[i])
            {
                break;
            }
            uint unit = units[node];
            node ^= Offset(unit);
            if (((unit >> 8) & 1) == 1 && node < units.Length)
            {
                length = i + 1;
                value = units[node] & 0x7FFFFFFF;
                if (!longest)
                {
                    break;
                }
            }
        }
        if (length == 0 || value >= replacements.Length)
        {
            return (0, "");
        }
        ReadOnlySpan<byte> rest = replacements.AsSpan((int)value);
        int end = rest.IndexOf((byte)0);
        return (length, Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]));
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);
}
