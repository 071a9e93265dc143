using TorchSharp;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Rules under which the backward pass carries relevance. Made for one pass: they remember where the biases' share goes.
/// </summary>
internal abstract class RelevanceRules : PropagationRules
{
    private readonly List<Tensor> _biases = [];
    private Tensor? _unit;
    private DisposeScope? _scope;

    /// <summary>
    /// True where the gradient at a tensor is already its relevance; false where relevance is tensor x gradient.
    /// </summary>
    public virtual bool GradientIsRelevance => false;

    /// <summary>Starts to measure the share of the biases (and of position and type embeddings).</summary>
    /// <param name="type">Type of the embeddings.</param>
    /// <param name="scope">The scope of the whole pass, in which what is made for it lives.</param>
    public void TrackBiases(ScalarType type, DisposeScope scope)
    {
        _scope = scope;
        _unit = ones(1, type).requires_grad_(true);
    }

    /// <summary>
    /// Share of the biases after the backward pass: the sum over all of them of bias x gradient; 0 where none was used or
    /// tracked.
    /// </summary>
    public double BiasShare()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        List<Tensor> values = [];
        List<Tensor> gradients = [];
        foreach (Tensor bias in _biases)
        {
            if (bias.grad is { } gradient)
            {
                values.Add(bias.dim() == 1 ? bias : bias.flatten());
                gradients.Add(gradient.dim() == 1 ? gradient : gradient.flatten());
            }
        }
        double share = values.Count == 0 ? 0 : cat(values).dot(cat(gradients)).to(ScalarType.Float64).item<double>();
        return share + (_unit?.grad?.to(ScalarType.Float64).item<double>() ?? 0);
    }

    /// <summary>The scalar 1 that biases pass through where the gradient is relevance, or null.</summary>
    protected Tensor? Unit => _unit;

    /// <summary>A bias whose gradient is kept for its share, where shares are measured.</summary>
    protected Tensor? Tracked(Tensor? bias)
    {
        if (bias is null || _unit is null)
        {
            return bias;
        }
        Tensor leaf = bias.detach().requires_grad_(true);
        // Layers clean up after themselves; the leaf is read after the backward pass.
        _scope?.Attach(leaf);
        _biases.Add(leaf);
        return leaf;
    }

    /// <summary>A tensor with one value and another's derivative.</summary>
    protected static Tensor Shaped(Tensor value, Tensor derivative) =>
        value.detach().Plus(derivative - derivative.detach());

    /// <summary>value + epsilon with the sign of value, where the sign of 0 is +.</summary>
    protected internal static Tensor Stabilized(Tensor value, double epsilon)
    {
        Tensor positive = value.AtLeast(0).to(value.dtype);
        return value.Plus(positive.Times(2).Plus(-1).Times(epsilon));
    }
}
