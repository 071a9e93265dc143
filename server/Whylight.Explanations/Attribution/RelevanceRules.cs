using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Rules under which the backward pass carries relevance. Made for one pass: they remember where the biases' share goes.
/// </summary>
internal abstract class RelevanceRules : PropagationRules
{
    private Tensor? _unit;

    /// <summary>
    /// True where the gradient at a tensor is already its relevance; false where relevance is tensor x gradient.
    /// </summary>
    public virtual bool GradientIsRelevance => false;

    /// <summary>
    /// Starts to measure the share of the biases (and of position and type embeddings): every one is multiplied by one scalar 1, whose gradient is then the sum
    /// over all biases of bias x gradient. One scalar stands for thousands of biases, so it costs next to nothing.
    /// </summary>
    public void TrackBiases(ScalarType type) => _unit = ones(1, type).requires_grad_(true);

    /// <summary>Share of the biases after the backward pass; 0 where none was used or tracked.</summary>
    public double BiasShare()
    {
        using Tensor? gradient = _unit?.grad;
        return gradient?.to(ScalarType.Float64).item<double>() ?? 0;
    }

    /// <summary>The scalar 1 that biases pass through, or null.</summary>
    protected Tensor? Unit => _unit;

    /// <summary>A bias whose share is tracked.</summary>
    protected Tensor? Tracked(Tensor? bias) => bias is null || _unit is null ? bias : bias * _unit;

    /// <summary>A tensor with one value and another's derivative.</summary>
    protected static Tensor Shaped(Tensor value, Tensor derivative) =>
        value.detach() + (derivative - derivative.detach());

    /// <summary>value + epsilon with the sign of value, where the sign of 0 is +.</summary>
    protected internal static Tensor Stabilized(Tensor value, double epsilon)
    {
        Tensor positive = value.ge(0).to(value.dtype);
        return value + (2 * positive - 1) * epsilon;
    }
}
