using System.Text.RegularExpressions;

namespace Whylight.Models.Tokenization;

/// <summary>A literal string, or a regular expression in the Oniguruma syntax of tokenizer files, that finds matches in text.</summary>
internal sealed class TextPattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly string? literal;
    private readonly Regex? regex;
    private readonly string source;

    private TextPattern(string source, string? literal, Regex? regex)
    {
        this.source = source;
        this.literal = literal;
        this.regex = regex;
    }

    public static TextPattern Literal(string text) => new(text, text, null);

    /// <exception cref="ModelException">The expression cannot be read.</exception>
    public static TextPattern Regex(string pattern)
    {
        try
        {
            string translated = OnigurumaSyntax.ToDotNet(pattern);
            return new TextPattern(pattern, null, new Regex(translated, RegexOptions.CultureInvariant, Limit));
        }
        catch (ArgumentException e)
        {
            throw new ModelException($"tokenizer.json: the pattern '{pattern}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Matches from left to right, in UTF-16 units; empty matches are left out.</summary>
    public List<(int From, int To)> Matches(ReadOnlySpan<char> text)
    {
        List<(int From, int To)> matches = [];
        if (literal is not null)
        {
            for (int at = 0; literal.Length > 0 && at < text.Length; )
            {
                int next = text[at..].IndexOf(literal, StringComparison.Ordinal);
                if (next < 0)
                {
                    break;
                }
                matches.Add((at + next, at + next + literal.Length));
                at += next + literal.Length;
            }
            return matches;
        }
        try
        {
            if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            {
                foreach (ValueMatch m in regex!.EnumerateMatches(text))
                {
                    Add(matches, m.Index, m.Index + m.Length);
                }
                return matches;
            }
            (char[] shadow, int[] positions) = AstralStandIns.Shadow(text);
            foreach (ValueMatch m in regex!.EnumerateMatches(shadow))
            {
                Add(matches, positions[m.Index], positions[m.Index + m.Length]);
            }
            return matches;
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new ModelException($"the tokenizer's pattern '{source}' takes too long on this text", e);
        }
    }

    private static void Add(List<(int From, int To)> matches, int from, int to)
    {
        if (from < to)
        {
            matches.Add((from, to));
        }
    }
}
