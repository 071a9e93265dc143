namespace Whylight.Models;

/// <summary>How a causal language model's log-probabilities become scores of choices.</summary>
public sealed record ChoiceScoring
{
    /// <summary>
    /// Mean log-probability a token in place of the sum, so that long answers are not at a disadvantage.
    /// </summary>
    public bool LengthNormalized { get; init; }

    /// <summary>
    /// Contextual calibration (Zhao et al. 2021): the scores of this content-free prompt, such as <c>N/A</c>, are subtracted,
    /// so that answers the model likes whatever it reads get no credit. Null: not calibrated.
    /// </summary>
    public string? ContentFreePrompt { get; init; }

    /// <summary>The scoring in a phrase, for results.</summary>
    public override string ToString() =>
        (LengthNormalized ? "mean log-probability a token" : "sum of token log-probabilities")
        + (ContentFreePrompt is null ? "" : $", calibrated on the content-free prompt \"{ContentFreePrompt}\"");
}
