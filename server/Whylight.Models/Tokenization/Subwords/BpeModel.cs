using System.Globalization;
using System.Text;

namespace Whylight.Models.Tokenization.Subwords;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016): begins with characters and merges the neighbouring pair of the lowest rank, leftmost first,
/// until no pair can be merged.
/// </summary>
internal sealed class BpeModel : ITokenModel
{
    private const int LongestScanned = 48;
    private readonly Dictionary<long, Merge> merges;
    private readonly BpeSettings settings;
    private readonly int[]? byteIds;
    private readonly PieceCache cache = new();

    public BpeModel(Vocabulary vocabulary, Dictionary<long, Merge> merges, BpeSettings settings)
    {
        Vocabulary = vocabulary;
        this.merges = merges;
        this.settings = settings;
        Unknown = settings.UnknownToken is string unknown ? vocabulary.IdOf(unknown) : null;
        if (settings.ByteFallback)
        {
            byteIds = ByteIds(vocabulary);
        }
    }

    public Vocabulary Vocabulary { get; }

    public int? Unknown { get; }

    public static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>Ids of &lt;0x00&gt; to &lt;0xFF&gt;; -1 where the vocabulary lacks one.</summary>
    public static int[] ByteIds(Vocabulary vocabulary)
    {
        int[] ids = new int[256];
        for (int b = 0; b < 256; b++)
        {
            ids[b] = vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>")) ?? -1;
        }
        return ids;
    }

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        if (settings.IgnoreMerges && Vocabulary.TryGet(piece, out int whole))
        {
            tokens.Add(new ModelToken(whole, 0, piece.Length));
            return;
        }
        if (cache.TryAppend(piece, tokens))
        {
            return;
        }
        List<ModelToken> symbols = Symbols(piece);
        if (symbols.Count <= LongestScanned)
        {
            MergeByScan(symbols);
        }
        else
        {
            symbols = MergeByQueue(symbols);
        }
        tokens.AddRange(symbols);
        cache.Remember(piece, symbols, 0);
    }

    /// <summary>The characters of a piece as tokens, before any merge.</summary>
    internal List<ModelToken> Symbols(ReadOnlySpan<char> piece)
    {
        List<ModelToken> symbols = new(piece.Length);
        bool afterUnknown = false;
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < piece.Length; )
        {
            Rune.DecodeFromUtf16(piece[i..], out Rune rune, out int count);
            int to = i + count;
            bool first = i == 0;
            bool last = to == piece.Length;
            ReadOnlySpan<char> text = piece[i..to];
            if (!first && settings.ContinuingPrefix.Length > 0)
            {
                text = string.Concat(settings.ContinuingPrefix, text);
            }
            if (last && settings.WordSuffix.Length > 0)
            {
                text = string.Concat(text, settings.WordSuffix);
            }
            bool unknown = false;
            if (Vocabulary.TryGet(text, out int id))
            {
                symbols.Add(new ModelToken(id, i, to));
            }
            else if (byteIds is not null && AddBytes(symbols, utf8[..rune.EncodeToUtf8(utf8)], i, to)) { }
            else if (Unknown is int unknownId)
            {
                unknown = true;
                if (settings.FuseUnknown && afterUnknown)
                {
                    symbols[^1] = symbols[^1] with { To = to };
                }
                else
                {
                    symbols.Add(new ModelToken(unknownId, i, to));
                }
            }
            afterUnknown = unknown;
            i = to;
        }
        return symbols;
    }

    /// <summary>For short pieces: look for the lowest rank again after each merge.</summary>
    internal void MergeByScan(List<ModelToken> symbols)
    {
        Span<int> ranks = stackalloc int[LongestScanned];
        Span<int> merged = stackalloc int[LongestScanned];
        int count = symbols.Count;
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = Rank(symbols[i].Id, symbols[i + 1].Id, out merged[i]);
        }
        while (count > 1)
        {
            int best = -1;
            int lowest = int.MaxValue;
            for (int i = 0; i + 1 < count; i++)
            {
                if (ranks[i] < lowest)
                {
                    lowest = ranks[i];
                    best = i;
                }
            }
            if (best < 0)
            {
                break;
            }
            symbols[best] = new ModelToken(merged[best], symbols[best].From, symbols[best + 1].To);
            symbols.RemoveAt(best + 1);
            count--;
            for (int i = best + 1; i + 1 < count; i++)
            {
                ranks[i] = ranks[i + 1];
                merged[i] = merged[i + 1];
            }
            if (best + 1 < count)
            {
                ranks[best] = Rank(symbols[best].Id, symbols[best + 1].Id, out merged[best]);
            }
            if (best > 0)
            {
                ranks[best - 1] = Rank(symbols[best - 1].Id, symbols[best].Id, out merged[best - 1]);
            }
        }
    }

    /// <summary>For long pieces: a queue of candidate merges, O(n log n).</summary>
    internal List<ModelToken> MergeByQueue(List<ModelToken> symbols)
    {
        int count = symbols.Count;
        int[] next = new int[count];
        int[] previous = new int[count];
        bool[] gone = new bool[count];
        PriorityQueue<(int At, int Merged), (int Rank, int At)> queue = new();
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1 < count ? i + 1 : -1;
            previous[i] = i - 1;
        }
        void Offer(int at)
        {
            if (at >= 0 && next[at] >= 0)
            {
                int rank = Rank(symbols[at].Id, symbols[next[at]].Id, out int merged);
                if (rank != int.MaxValue)
                {
                    queue.Enqueue((at, merged), (rank, at));
                }
            }
        }
        for (int i = 0; i + 1 < count; i++)
        {
            Offer(i);
        }
        while (queue.TryDequeue(out (int At, int Merged) candidate, out (int Rank, int At) priority))
        {
            int at = candidate.At;
            if (
                gone[at]
                || next[at] < 0
                || Rank(symbols[at].Id, symbols[next[at]].Id, out int merged) != priority.Rank
                || merged != candidate.Merged
            )
            {
                continue;
            }
            int right = next[at];
            symbols[at] = new ModelToken(merged, symbols[at].From, symbols[right].To);
            gone[right] = true;
            next[at] = next[right];
            if (next[at] >= 0)
            {
                previous[next[at]] = at;
            }
            Offer(previous[at]);
            Offer(at);
        }
        List<ModelToken> result = [];
        for (int i = 0; i >= 0 && i < count; i = next[i])
        {
            result.Add(symbols[i]);
        }
        return result;
    }

    private int Rank(int left, int right, out int merged)
    {
        if (merges.TryGetValue(Key(left, right), out Merge merge))
        {
            merged = merge.Id;
            return merge.Rank;
        }
        merged = -1;
        return int.MaxValue;
    }

    private bool AddBytes(List<ModelToken> symbols, ReadOnlySpan<byte> utf8, int from, int to)
    {
        foreach (byte b in utf8)
        {
            if (byteIds![b] < 0)
            {
                return false;
            }
        }
        foreach (byte b in utf8)
        {
            symbols.Add(new ModelToken(byteIds![b], from, to));
        }
        return true;
    }
}
