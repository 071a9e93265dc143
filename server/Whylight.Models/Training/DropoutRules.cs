using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// Ordinary arithmetic with dropout (Srivastava 2014) where the graph names it, drawn from a generator of our own so that a seed
/// decides it.
/// </summary>
/// <param name="rate">Share of entries dropped, in place of the rate the configuration names; null for that one.</param>
/// <param name="generator">Draws what is dropped.</param>
/// <param name="brief">
/// Whether weight matrices and what they are multiplied with are rounded to bfloat16 for the product; sums, normalisations and the
/// weights themselves stay in single precision.
/// </param>
internal sealed class DropoutRules(double? rate, Generator generator, bool brief = false) : PropagationRules
{
    /// <inheritdoc/>
    public override Tensor Linear(Tensor input, Tensor weight, Tensor? bias) =>
        brief
            ? nn
                .functional.linear(
                    input.to_type(ScalarType.BFloat16),
                    weight.to_type(ScalarType.BFloat16),
                    bias?.to_type(ScalarType.BFloat16)
                )
                .to_type(ScalarType.Float32)
            : base.Linear(input, weight, bias);

    /// <inheritdoc/>
    public override Tensor Dropout(Tensor input, double configured)
    {
        double drop = rate ?? configured;
        if (drop == 0)
        {
            return input;
        }
        Tensor keep = empty(input.shape).bernoulli_(1 - drop, generator).Over(1 - drop);
        return input * keep;
    }
}
