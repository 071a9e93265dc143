using System.Text;

namespace Whylight.Models.Tokenization.Subwords;

/// <summary>
/// Unigram language model segmentation (Kudo 2018): of all ways to spell the piece, the one with the highest sum of log-probabilities,
/// by Viterbi. Characters no piece covers cost ten less than the worst piece.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;
    private readonly double[] scores;
    private readonly double unknownScore;
    private readonly int[]? byteIds;
    private readonly Dictionary<long, int> edges = [];
    private readonly List<int> idAt = [-1];

    /// <param name="vocabulary">The pieces.</param>
    /// <param name="scores">Log-probability of each id.</param>
    /// <param name="unknown">Id of the unknown token, or null.</param>
    /// <param name="byteFallback">Spell unknown characters as bytes.</param>
    /// <param name="matched">Which ids may be matched in text, and count as pieces where the worst is looked for; null: all.</param>
    public UnigramModel(
        Vocabulary vocabulary,
        double[] scores,
        int? unknown,
        bool byteFallback,
        Func<int, bool>? matched = null
    )
    {
        Vocabulary = vocabulary;
        this.scores = scores;
        Unknown = unknown;
        byteIds = byteFallback ? BpeModel.ByteIds(vocabulary) : null;
        double lowest = double.PositiveInfinity;
        foreach ((string token, int id) in vocabulary.Entries)
        {
            if (matched is not null && !matched(id))
            {
                continue;
            }
            lowest = Math.Min(lowest, scores[id]);
            int node = 0;
            foreach (char c in token)
            {
                long key = ((long)node << 16) | c;
                if (!edges.TryGetValue(key, out int next))
                {
                    next = idAt.Count;
                    idAt.Add(-1);
                    edges[key] = next;
                }
                node = next;
            }
            if (node != 0)
            {
                idAt[node] = id;
            }
        }
        unknownScore = (double.IsFinite(lowest) ? lowest : 0) - UnknownPenalty;
    }

    public Vocabulary Vocabulary { get; }

    public int? Unknown { get; }

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        int length = piece.Length;
        double[] best = new double[length + 1];
        int[] from = new int[length + 1];
        int[] ids = new int[length + 1];
        Array.Fill(from, -1);
        for (int start = 0; start < length; )
        {
            Rune.DecodeFromUtf16(piece[start..], out _, out int count);
            bool single = false;
            int node = 0;
            for (int i = start; i < length && edges.TryGetValue(((long)node << 16) | piece[i], out node); i++)
            {
                if (idAt[node] is int id and >= 0)
                {
                    Offer(i + 1, best[start] + scores[id], start, id);
                    single |= i + 1 == start + count;
                }
            }
            if (!single)
            {
                Offer(start + count, best[start] + unknownScore, start, -1);
            }
            start += count;
        }
        int before = tokens.Count;
        for (int end = length; end > 0; end = from[end])
        {
            int id = ids[end];
            if (id >= 0)
            {
                tokens.Add(new ModelToken(id, from[end], end));
            }
            else if (byteIds is not null && AddBytes(tokens, piece[from[end]..end], from[end], end)) { }
            else if (tokens.Count > before && tokens[^1].Id == Unknown)
            {
                // Neighbouring unknown characters make one token.
                tokens[^1] = tokens[^1] with
                {
                    From = from[end],
                };
            }
            else
            {
                tokens.Add(
                    new ModelToken(
                        Unknown
                            ?? throw new ModelException(
                                $"the tokenizer has no unknown token and cannot spell '{piece[from[end]..end]}'"
                            ),
                        from[end],
                        end
                    )
                );
            }
        }
        tokens.Reverse(before, tokens.Count - before);

        void Offer(int end, double score, int start, int id)
        {
            if (from[end] < 0 || score > best[end])
            {
                best[end] = score;
                from[end] = start;
                ids[end] = id;
            }
        }
    }

    /// <summary>Appends the bytes of a character, last first, as the path is read backwards.</summary>
    private bool AddBytes(List<ModelToken> tokens, ReadOnlySpan<char> character, int from, int to)
    {
        Span<byte> utf8 = stackalloc byte[4];
        int count = Encoding.UTF8.GetBytes(character, utf8);
        for (int i = 0; i < count; i++)
        {
            if (byteIds![utf8[i]] < 0)
            {
                return false;
            }
        }
        for (int i = count - 1; i >= 0; i--)
        {
            tokens.Add(new ModelToken(byteIds![utf8[i]], from, to));
        }
        return true;
    }
}
