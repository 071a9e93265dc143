using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// AttnLRP: Achtibat et al., AttnLRP: attention-aware layer-wise relevance propagation for transformers, ICML 2024, in the
/// form where embedding x gradient is the relevance.
/// </summary>
/// <remarks>
/// Linear maps and sums: the epsilon rule with epsilon to 0, which is the plain gradient. Softmax: its Taylor rule, likewise.
/// Products (q k^T, A V, gate x signal): half to each factor. Normalisation: the standard deviation counts as a constant.
/// Elementwise functions: f(z) / (z + 1e-10) counts as a constant.
/// </remarks>
internal class AttnLrpRules : RelevanceRules
{
    /// <inheritdoc/>
    public override Tensor Linear(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.linear(input, weight, Tracked(bias));

    /// <summary>A constant summand, such as a position embedding, is a bias: its share is tracked.</summary>
    public override Tensor Add(Tensor left, Tensor right) => left.Plus(right.requires_grad ? right : Tracked(right)!);

    /// <inheritdoc/>
    public override Tensor Activation(Tensor input, Func<Tensor, Tensor> function) => input * Ratio(input, function);

    /// <inheritdoc/>
    public override Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias, double epsilon)
    {
        Tensor centred = input - input.mean([-1], true);
        Tensor scale;
        using (no_grad())
        {
            scale = centred.Squared().mean([-1], true).Plus(epsilon).rsqrt_() * weight;
        }
        return centred.mul(scale).Plus(Tracked(bias)!);
    }

    /// <inheritdoc/>
    public override Tensor RmsNorm(Tensor input, Tensor weight, double epsilon)
    {
        Tensor scale;
        using (no_grad())
        {
            scale = input.Squared().mean([-1], true).Plus(epsilon).rsqrt_() * weight;
        }
        return input * scale;
    }

    /// <inheritdoc/>
    public override Tensor AttentionScores(Tensor query, Tensor key) => Halved(base.AttentionScores(query, key));

    /// <inheritdoc/>
    public override Tensor Attend(Tensor probabilities, Tensor values) => Halved(base.Attend(probabilities, values));

    /// <inheritdoc/>
    public override Tensor Gate(Tensor gate, Tensor signal) => Halved(gate * signal);

    /// <inheritdoc/>
    public override Tensor Convolution(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.conv1d(input, weight, Tracked(bias));

    /// <summary>function(input) / (input + 1e-10), as a constant.</summary>
    protected static Tensor Ratio(Tensor input, Func<Tensor, Tensor> function)
    {
        using (no_grad())
        {
            return function(input).div_(input.Plus(1e-10));
        }
    }

    /// <summary>The same value with half the gradient.</summary>
    private static Tensor Halved(Tensor value) => value.lerp(value.detach(), 0.5);
}
