using System.Buffers;
using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>Finds added tokens in text: leftmost first, then longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, AddedToken[]> byFirst;
    private readonly SearchValues<char> firsts;

    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        byFirst = tokens
            .Where(t => t.Content.Length > 0)
            .GroupBy(t => t.Content[0])
            .ToDictionary(
                g => g.Key,
                g =>
                    g.OrderByDescending(t => t.Content.Length)
                        .Select(t => t.Token with { Content = t.Content })
                        .ToArray()
            );
        firsts = SearchValues.Create(byFirst.Keys.ToArray());
    }

    /// <summary>Parts of <paramref name="text"/> in order, none empty; Token is null for text between added tokens.</summary>
    public List<(int From, int To, AddedToken? Token)> Split(ReadOnlySpan<char> text)
    {
        List<(int From, int To, AddedToken? Token)> parts = [];
        int done = 0;
        for (int at = 0; at < text.Length; )
        {
            int next = byFirst.Count == 0 ? -1 : text[at..].IndexOfAny(firsts);
            if (next < 0)
            {
                break;
            }
            at += next;
            AddedToken? found = Find(text, at);
            if (found is null)
            {
                at++;
                continue;
            }
            int from = at;
            int to = at + found.Content.Length;
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

    private AddedToken? Find(ReadOnlySpan<char> text, int at)
    {
        foreach (AddedToken token in byFirst[text[at]])
        {
            if (text[at..].StartsWith(token.Content, StringComparison.Ordinal))
            {
                return token;
            }
        }
        return null;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && CharacterClass.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && CharacterClass.IsWord(rune);
}
