namespace Whylight.Perturbations;

/// <summary>A given word becomes another wherever it stands as a whole word, capitals kept at its start.</summary>
public sealed class ReplaceWord : Perturbation
{
    private readonly string _from;
    private readonly string _to;

    /// <summary>Replaces one word by another.</summary>
    /// <param name="from">The word sought, whatever its case; not empty.</param>
    /// <param name="to">What takes its place; another word.</param>
    public ReplaceWord(string from, string to)
    {
        ArgumentException.ThrowIfNullOrEmpty(from);
        (_from, _to) = (from, to);
    }

    /// <inheritdoc/>
    public override string Name => "replace_word";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        List<Edit> edits = [];
        for (
            int at = text.IndexOf(_from, StringComparison.OrdinalIgnoreCase);
            at >= 0;
            at = text.IndexOf(_from, at + _from.Length, StringComparison.OrdinalIgnoreCase)
        )
        {
            int end = at + _from.Length;
            bool han = TextElements.IsHan(text, at);
            bool whole =
                han
                || (
                    (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                    && (end == text.Length || !char.IsLetterOrDigit(text[end]))
                );
            string replacement =
                _to.Length > 0 && char.IsUpper(text[at]) ? char.ToUpperInvariant(_to[0]) + _to[1..] : _to;
            if (whole && !text.AsSpan(at, _from.Length).SequenceEqual(replacement))
            {
                edits.Add(new Edit(at, _from.Length, replacement, Name));
            }
        }
        return edits;
    }
}
