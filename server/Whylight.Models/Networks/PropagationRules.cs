using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>
/// How each kind of operation in a graph is carried out. The plain rules are ordinary arithmetic; relevance rules return
/// the same values but shape the gradient, so that gradient x input at the embeddings is the relevance.
/// </summary>
/// <remarks>Every method returns the same forward value as the plain rule, up to rounding.</remarks>
public class PropagationRules
{
    /// <summary>Ordinary arithmetic.</summary>
    public static PropagationRules Plain { get; } = new();

    /// <summary>x W^T + b.</summary>
    public virtual Tensor Linear(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.linear(input, weight, bias);

    /// <summary>An elementwise nonlinearity.</summary>
    public virtual Tensor Activation(Tensor input, Func<Tensor, Tensor> function) => function(input);

    /// <summary>Layer normalisation over the last dimension.</summary>
    public virtual Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias, double epsilon) =>
        nn.functional.layer_norm(input, [input.shape[^1]], weight, bias, epsilon);

    /// <summary>Root-mean-square normalisation over the last dimension, scaled by weight.</summary>
    public virtual Tensor RmsNorm(Tensor input, Tensor weight, double epsilon) =>
        input * input.Squared().mean([-1], true).Plus(epsilon).rsqrt() * weight;

    /// <summary>Attention scores q k^T; the caller has scaled q.</summary>
    public virtual Tensor AttentionScores(Tensor query, Tensor key) => Product(query, key.transpose(-2, -1));

    /// <summary>Softmax over the last dimension.</summary>
    public virtual Tensor Softmax(Tensor scores) => nn.functional.softmax(scores, -1);

    /// <summary>Logarithm of the sum of exponentials over the last dimension, which goes.</summary>
    public virtual Tensor LogSumExp(Tensor scores) => scores.logsumexp(-1);

    /// <summary>Attention output: probabilities times values.</summary>
    public virtual Tensor Attend(Tensor probabilities, Tensor values) => Product(probabilities, values);

    /// <summary>Elementwise product of a gate and a signal (SwiGLU, LSTM).</summary>
    public virtual Tensor Gate(Tensor gate, Tensor signal) => gate * signal;

    /// <summary>Residual or bias sum.</summary>
    public virtual Tensor Add(Tensor left, Tensor right) => left.Plus(right);

    /// <summary>Where training drops activations with a probability; everyone else passes them on.</summary>
    public virtual Tensor Dropout(Tensor input, double probability) => input;

    /// <summary>One-dimensional convolution, input [batch, channels, length].</summary>
    public virtual Tensor Convolution(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.conv1d(input, weight, bias);

    /// <summary>Maximum over the last dimension.</summary>
    public virtual Tensor MaxPool(Tensor input) => input.amax([-1]);

    /// <summary>
    /// A matrix product whose shapes were checked first: the native matmul ends the process on a mismatch.
    /// </summary>
    /// <exception cref="ModelException">The inner dimensions differ.</exception>
    protected static Tensor Product(Tensor left, Tensor right)
    {
        if (left.shape[^1] != right.shape[^2])
        {
            throw new ModelException(
                $"matrix shapes [{string.Join(",", left.shape)}] and [{string.Join(",", right.shape)}] do not fit"
            );
        }
        return left.matmul(right);
    }
}
