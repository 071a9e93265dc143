namespace Whylight.Models.Tokenization.Subwords;

/// <summary>Greedy longest-match-first WordPiece (Schuster and Nakajima 2012; Devlin et al. 2019).</summary>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> initial;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> continuing;
    private readonly PieceCache cache = new();
    private readonly int longest;
    private readonly int maxCharacters;

    public WordPieceModel(
        Vocabulary vocabulary,
        string unknownToken = "[UNK]",
        string continuingPrefix = "##",
        int maxCharacters = 100
    )
    {
        Vocabulary = vocabulary;
        UnknownId =
            vocabulary.IdOf(unknownToken)
            ?? throw new ModelException($"the vocabulary lacks {unknownToken}, the token for unknown words");
        Prefix = continuingPrefix;
        this.maxCharacters = maxCharacters;
        Dictionary<string, int> first = new(StringComparer.Ordinal);
        Dictionary<string, int> next = new(StringComparer.Ordinal);
        foreach ((string token, int id) in vocabulary.Entries)
        {
            first[token] = id;
            longest = Math.Max(longest, token.Length);
            if (token.StartsWith(continuingPrefix, StringComparison.Ordinal))
            {
                next[token[continuingPrefix.Length..]] = id;
            }
        }
        initial = first.GetAlternateLookup<ReadOnlySpan<char>>();
        continuing = next.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public Vocabulary Vocabulary { get; }

    public int UnknownId { get; }

    public int? Unknown => UnknownId;

    public string Prefix { get; }

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        if (cache.TryAppend(piece, tokens))
        {
            return;
        }
        int before = tokens.Count;
        Spell(piece, tokens);
        cache.Remember(piece, tokens, before);
    }

    private void Spell(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        int before = tokens.Count;
        if (piece.Length > maxCharacters && CountCharacters(piece) > maxCharacters)
        {
            tokens.Add(new ModelToken(UnknownId, 0, piece.Length));
            return;
        }
        for (int from = 0; from < piece.Length; )
        {
            var lookup = from == 0 ? initial : continuing;
            int to = Math.Min(piece.Length, from + longest);
            int id = -1;
            for (; to > from; to--)
            {
                bool cutsPair = to < piece.Length && char.IsLowSurrogate(piece[to]);
                if (!cutsPair && lookup.TryGetValue(piece[from..to], out id))
                {
                    break;
                }
            }
            if (to == from)
            {
                tokens.RemoveRange(before, tokens.Count - before);
                tokens.Add(new ModelToken(UnknownId, 0, piece.Length));
                return;
            }
            tokens.Add(new ModelToken(id, from, to));
            from = to;
        }
    }

    private static int CountCharacters(ReadOnlySpan<char> piece)
    {
        int count = 0;
        foreach (char c in piece)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }
        return count;
    }
}
