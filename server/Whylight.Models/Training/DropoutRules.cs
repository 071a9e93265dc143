using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// Ordinary arithmetic with dropout (Srivastava 2014) where the graph names it, drawn from a generator of our own so that a seed
/// decides it.
/// </summary>
/// <param name="rate">Share of entries dropped, in place of the rate the configuration names; null for that one.</param>
/// <param name="generator">Draws what is dropped.</param>
internal sealed class DropoutRules(double? rate, Generator generator) : PropagationRules
{
    /// <inheritdoc/>
    public override Tensor Dropout(Tensor input, double configured)
    {
        double drop = rate ?? configured;
        if (drop == 0)
        {
            return input;
        }
        Tensor keep = empty(input.shape).bernoulli_(1 - drop, generator).div_(1 - drop);
        return input * keep;
    }
}
