using TorchSharp;
using Whylight.Measures;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// How much attributions move when the input hardly does: gradient x input of the predicted label's margin over the mean logit at the
/// word embeddings, per token, before and after noise of a tenth of the embeddings' size. The measure is
/// ||A(e + d) - A(e)|| / ||A(e)||, averaged over <see cref="Draws"/> draws of d (relative input stability in the spirit of
/// Agarwal et al. 2022, for a fixed size of noise); 0 is steady.
/// </summary>
internal static class AttributionSensitivity
{
    /// <summary>Draws of noise a text.</summary>
    public const int Draws = 4;

    private const double Distance = 0.1;

    /// <summary>The measure for each text; NaN where the attribution is zero.</summary>
    public static async Task<double[]> OfAsync(
        INetworkClassifier model,
        IReadOnlyList<string> texts,
        ulong seed,
        CancellationToken cancellation
    )
    {
        double[] values = new double[texts.Count];
        for (int i = 0; i < values.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            TokenizedText tokens = model.Tokenize(texts[i]);
            SeededRandom random = SeededRandom.For(seed, "sensitivity", $"{i}");
            values[i] = await model.Scheduler.RunAsync(
                WorkPriority.Background,
                cancel => Of(model, tokens, random, cancel),
                cancellation
            );
        }
        return values;
    }

    private static double Of(
        INetworkClassifier model,
        TokenizedText tokens,
        SeededRandom random,
        CancellationToken cancellation
    )
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkInput input = model.Prepare(tokens);
        Tensor words = model.Network.Embed(input.Ids!).detach();
        double size = words.Squared().mean().sqrt().item<float>() * Distance;
        int label = -1;
        float[] still = Attribution(words);
        double norm = Math.Sqrt(still.Sum(a => (double)a * a));
        double moved = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            float[] signs = new float[words.NumberOfElements];
            for (int i = 0; i < signs.Length; i++)
            {
                signs[i] = (random.NextUInt64() & 1) == 0 ? -1 : 1;
            }
            float[] other = Attribution(words.Plus(tensor(signs, words.shape).Times(size)));
            moved += Math.Sqrt(still.Zip(other).Sum(p => Math.Pow(p.First - p.Second, 2)));
        }
        return norm > 0 ? moved / Draws / norm : double.NaN;

        float[] Attribution(Tensor at)
        {
            Tensor embeddings = at.detach().requires_grad_(true);
            Tensor logits = model.Network.Forward(
                input with
                {
                    Ids = null,
                    Embeddings = embeddings,
                },
                PropagationRules.Plain,
                cancellation
            );
            label = label < 0 ? (int)logits.argmax(-1).item<long>() : label;
            (logits[0, label] - logits[0].mean()).backward();
            return (embeddings.grad! * embeddings).sum([-1]).detach().data<float>().ToArray();
        }
    }
}
