namespace Whylight.Harness.Findings;

/// <summary>The names of findings, stable across versions; each is explained in this room's README.</summary>
public static class FindingCodes
{
    /// <summary>The prediction changes under a harmless edit.</summary>
    public const string UnstablePrediction = "unstable-prediction";

    /// <summary>The model predicts another label than the row carries.</summary>
    public const string LabelDisagreement = "label-disagreement";

    /// <summary>The model hardly prefers its label.</summary>
    public const string LowConfidence = "low-confidence";

    /// <summary>The same text carries different labels.</summary>
    public const string ContradictingDuplicates = "contradicting-duplicates";

    /// <summary>The model reads only the beginning of the text.</summary>
    public const string TruncatedInput = "truncated-input";

    /// <summary>The model has no token for a part of the text.</summary>
    public const string UnknownTokens = "unknown-tokens";

    /// <summary>A model of prompt injections takes the text for one.</summary>
    public const string InjectionRisk = "injection-risk";

    /// <summary>The row's label is none of the model's labels.</summary>
    public const string UnknownLabel = "unknown-label";

    /// <summary>All of them that can be configured.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        UnstablePrediction,
        LabelDisagreement,
        LowConfidence,
        ContradictingDuplicates,
        TruncatedInput,
        UnknownTokens,
        InjectionRisk,
    ];
}
