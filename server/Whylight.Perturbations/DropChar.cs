namespace Whylight.Perturbations;

/// <summary>A letter inside a word is left out; the first and last stay. Words of at least four letters.</summary>
public sealed class DropChar : Perturbation
{
    /// <inheritdoc/>
    public override string Name => "drop_char";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text) =>
        TextElements
            .Words(text)
            .Where(word => word.Count >= 4)
            .SelectMany(word => word.Skip(1).SkipLast(1))
            .Select(letter => new Edit(letter.Start, letter.Length, "", Name))
            .ToArray();
}
