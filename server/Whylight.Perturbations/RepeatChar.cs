namespace Whylight.Perturbations;

/// <summary>A letter is typed twice. Words of at least three letters (any length in Han text).</summary>
public sealed class RepeatChar : Perturbation
{
    /// <inheritdoc/>
    public override string Name => "repeat_char";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text) =>
        TextElements
            .Words(text)
            .Where(word => word.Count >= 3 || TextElements.IsHan(text, word[0].Start))
            .SelectMany(word => word)
            .Select(letter => new Edit(letter.End, 0, text.Substring(letter.Start, letter.Length), Name))
            .ToArray();
}
