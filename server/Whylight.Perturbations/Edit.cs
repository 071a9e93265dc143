namespace Whylight.Perturbations;

/// <summary>One change of a text: a range and what takes its place.</summary>
/// <param name="Start">First UTF-16 code unit of the range in the original text.</param>
/// <param name="Length">Number of UTF-16 code units replaced; 0 inserts.</param>
/// <param name="Replacement">What stands there afterwards; empty deletes.</param>
/// <param name="Perturbation">Name of the perturbation that made the edit.</param>
public readonly record struct Edit(int Start, int Length, string Replacement, string Perturbation)
{
    /// <summary>One past the last code unit of the range.</summary>
    public int End => Start + Length;

    /// <summary>How much text the edit touches: the longer of what goes and what comes, in UTF-16 code units.</summary>
    public int Size => Math.Max(Length, Replacement.Length);

    /// <summary>Whether two edits cannot both be applied: they share a code unit or start at the same place.</summary>
    public bool ConflictsWith(Edit other) => Start == other.Start || (Start < other.End && other.Start < End);
}
