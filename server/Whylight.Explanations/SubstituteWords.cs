namespace Whylight.Explanations;

/// <summary>Words that may stand in the place of others, as a user lists them.</summary>
/// <param name="Any">Words for the place of any word.</param>
/// <param name="For">Words for the place of one word, whose letter case does not matter.</param>
public sealed record SubstituteWords(IReadOnlyList<string> Any, IReadOnlyDictionary<string, IReadOnlyList<string>> For)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _for = new(For, StringComparer.OrdinalIgnoreCase);

    /// <summary>What may stand in the place of a word, never the word itself: its own entries first.</summary>
    /// <param name="word">The word as it stands in the text.</param>
    public IReadOnlyList<string> Of(string word)
    {
        IEnumerable<string> own = _for.TryGetValue(word, out IReadOnlyList<string>? listed) ? listed : [];
        // The words of the list are for words, not for commas.
        IEnumerable<string> any = word.Any(char.IsLetterOrDigit) ? Any : [];
        return
        [
            .. own.Concat(any)
                .Where(w => !w.Equals(word, StringComparison.OrdinalIgnoreCase))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
    }
}
