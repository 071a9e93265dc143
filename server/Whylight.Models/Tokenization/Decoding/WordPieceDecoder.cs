namespace Whylight.Models.Tokenization.Decoding;

/// <summary>Joins continuation pieces to their word, sets spaces between words, and optionally tidies English punctuation.</summary>
internal sealed class WordPieceDecoder(string prefix = "##", bool cleanup = true) : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        List<string> result = new(tokens.Count);
        for (int i = 0; i < tokens.Count; i++)
        {
            string text =
                i == 0 ? tokens[i]
                : tokens[i].StartsWith(prefix, StringComparison.Ordinal) ? tokens[i][prefix.Length..]
                : " " + tokens[i];
            result.Add(cleanup ? Tidy(text) : text);
        }
        return result;
    }

    /// <summary>The reference's clean-up, replacement by replacement.</summary>
    internal static string Tidy(string text) =>
        text.Replace(" .", ".", StringComparison.Ordinal)
            .Replace(" ?", "?", StringComparison.Ordinal)
            .Replace(" !", "!", StringComparison.Ordinal)
            .Replace(" ,", ",", StringComparison.Ordinal)
            .Replace(" ' ", "'", StringComparison.Ordinal)
            .Replace(" n't", "n't", StringComparison.Ordinal)
            .Replace(" 'm", "'m", StringComparison.Ordinal)
            .Replace(" do not", " don't", StringComparison.Ordinal)
            .Replace(" 's", "'s", StringComparison.Ordinal)
            .Replace(" 've", "'ve", StringComparison.Ordinal)
            .Replace(" 're", "'re", StringComparison.Ordinal);
}
