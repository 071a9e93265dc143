using System.Collections.Concurrent;

namespace Whylight.Models.Tokenization.Subwords;

/// <summary>Remembers how short pieces are spelt; words repeat. Bounded: emptied when full. Safe for concurrent use.</summary>
internal sealed class PieceCache
{
    private const int Limit = 16384;
    private const int LongestPiece = 64;
    private readonly ConcurrentDictionary<string, ModelToken[]> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelToken[]>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private int count;

    public PieceCache() => lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Appends the remembered tokens of a piece; false where there are none.</summary>
    public bool TryAppend(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        if (piece.Length > LongestPiece || !lookup.TryGetValue(piece, out ModelToken[]? spelling))
        {
            return false;
        }
        tokens.AddRange(spelling);
        return true;
    }

    /// <summary>Remembers the last tokens of a list, from <paramref name="from"/> on, as the spelling of a piece.</summary>
    public void Remember(ReadOnlySpan<char> piece, List<ModelToken> tokens, int from)
    {
        if (piece.Length > LongestPiece)
        {
            return;
        }
        if (Interlocked.Increment(ref count) > Limit)
        {
            known.Clear();
            Interlocked.Exchange(ref count, 0);
        }
        lookup.TryAdd(piece, [.. tokens[from..]]);
    }
}
