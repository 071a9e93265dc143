using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Layer-wise relevance propagation for feed-forward nets of linear maps, elementwise functions and max pooling, with a rule
/// for each linear map. The gradient that arrives at a tensor is its relevance.
/// </summary>
/// <param name="choose">The rule of a linear map: its place in forward order from 0, and whether it is a convolution.</param>
internal sealed class LrpRules(Func<int, bool, LrpRule> choose) : RelevanceRules
{
    private int _maps;

    /// <summary>Gamma 0.25 for convolutions, where noise cancels; epsilon for dense layers, where a logit is split.</summary>
    public static LrpRules Composite() => new((_, convolution) => convolution ? new GammaRule() : new EpsilonRule());

    /// <inheritdoc/>
    public override bool GradientIsRelevance => true;

    /// <inheritdoc/>
    public override Tensor Linear(Tensor input, Tensor weight, Tensor? bias)
    {
        LinearMap map = new((x, w, b) => nn.functional.linear(x, w, b), weight, bias, [weight.shape[0]], Unit);
        return Propagated(base.Linear(input, weight, bias), choose(_maps++, false).Shares(input, map));
    }

    /// <inheritdoc/>
    public override Tensor Convolution(Tensor input, Tensor weight, Tensor? bias)
    {
        LinearMap map = new((x, w, b) => nn.functional.conv1d(x, w, b), weight, bias, [weight.shape[0], 1], Unit);
        return Propagated(base.Convolution(input, weight, bias), choose(_maps++, true).Shares(input, map));
    }

    /// <summary>Relevance passes elementwise functions unchanged.</summary>
    public override Tensor Activation(Tensor input, Func<Tensor, Tensor> function)
    {
        using Tensor detached = input.detach();
        return Propagated(function(detached), input);
    }

    /// <summary>Each summand takes its share of the sum.</summary>
    public override Tensor Add(Tensor left, Tensor right)
    {
        Tensor sum = left.Plus(right).detach();
        return Propagated(sum, (left * left.detach()).Plus(right * right.detach()) / Stabilized(sum, 1e-6));
    }

    private static Tensor Propagated(Tensor value, Tensor shares) => Shaped(value, shares);
}
