using Whylight.Perturbations;

namespace Whylight.Harness.Search;

/// <summary>A perturbation with how many edits a draw of it makes.</summary>
/// <param name="Perturbation">The perturbation.</param>
/// <param name="Budget">Edits a draw.</param>
public sealed record PerturbationChoice(Perturbation Perturbation, EditBudget Budget)
{
    /// <summary>The perturbations that a reader would not hold against a text, each with its own habit.</summary>
    public static IReadOnlyList<PerturbationChoice> Harmless { get; } =
        PerturbationRegistry
            .Harmless.Select(name => new PerturbationChoice(PerturbationRegistry.Create(name), EditBudget.Default))
            .ToArray();
}
