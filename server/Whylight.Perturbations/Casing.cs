namespace Whylight.Perturbations;

/// <summary>How <see cref="Casing"/> writes letters.</summary>
public enum CasingStyle
{
    /// <summary>all letters small</summary>
    Lower,

    /// <summary>ALL LETTERS CAPITAL</summary>
    Upper,

    /// <summary>Every Word Capitalised</summary>
    Title,

    /// <summary>First word of each sentence capitalised, the rest small.</summary>
    Sentence,
}

/// <summary>
/// Words written in another case. A draw without a budget rewrites the whole text in one style; each edit is one word, so
/// that shrinking ends at the word whose case matters. Letters stay the same but for case.
/// </summary>
public sealed class Casing : Perturbation
{
    private static readonly CasingStyle[] All =
    [
        CasingStyle.Lower,
        CasingStyle.Upper,
        CasingStyle.Title,
        CasingStyle.Sentence,
    ];

    private readonly CasingStyle[] _styles;

    /// <summary>Casing in one style, or in any where it is null.</summary>
    public Casing(CasingStyle? style = null) => _styles = style is CasingStyle only ? [only] : All;

    /// <inheritdoc/>
    public override string Name => "casing";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text) =>
        _styles.SelectMany(style => WholeText(text, style)).Distinct().OrderBy(e => e.Start).ToArray();

    /// <inheritdoc/>
    public override EditSequence Sample(string text, Random random, EditBudget? budget = null)
    {
        // A style that changes nothing (lower-casing a small text) would waste the draw.
        List<Edit>[] rewritings = _styles.Select(s => WholeText(text, s)).Where(e => e.Count > 0).ToArray();
        if (rewritings.Length == 0)
        {
            return EditSequence.Empty;
        }
        List<Edit> edits = rewritings[random.Next(rewritings.Length)];
        return budget is null or { MaxEdits: null, Rate: null } ? new EditSequence(edits) : Draw(edits, random, budget);
    }

    private List<Edit> WholeText(string text, CasingStyle style)
    {
        List<Edit> edits = [];
        bool sentenceStart = true;
        int from = 0;
        foreach (List<TextElement> word in TextElements.Words(text))
        {
            int start = word[0].Start;
            int length = word[^1].End - start;
            sentenceStart |= text.AsSpan(from, start - from).ContainsAny('.', '!', '?');
            bool continued = start > 0 && text[start - 1] is '\'' or '’';
            bool capital = style switch
            {
                CasingStyle.Title => !continued,
                CasingStyle.Sentence => sentenceStart,
                _ => false,
            };
            string before = text.Substring(start, length);
            string after = style == CasingStyle.Upper ? before.ToUpperInvariant() : before.ToLowerInvariant();
            if (capital)
            {
                int first = word[0].Length;
                after = string.Concat(before[..first].ToUpperInvariant(), after.AsSpan(first));
            }
            // A few letters (such as the dotted capital I) do not come back from the other case.
            if (after != before && string.Equals(after, before, StringComparison.OrdinalIgnoreCase))
            {
                edits.Add(new Edit(start, length, after, Name));
            }
            sentenceStart = false;
            from = start + length;
        }
        return edits;
    }
}
