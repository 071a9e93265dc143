namespace Whylight.Perturbations;

/// <summary>How many edits one draw makes. At most one of the two is given; with neither, the perturbation's own habit holds.</summary>
public sealed record EditBudget
{
    /// <summary>What the perturbation does by itself: one edit, or the whole text for casing.</summary>
    public static EditBudget Default { get; } = new();

    /// <summary>Exactly this many edits, or all that fit where the text offers fewer; at least 1.</summary>
    public int? MaxEdits { get; init; }

    /// <summary>
    /// Each place where the perturbation can act is edited with this probability, in (0, 1]; at least one place is, where
    /// there is one.
    /// </summary>
    public double? Rate { get; init; }
}
