using System.Text;

namespace Whylight.Explanations.Local;

/// <summary>A range of a text and what stands there instead; edits of one text do not depend on each other.</summary>
/// <param name="Start">First UTF-16 code unit replaced.</param>
/// <param name="End">One past the last.</param>
/// <param name="Text">The characters replaced.</param>
/// <param name="Replacement">What stands there instead; empty for a deletion.</param>
public sealed record TextEdit(int Start, int End, string Text, string Replacement)
{
    /// <summary>Deletes a range, and with it one of the two spaces around it.</summary>
    public static TextEdit Deletion(string text, int start, int end)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool spaced = end < text.Length && text[end] == ' ' && (start == 0 || text[start - 1] == ' ');
        int last = spaced ? end + 1 : end;
        return new TextEdit(start, last, text[start..last], "");
    }

    /// <summary>Puts a word in the place of a range, written with its letter case.</summary>
    public static TextEdit Substitution(string text, int start, int end, string word)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(word);
        string old = text[start..end];
        return new TextEdit(start, end, old, Cased(word, old));
    }

    /// <summary>The text with edits made; they must not overlap.</summary>
    public static string Apply(string text, IEnumerable<TextEdit> edits)
    {
        StringBuilder edited = new();
        int from = 0;
        foreach (TextEdit edit in edits.OrderBy(e => e.Start))
        {
            edited.Append(text, from, edit.Start - from).Append(edit.Replacement);
            from = edit.End;
        }
        return edited.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>"delete 'not'", "replace 'good' with 'bad'".</summary>
    public override string ToString() =>
        Replacement.Length == 0 ? $"delete '{Text.TrimEnd(' ')}'" : $"replace '{Text}' with '{Replacement}'";

    // GOOD becomes BAD and Good becomes Bad; a list's own capitals (Paris) stay where the text has none.
    private static string Cased(string word, string old)
    {
        int letters = old.Count(char.IsLetter);
        if (letters > 1 && old.Where(char.IsLetter).All(char.IsUpper))
        {
            return word.ToUpperInvariant();
        }
        return char.IsUpper(old[0]) && char.IsLower(word[0]) ? char.ToUpperInvariant(word[0]) + word[1..] : word;
    }
}
