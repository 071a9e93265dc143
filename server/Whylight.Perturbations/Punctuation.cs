namespace Whylight.Perturbations;

/// <summary>The full stop, question or exclamation mark at the end of the text goes, or a full stop comes where there is none.</summary>
public sealed class Punctuation : Perturbation
{
    private const string Terminal = ".!?…。！？";

    /// <inheritdoc/>
    public override string Name => "punctuation";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        int end = text.AsSpan().TrimEnd().Length;
        int start = end;
        while (start > 0 && Terminal.Contains(text[start - 1], StringComparison.Ordinal))
        {
            start--;
        }
        if (start < end)
        {
            // White space before the mark goes with it (tokenised text writes "good ."); nothing else may be left of the text.
            int trimmed = text.AsSpan(0, start).TrimEnd().Length;
            return trimmed == 0 ? [] : [new Edit(trimmed, end - trimmed, "", Name)];
        }
        if (end == 0 || !EndsWithLetterOrDigit(text, end))
        {
            return [];
        }
        int last = char.IsLowSurrogate(text[end - 1]) && end > 1 ? end - 2 : end - 1;
        return [new Edit(end, 0, TextElements.IsHan(text, last) ? "。" : ".", Name)];
    }

    private static bool EndsWithLetterOrDigit(string text, int end)
    {
        List<TextElement> elements = TextElements.Of(text[Math.Max(0, end - 64)..end]);
        return elements[^1].IsLetter || char.IsDigit(text, end - 1);
    }
}
