using System.Text;

namespace Whylight.Models.Tokenization.Decoding;

/// <summary>Applies decoders one after the other.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<IDecoder> steps) : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        foreach (IDecoder step in steps)
        {
            tokens = step.Decode(tokens);
        }
        return tokens;
    }
}

/// <summary>Joins all tokens to one.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Replaces matches of a pattern in every token.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : IDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Replace)];

    private string Replace(string token)
    {
        StringBuilder result = new();
        int done = 0;
        foreach ((int from, int to) in pattern.Matches(token))
        {
            result.Append(token, done, from - done).Append(content);
            done = to;
        }
        return result.Append(token, done, token.Length - done).ToString();
    }
}

/// <summary>Takes a character off the ends of every token, at most <paramref name="start"/> and <paramref name="stop"/> times.</summary>
internal sealed class StripDecoder(string content, int start, int stop) : IDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Strip)];

    private string Strip(string token)
    {
        for (int i = 0; i < start && token.StartsWith(content, StringComparison.Ordinal); i++)
        {
            token = token[content.Length..];
        }
        for (int i = 0; i < stop && token.EndsWith(content, StringComparison.Ordinal); i++)
        {
            token = token[..^content.Length];
        }
        return token;
    }
}

/// <summary>Turns SentencePiece's visible space back into a space; the one a prefix put before the text is left out.</summary>
internal sealed class MetaspaceDecoder(char replacement, bool prefixed) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [
            .. tokens.Select(
                (t, i) =>
                    i == 0 && prefixed
                        ? t.Replace(replacement.ToString(), "", StringComparison.Ordinal)
                        : t.Replace(replacement, ' ')
            ),
        ];
}

/// <summary>
/// Reads the output of a speech model (connectionist temporal classification): repeated tokens are one, padding separates, a delimiter
/// stands for the space.
/// </summary>
internal sealed class CtcDecoder(string padding, string wordDelimiter, bool cleanup) : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        List<string> result = [];
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && string.Equals(tokens[i], tokens[i - 1], StringComparison.Ordinal))
            {
                continue;
            }
            string text = Without(tokens[i], padding, "");
            if (cleanup)
            {
                text = Without(WordPieceDecoder.Tidy(text), wordDelimiter, " ");
            }
            if (text.Length > 0)
            {
                result.Add(text);
            }
        }
        return result;
    }

    private static string Without(string text, string part, string by) =>
        part.Length == 0 ? text : text.Replace(part, by, StringComparison.Ordinal);
}

/// <summary>Turns the suffix that ends a word into a space, and drops it at the very end.</summary>
internal sealed class SuffixDecoder(string suffix) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((t, i) => t.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}
