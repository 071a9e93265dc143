namespace Whylight.Models.Tokenization.Subwords;

/// <summary>One token of a piece: its id and the characters [From, To) of the piece it stands for.</summary>
internal readonly record struct ModelToken(int Id, int From, int To);

/// <summary>Spells a piece in vocabulary entries. Safe for concurrent use.</summary>
internal interface ITokenModel
{
    Vocabulary Vocabulary { get; }

    /// <summary>Id of the token for what cannot be spelled, or null.</summary>
    int? Unknown { get; }

    /// <summary>Appends the tokens of <paramref name="piece"/> (never empty) to <paramref name="tokens"/>.</summary>
    void Tokenize(ReadOnlySpan<char> piece, List<ModelToken> tokens);
}
