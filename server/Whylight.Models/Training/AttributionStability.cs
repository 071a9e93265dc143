using Whylight.Measures;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// A term that keeps attributions stable: the mean squared change of gradient x input at the word embeddings when those
/// embeddings move a little, by finite differences of the logit margin (local Lipschitz regularisation of the
/// explanation in the spirit of Alvarez-Melis and Jaakkola 2018).
/// </summary>
/// <remarks>
/// The margin at e, e + d and e - d is linear in d exactly when the gradient does not change along d; the squared second
/// difference measures how much it does, and needs no second derivative, which libtorch's explicit graphs lack here.
/// </remarks>
internal sealed class AttributionStability(Network network, double weight)
{
    private const double Distance = 0.1;

    /// <summary>The term for a batch of ids [batch, length] and its mask, in a direction that <paramref name="random"/> draws.</summary>
    public Tensor Term(Tensor ids, Tensor mask, SeededRandom random)
    {
        long batch = ids.shape[0];
        long length = ids.shape[1];
        Tensor words = network.Embed(ids);
        float[] signs = new float[batch * length * network.EmbeddingWidth];
        for (int i = 0; i < signs.Length; i++)
        {
            signs[i] = (random.NextUInt64() & 1) == 0 ? -1 : 1;
        }
        double size;
        using (no_grad())
        {
            size = words.Squared().mean().sqrt().item<float>() * Distance;
        }
        Tensor step = tensor(signs, [batch, length, network.EmbeddingWidth]).Times(size);
        Tensor Margin(Tensor embeddings)
        {
            Tensor logits = network.Forward(
                new NetworkInput
                {
                    Embeddings = embeddings,
                    Positions = TensorArithmetic.Indices(length).unsqueeze(0).expand(batch, length),
                    Mask = mask,
                },
                PropagationRules.Plain,
                CancellationToken.None
            );
            return logits - logits.mean([-1], true);
        }
        Tensor second = Margin(words.Plus(step)).Plus(Margin(words - step)) - Margin(words).Times(2);
        return second.Squared().sum([-1]).mean().Times(weight);
    }
}
