using Whylight.Models;

namespace Whylight.Harness.Search;

/// <summary>How hard to look for a counterexample.</summary>
public sealed record SearchOptions
{
    /// <summary>The perturbations drawn from.</summary>
    public IReadOnlyList<PerturbationChoice> Choices { get; init; } = PerturbationChoice.Harmless;

    /// <summary>Perturbed texts drawn an example; at least 1.</summary>
    public int Samples { get; init; } = 64;

    /// <summary>Most edits a draw makes of a perturbation that has no number of its own; the first draws make one.</summary>
    public int MaxEdits { get; init; } = 3;

    /// <summary>Most texts that one example may ask the model about, drawing and shrinking together.</summary>
    public int ModelCalls { get; init; } = 320;

    /// <summary>Whether shrinking may also drop words that no edit touches.</summary>
    public bool ShrinkText { get; init; }

    /// <summary>Who waits for the model.</summary>
    public WorkPriority Priority { get; init; } = WorkPriority.Batch;
}
