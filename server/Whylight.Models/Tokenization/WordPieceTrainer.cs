using System.Runtime.InteropServices;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PreTokenization;

namespace Whylight.Models.Tokenization;

/// <summary>
/// Learns a WordPiece vocabulary: begins with single characters and merges the most frequent neighbouring pair of pieces until the
/// vocabulary is full (byte-pair merges over word counts, as Hugging Face's trainer does). Deterministic: ties go to the pair whose
/// pieces entered the vocabulary first.
/// </summary>
public static class WordPieceTrainer
{
    /// <summary>Special tokens of a BERT vocabulary, ids 0 to 4.</summary>
    public static IReadOnlyList<string> BertSpecialTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Learns a vocabulary from texts.</summary>
    /// <param name="texts">The training texts, read once.</param>
    /// <param name="vocabularySize">Most entries, special tokens included; fewer where the texts run out of pairs.</param>
    /// <param name="lowerCase">Lower-case and strip accents first; use the same setting for the tokenizer.</param>
    /// <param name="minimumCount">Pairs that occur less often are not merged.</param>
    /// <param name="alphabetLimit">Most different characters; the rarest are left to [UNK]. Each takes up to two entries (alone, and after ##).</param>
    /// <param name="cancellation">Checked between merges.</param>
    /// <returns>The pieces, the index being the id; begins with <see cref="BertSpecialTokens"/>.</returns>
    public static IReadOnlyList<string> Train(
        IEnumerable<string> texts,
        int vocabularySize,
        bool lowerCase = true,
        int minimumCount = 2,
        int alphabetLimit = 1000,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, BertSpecialTokens.Count + 1);
        BertNormalizer normalizer = new(lowercase: lowerCase);
        BertPreTokenizer split = new();
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
        {
            cancellation.ThrowIfCancellationRequested();
            AlignedText normal = normalizer.Apply(AlignedText.Of(text, 0, text.Length));
            foreach (Piece piece in split.Split([new Piece(normal, 0, normal.Length)]))
            {
                if (piece.To - piece.From <= 100)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, piece.Characters, out _)++;
                }
            }
        }

        List<string> vocabulary = [.. BertSpecialTokens];
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int i = 0; i < vocabulary.Count; i++)
        {
            ids[vocabulary[i]] = i;
        }
        int IdOf(string piece)
        {
            if (!ids.TryGetValue(piece, out int id))
            {
                id = vocabulary.Count;
                ids[piece] = id;
                vocabulary.Add(piece);
            }
            return id;
        }

        // Ordered by count and then by text, so that neither hashing nor the order of the texts decides an id.
        List<KeyValuePair<string, long>> words =
        [
            .. counts.OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal),
        ];
        HashSet<string> alphabet = Alphabet(words, alphabetLimit);
        List<PairMerges.Word> sequences = [];
        foreach (string symbol in alphabet.Order(StringComparer.Ordinal))
        {
            if (vocabulary.Count < vocabularySize)
            {
                IdOf(symbol);
            }
        }
        foreach ((string word, long count) in words)
        {
            List<int> pieces = [];
            foreach (string symbol in Characters(word))
            {
                string piece = pieces.Count == 0 ? symbol : "##" + symbol;
                if (!alphabet.Contains(symbol) || (vocabulary.Count >= vocabularySize && !ids.ContainsKey(piece)))
                {
                    pieces.Clear();
                    break;
                }
                pieces.Add(IdOf(piece));
            }
            if (pieces.Count > 0)
            {
                sequences.Add(new PairMerges.Word(pieces, count));
            }
        }
        PairMerges merges = new(sequences);
        while (vocabulary.Count < vocabularySize && merges.Best(minimumCount) is (int left, int right))
        {
            cancellation.ThrowIfCancellationRequested();
            string joined = vocabulary[left] + vocabulary[right][2..];
            merges.Merge(left, right, IdOf(joined));
        }
        return vocabulary;
    }

    private static HashSet<string> Alphabet(List<KeyValuePair<string, long>> words, int limit)
    {
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach ((string word, long count) in words)
        {
            foreach (string symbol in Characters(word))
            {
                counts[symbol] = counts.GetValueOrDefault(symbol) + count;
            }
        }
        return counts
            .OrderByDescending(c => c.Value)
            .ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(limit)
            .Select(c => c.Key)
            .ToHashSet(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Characters(string word) => word.EnumerateRunes().Select(r => r.ToString());
}
