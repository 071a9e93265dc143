using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Whylight.Models.Tokenization;

/// <summary>A literal string, or a regular expression in the Oniguruma syntax of tokenizer files, that finds matches in text.</summary>
internal sealed class TextPattern
{
    /// <summary>Time for one search through a text: a floor, and more for long texts.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LimitPerMillion = TimeSpan.FromSeconds(10);
    private readonly string? literal;
    private readonly Regex? regex;
    private readonly string source;

    private TextPattern(string source, string? literal, Regex? regex)
    {
        this.source = source;
        this.literal = literal;
        this.regex = regex;
    }

    public static TextPattern Literal(string text) => text.Length == 0 ? Regex(text) : new(text, text, null);

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
            throw new ModelException($"tokenizer.json: the pattern '{Short(pattern)}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// Matches from left to right, in UTF-16 units. A match may be empty (a look-ahead, or the empty pattern that stands before every
    /// character), but not where the match before it ends. An empty text has none.
    /// </summary>
    /// <exception cref="ModelException">The expression takes too long on this text.</exception>
    public List<(int From, int To)> Matches(ReadOnlySpan<char> text)
    {
        List<(int From, int To)> matches = [];
        if (text.IsEmpty)
        {
            return matches;
        }
        if (literal is not null)
        {
            for (int at = 0; at < text.Length; )
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
        // .NET measures each match by itself, so many slow ones would never be stopped.
        long started = Stopwatch.GetTimestamp();
        TimeSpan limit = Limit + LimitPerMillion * (text.Length / 1e6);
        try
        {
            if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            {
                foreach (ValueMatch m in regex!.EnumerateMatches(text))
                {
                    Add(matches, m.Index, m.Index + m.Length, started, limit);
                }
                return matches;
            }
            (char[] shadow, int[] positions) = AstralStandIns.Shadow(text);
            foreach (ValueMatch m in regex!.EnumerateMatches(shadow))
            {
                Add(matches, positions[m.Index], positions[m.Index + m.Length], started, limit);
            }
            return matches;
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TooSlow(e);
        }
    }

    private void Add(List<(int From, int To)> matches, int from, int to, long started, TimeSpan limit)
    {
        if (from < to || matches.Count == 0 || matches[^1].To < from)
        {
            matches.Add((from, to));
        }
        if (Stopwatch.GetElapsedTime(started) > limit)
        {
            throw TooSlow(null);
        }
    }

    private static string Short(string pattern) => pattern.Length <= 200 ? pattern : pattern[..200] + "...";

    private ModelException TooSlow(Exception? cause)
    {
        string message = $"the tokenizer's pattern '{Short(source)}' takes too long on this text";
        return cause is null ? new ModelException(message) : new ModelException(message, cause);
    }
}
