using TorchSharp;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// Ordinary arithmetic with dropout (Srivastava 2014) on attention probabilities, on nonlinear activations and after every
/// normalisation, drawn from a generator of our own so that a seed decides it.
/// </summary>
internal sealed class DropoutRules(double rate, Generator generator) : PropagationRules
{
    /// <inheritdoc/>
    public override Tensor Activation(Tensor input, Func<Tensor, Tensor> function) => Drop(function(input));

    /// <inheritdoc/>
    public override Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias, double epsilon) =>
        Drop(base.LayerNorm(input, weight, bias, epsilon));

    /// <inheritdoc/>
    public override Tensor RmsNorm(Tensor input, Tensor weight, double epsilon) =>
        Drop(base.RmsNorm(input, weight, epsilon));

    /// <inheritdoc/>
    public override Tensor Softmax(Tensor scores) => Drop(base.Softmax(scores));

    /// <inheritdoc/>
    public override Tensor MaxPool(Tensor input) => Drop(base.MaxPool(input));

    /// <summary>Zeroes a share of the entries and scales the rest up, so that the expectation stays.</summary>
    public Tensor Drop(Tensor input)
    {
        if (rate == 0)
        {
            return input;
        }
        Tensor keep = empty(input.shape).bernoulli_(1 - rate, generator).div_(1 - rate);
        return input * keep;
    }
}
