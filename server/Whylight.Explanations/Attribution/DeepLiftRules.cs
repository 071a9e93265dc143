using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// DeepLIFT's multipliers: Shrikumar, Greenside and Kundaje, Learning important features through propagating activation
/// differences, ICML 2017. The first half of a batch is the input, the second half its baseline; (x - b) x gradient at the
/// first half is the contribution, and contributions sum to f(x) - f(b) through every operation.
/// </summary>
/// <remarks>
/// Elementwise functions: the rescale rule, (f(z) - f(z0)) / (z - z0). Products: the mean of both orders of change,
/// dA (B + B0) / 2 + (A + A0) / 2 dB. Softmax and normalisation are composed of these. Maximum: all to the position that is
/// largest on the side with the larger maximum.
/// </remarks>
internal sealed class DeepLiftRules : PropagationRules
{
    /// <inheritdoc/>
    public override Tensor Activation(Tensor input, Func<Tensor, Tensor> function)
    {
        (Tensor x, Tensor x0) = Halves(input);
        Tensor y = function(x);
        Tensor y0 = function(x0).detach();
        Tensor difference = (x - x0).detach();
        // Where the difference drowns in rounding (or both are minus infinity) the derivative is its limit.
        double least = x.dtype == ScalarType.Float64 ? 1e-10 : 1e-6;
        Tensor small = difference.abs().AtLeast(least).logical_not();
        Tensor slope = where(small, zeros_like(difference), (y.detach() - y0) / difference);
        Tensor shaped = y.detach().Plus((x - x.detach()) * slope);
        return cat([where(small, y, shaped), y0], 0);
    }

    /// <inheritdoc/>
    public override Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias, double epsilon)
    {
        Tensor centred = input - input.mean([-1], true);
        return (Times(centred, InverseRoot(centred, epsilon)) * weight).Plus(bias);
    }

    /// <inheritdoc/>
    public override Tensor RmsNorm(Tensor input, Tensor weight, double epsilon) =>
        Times(input, InverseRoot(input, epsilon)) * weight;

    /// <inheritdoc/>
    public override Tensor AttentionScores(Tensor query, Tensor key) =>
        Symmetric(query, key.transpose(-2, -1), Product);

    /// <inheritdoc/>
    public override Tensor Attend(Tensor probabilities, Tensor values) => Symmetric(probabilities, values, Product);

    /// <inheritdoc/>
    public override Tensor Softmax(Tensor scores)
    {
        (Tensor x, Tensor x0) = Halves(scores.detach());
        // One shift for both sides, so that it is a constant of the difference; it cancels in the quotient.
        Tensor shift = maximum(x, x0).amax([-1], true);
        Tensor exponentials = Activation(scores - cat([shift, shift], 0), z => z.exp());
        return Times(exponentials, Activation(exponentials.sum(-1, true), z => z.reciprocal()));
    }

    /// <inheritdoc/>
    public override Tensor LogSumExp(Tensor scores)
    {
        (Tensor x, Tensor x0) = Halves(scores.detach());
        Tensor shift = maximum(x, x0).amax([-1], true);
        Tensor both = cat([shift, shift], 0);
        Tensor sum = Activation(scores - both, z => z.exp()).sum(-1, true);
        return Activation(sum, z => z.log()).Plus(both).squeeze(-1);
    }

    /// <inheritdoc/>
    public override Tensor Gate(Tensor gate, Tensor signal) => Times(gate, signal);

    /// <inheritdoc/>
    public override Tensor MaxPool(Tensor input)
    {
        (Tensor x, Tensor x0) = Halves(input);
        Tensor y = x.amax([-1], true).detach();
        Tensor y0 = x0.amax([-1], true);
        Tensor place = where(y.ge(y0), x.argmax(-1, true), x0.argmax(-1, true));
        Tensor at = x.gather(-1, place);
        Tensor difference = (at - x0.gather(-1, place)).detach();
        Tensor still = difference.logical_not();
        Tensor slope = where(still, ones_like(y), (y - y0) / difference);
        Tensor shaped = y.Plus((at - at.detach()) * slope);
        return cat([shaped, y0], 0).squeeze(-1);
    }

    private Tensor InverseRoot(Tensor input, double epsilon) =>
        Activation(Activation(input, z => z.Squared()).mean([-1], true).Plus(epsilon), z => z.rsqrt());

    private static Tensor Times(Tensor left, Tensor right) => Symmetric(left, right, (a, b) => a * b);

    private static Tensor Symmetric(Tensor left, Tensor right, Func<Tensor, Tensor, Tensor> product)
    {
        (Tensor a, Tensor a0) = Halves(left);
        (Tensor b, Tensor b0) = Halves(right);
        Tensor meanA = a.Plus(a0).Over(2).detach();
        Tensor meanB = b.Plus(b0).Over(2).detach();
        Tensor shares = product(a, meanB).Plus(product(meanA, b));
        Tensor value = product(a.detach(), b.detach()).Plus(shares - shares.detach());
        return cat([value, product(a0, b0)], 0);
    }

    /// <summary>The input's half, and the baseline's without a gradient.</summary>
    private static (Tensor Input, Tensor Baseline) Halves(Tensor pair)
    {
        long half = pair.shape[0] / 2;
        return (pair.narrow(0, 0, half), pair.narrow(0, half, half).detach());
    }
}
