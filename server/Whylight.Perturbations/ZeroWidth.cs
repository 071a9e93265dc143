namespace Whylight.Perturbations;

/// <summary>A zero-width space slips between two letters of a word; nobody sees it. An attack, not a typo.</summary>
public sealed class ZeroWidth : Perturbation
{
    /// <inheritdoc/>
    public override string Name => "zero_width";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text) =>
        TextElements
            .Words(text)
            .SelectMany(word => word.Skip(1))
            .Select(letter => new Edit(letter.Start, 0, "\u200b", Name))
            .ToArray();
}
