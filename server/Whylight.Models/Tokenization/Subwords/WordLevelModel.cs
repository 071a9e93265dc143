namespace Whylight.Models.Tokenization.Subwords;

/// <summary>Every piece is one token, or the unknown token.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, int? unknown) : ITokenModel
{
    public Vocabulary Vocabulary => vocabulary;

    public int? Unknown => unknown;

    public void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens)
    {
        int id = vocabulary.TryGet(piece, out int known)
            ? known
            : unknown ?? throw new ModelException($"the tokenizer has no unknown token and cannot spell '{piece}'");
        tokens.Add(new ModelToken(id, 0, piece.Length));
    }
}
