namespace Whylight.Models;

/// <summary>What it means that a token is missing from a text (DESIGN, "Absence").</summary>
public enum Absence
{
    /// <summary>Absent keys get attention weight zero; only present tokens are run, at their original positions.</summary>
    AttentionMasked,

    /// <summary>The token is taken out and the rest closes up.</summary>
    Deleted,

    /// <summary>The padding embedding stands in the token's place.</summary>
    Padding,

    /// <summary>The mask token stands in its place.</summary>
    MaskToken,

    /// <summary>The unknown token stands in its place.</summary>
    UnknownToken,

    /// <summary>Every n-gram that touches the token is removed and the vector's L2 norm recomputed.</summary>
    NgramsRemoved,
}
