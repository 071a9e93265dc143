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
    private const char SpaceMark = '\u2581';
    private readonly Dictionary<long, Merge> merges;
    private readonly BpeSettings settings;
    private readonly int[]? byteIds;
    private readonly PieceCache cache = new();

    /// <summary>True where no merge reaches over a space mark after something else, so that text may be cut there.</summary>
    private readonly bool cutsAtMarks;

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
        cutsAtMarks =
            settings is { ContinuingPrefix: "", WordSuffix: "" }
            && vocabulary.IdOf([SpaceMark]) is not null
            && merges.Values.All(m => !HoldsInnerMark(vocabulary.TokenOf(m.Id)));
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
        if (!cutsAtMarks)
        {
            Spell(piece, 0, tokens);
            return;
        }
        // SentencePiece spells a whole text at once; word by word the result is the same, and words repeat.
        int from = 0;
        for (int i = 1; i < piece.Length; i++)
        {
            if (piece[i] == SpaceMark && piece[i - 1] != SpaceMark)
            {
                Spell(piece[from..i], from, tokens);
                from = i;
            }
        }
        Spell(piece[from..], from, tokens);
    }

    /// <summary>Appends the tokens of a piece, which begins at <paramref name="offset"/> of what the caller spells.</summary>
    private void Spell(ReadOnlySpan<char> piece, int offset, List<ModelToken> tokens)
    {
        int before = tokens.Count;
        if (!cache.TryAppend(piece, tokens))
        {
            SpellNew(piece, tokens);
        }
        for (int i = before; offset > 0 && i < tokens.Count; i++)
        {
            tokens[i] = new ModelToken(tokens[i].Id, tokens[i].From + offset, tokens[i].To + offset);
        }
    }

    private void SpellNew(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
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
        for (int i = 0; i < piece.Length; )
        {
            Rune.DecodeFromUtf16(piece[i..], out _, out int count);
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
            else if (byteIds is not null && AddBytes(symbols, text, i, to)) { }
            else if (settings.UnknownToken is string name)
            {
                int unknownId =
                    Unknown
                    ?? throw new ModelException(
                        $"the tokenizer cannot spell '{piece[i..to]}', and the vocabulary lacks its unknown token '{name}'"
                    );
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
        ModelToken[] tokens = [.. symbols];
        int[] next = new int[count + 1];
        int[] previous = new int[count + 1];
        bool[] gone = new bool[count];
        // Lowest rank first, then leftmost: both in one number.
        PriorityQueue<int, long> queue = new(count);
        for (int i = 0; i <= count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < count; i++)
        {
            Offer(i);
        }
        while (queue.TryDequeue(out int joined, out long priority))
        {
            int at = (int)priority;
            int right = gone[at] ? count : next[at];
            if (
                right >= count
                || Rank(tokens[at].Id, tokens[right].Id, out int merged) != priority >> 32
                || merged != joined
            )
            {
                continue;
            }
            tokens[at] = new ModelToken(merged, tokens[at].From, tokens[right].To);
            gone[right] = true;
            next[at] = next[right];
            previous[next[at]] = at;
            if (previous[at] >= 0)
            {
                Offer(previous[at]);
            }
            Offer(at);
        }
        List<ModelToken> result = new(count / 2 + 1);
        for (int i = 0; i < count; i = next[i])
        {
            result.Add(tokens[i]);
        }
        return result;

        void Offer(int at)
        {
            if (next[at] < count)
            {
                int rank = Rank(tokens[at].Id, tokens[next[at]].Id, out int merged);
                if (rank != int.MaxValue)
                {
                    queue.Enqueue(merged, ((long)rank << 32) | (uint)at);
                }
            }
        }
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

    /// <summary>True for a piece with a space mark after something else.</summary>
    private static bool HoldsInnerMark(string? piece) => piece.AsSpan().TrimStart(SpaceMark).Contains(SpaceMark);

    private bool AddBytes(List<ModelToken> symbols, ReadOnlySpan<char> text, int from, int to)
    {
        Span<byte> space = stackalloc byte[64];
        Span<byte> utf8 = text.Length <= 21 ? space : new byte[text.Length * 3];
        utf8 = utf8[..Encoding.UTF8.GetBytes(text, utf8)];
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
