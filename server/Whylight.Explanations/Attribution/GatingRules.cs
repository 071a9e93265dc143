using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// LRP for gated recurrent networks: Arras et al., Explaining recurrent neural network predictions in sentiment analysis,
/// WASSA 2017. In a product of a gate and a signal the signal takes all relevance; the gate counts as a constant.
/// </summary>
/// <remarks>Linear maps and sums by the epsilon rule with epsilon to 0; tanh passes relevance unchanged.</remarks>
internal sealed class GatingRules : AttnLrpRules
{
    /// <inheritdoc/>
    public override Tensor Gate(Tensor gate, Tensor signal) => gate.detach() * signal;
}
