using System.Runtime.InteropServices;
using Whylight.Models.Tokenization.PreTokenization;

namespace Whylight.Models.Tokenization;

/// <summary>What byte-pair training yields: the content of `vocab.json` and `merges.txt`.</summary>
/// <param name="Tokens">The pieces, the index being the id: 256 bytes, then merges, then special tokens.</param>
/// <param name="Merges">The merge rules, best first.</param>
/// <param name="SpecialTokens">The special tokens, which are the last of <paramref name="Tokens"/>.</param>
public sealed record BytePairVocabulary(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<(string Left, string Right)> Merges,
    IReadOnlyList<string> SpecialTokens
);

/// <summary>
/// Learns a byte-level byte-pair vocabulary as GPT-2's: begins with the 256 bytes and merges the most frequent neighbouring pair inside
/// GPT-2's pre-tokenized pieces. Any text can be spelt and decoded exactly. Deterministic: ties go to the lowest ids.
/// </summary>
public static class BytePairTrainer
{
    /// <summary>Learns a vocabulary from texts.</summary>
    /// <param name="texts">The training texts, read once.</param>
    /// <param name="vocabularySize">Most entries, bytes and special tokens included; fewer where the texts run out of pairs.</param>
    /// <param name="specialTokens">Special tokens, numbered last; null: only &lt;|endoftext|&gt;.</param>
    /// <param name="minimumCount">Pairs that occur less often are not merged.</param>
    /// <param name="cancellation">Checked between merges.</param>
    public static BytePairVocabulary Train(
        IEnumerable<string> texts,
        int vocabularySize,
        IReadOnlyList<string>? specialTokens = null,
        int minimumCount = 2,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        IReadOnlyList<string> specials = specialTokens ?? ["<|endoftext|>"];
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 256 + specials.Count);
        ByteLevelPreTokenizer split = new(addPrefixSpace: false, useRegex: true);
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
        {
            cancellation.ThrowIfCancellationRequested();
            if (text.Length == 0)
            {
                continue;
            }
            AlignedText aligned = AlignedText.Of(text, 0, text.Length);
            foreach (Piece piece in split.Split([new Piece(aligned, 0, aligned.Length)]))
            {
                if (piece.To - piece.From <= 256)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, piece.Characters, out _)++;
                }
            }
        }
        List<string> tokens =
        [
            .. Enumerable
                .Range(0, 256)
                .Select(b => ByteAlphabet.CharacterOf((byte)b))
                .Order()
                .Select(c => c.ToString()),
        ];
        Dictionary<char, int> ids = tokens.Select((t, i) => (t[0], i)).ToDictionary(p => p.Item1, p => p.i);
        PairMerges pairs = new([
            .. counts
                .OrderBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => new PairMerges.Word([.. c.Key.Select(x => ids[x])], c.Value)),
        ]);
        List<(string Left, string Right)> merges = [];
        HashSet<string> known = [.. tokens];
        while (tokens.Count < vocabularySize - specials.Count && pairs.Best(minimumCount) is (int left, int right))
        {
            cancellation.ThrowIfCancellationRequested();
            string joined = tokens[left] + tokens[right];
            merges.Add((tokens[left], tokens[right]));
            if (known.Add(joined))
            {
                tokens.Add(joined);
                pairs.Merge(left, right, tokens.Count - 1);
            }
            else
            {
                // Two different pairs can spell the same piece; it keeps its first id.
                pairs.Merge(left, right, tokens.IndexOf(joined));
            }
        }
        tokens.AddRange(specials);
        return new BytePairVocabulary(tokens, merges, specials);
    }
}
