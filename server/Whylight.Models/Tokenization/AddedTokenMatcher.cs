using System.Buffers;
using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>Finds added tokens in text: leftmost first, then longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<string, AddedToken> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>For each first character the lengths of the tokens that begin with it, longest first.</summary>
    private readonly Dictionary<char, int[]> lengths;
    private readonly SearchValues<char> firsts;

    /// <param name="tokens">What to look for and the token it is; of two with one spelling the first counts, empty ones are left out.</param>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        foreach ((string content, AddedToken token) in tokens)
        {
            if (content.Length > 0)
            {
                known.TryAdd(content, token);
            }
        }
        lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        lengths = known
            .Keys.GroupBy(c => c[0])
            .ToDictionary(g => g.Key, g => g.Select(c => c.Length).Distinct().OrderDescending().ToArray());
        firsts = SearchValues.Create([.. lengths.Keys]);
    }

    /// <summary>Parts of <paramref name="text"/> in order, none empty; Token is null for text between added tokens.</summary>
    public List<(int From, int To, AddedToken? Token)> Split(ReadOnlySpan<char> text)
    {
        List<(int From, int To, AddedToken? Token)> parts = [];
        int done = 0;
        for (int at = 0; at < text.Length; )
        {
            int next = known.Count == 0 ? -1 : text[at..].IndexOfAny(firsts);
            if (next < 0)
            {
                break;
            }
            at += next;
            (AddedToken? found, int length) = Find(text[at..]);
            if (found is null)
            {
                at++;
                continue;
            }
            int from = at;
            int to = at + length;
            at = to;
            if (found.SingleWord && (EndsWithWord(text[..from]) || StartsWithWord(text[to..])))
            {
                continue;
            }
            if (found.StripLeft)
            {
                from = Math.Max(done, text[..from].TrimEnd().Length);
            }
            if (found.StripRight)
            {
                to = text.Length - text[to..].TrimStart().Length;
                at = to;
            }
            if (done < from)
            {
                parts.Add((done, from, null));
            }
            parts.Add((from, to, found));
            done = to;
        }
        if (done < text.Length)
        {
            parts.Add((done, text.Length, null));
        }
        return parts;
    }

    private (AddedToken? Token, int Length) Find(ReadOnlySpan<char> text)
    {
        foreach (int length in lengths[text[0]])
        {
            if (length <= text.Length && lookup.TryGetValue(text[..length], out AddedToken? token))
            {
                return (token, length);
            }
        }
        return (null, 0);
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && CharacterClass.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && CharacterClass.IsWord(rune);
}
