namespace Whylight.Models.Tokenization;

/// <summary>
/// Turns text into the tokens a model reads and back. Every token keeps the UTF-16 range of the original text it came from,
/// through every normalisation step. Implementations are immutable and safe for concurrent use.
/// </summary>
public interface ITokenizer
{
    /// <summary>Number of ids the tokenizer can produce, added tokens included: one more than the largest id.</summary>
    int VocabularySize { get; }

    /// <summary>Ids of the tokens with a special role; null where the vocabulary has none for a role.</summary>
    SpecialTokens Special { get; }

    /// <summary>Longest input the tokenizer files declare (`model_max_length`), special tokens included; null where they declare none.</summary>
    int? ModelMaxLength { get; }

    /// <summary>
    /// Tokens of one text, special tokens added. Token ranges are in order and inside <paramref name="text"/>; characters the
    /// tokenizer drops (white space, control characters, stripped accents) belong to no token.
    /// </summary>
    /// <param name="text">Any text; a lone surrogate reads as U+FFFD.</param>
    /// <param name="maxTokens">Most tokens to return, special tokens included; the end of the text is cut. Null: no limit.</param>
    /// <exception cref="ModelException"><paramref name="maxTokens"/> leaves no room for the special tokens.</exception>
    TokenizedText Encode(string text, int? maxTokens = null);

    /// <summary>
    /// Tokens of a pair of texts. <see cref="TokenizedText.Text"/> is the first text, a line feed, the second text;
    /// ranges of the second text's tokens refer to that joined text, and <see cref="TokenizedText.SecondStart"/> says where it begins.
    /// </summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text.</param>
    /// <param name="maxTokens">Most tokens to return, special tokens included; the longer text is cut first. Null: no limit.</param>
    /// <exception cref="ModelException"><paramref name="maxTokens"/> leaves no room for the special tokens.</exception>
    TokenizedText Encode(string first, string second, int? maxTokens = null);

    /// <summary>The text that <paramref name="ids"/> stand for; ids outside the vocabulary are skipped.</summary>
    /// <param name="ids">Vocabulary rows.</param>
    /// <param name="skipSpecial">Leave special tokens such as [CLS] out.</param>
    string Decode(IEnumerable<int> ids, bool skipSpecial = true);

    /// <summary>The vocabulary piece of an id, or null where there is none.</summary>
    string? TokenOf(int id);

    /// <summary>The id of a vocabulary piece (added tokens included), or null where there is none.</summary>
    int? IdOf(string token);
}
