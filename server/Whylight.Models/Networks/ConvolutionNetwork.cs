using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>
/// TextCNN (Kim 2014): convolutions of 3, 4 and 5 words over the embeddings, the highest answer of each filter in the text, and
/// a linear read-out. Windows reach over the ends of the text into zeros; windows centred outside it do not count.
/// </summary>
public sealed class ConvolutionNetwork : SequenceNetwork
{
    /// <summary>Words that a filter spans.</summary>
    internal static IReadOnlyList<int> Widths { get; } = [3, 4, 5];

    internal ConvolutionNetwork(SequenceConfig config, WeightSet weights)
        : base(config, weights) { }

    internal static IEnumerable<ParameterSpec> OwnSpecs(SequenceConfig config)
    {
        foreach (int width in Widths)
        {
            yield return new($"convolution.{width}.weight", [config.HiddenSize, config.EmbeddingSize, width]);
            yield return new($"convolution.{width}.bias", [config.HiddenSize], Initial.Zeros);
        }
    }

    private protected override Tensor Pool(
        Tensor words,
        Tensor? present,
        PropagationRules rules,
        CancellationToken cancellation
    )
    {
        Tensor channels = words.transpose(1, 2);
        Tensor? counts = present?.transpose(1, 2);
        List<Tensor> pooled = [];
        foreach (int width in Widths)
        {
            cancellation.ThrowIfCancellationRequested();
            int left = width / 2;
            Tensor padded = nn.functional.pad(channels, [left, width - 1 - left]);
            Tensor answers = rules.Activation(
                rules.Convolution(padded, Weight($"convolution.{width}.weight"), Weight($"convolution.{width}.bias")),
                x => x.relu()
            );
            // After the rectifier zero is the lowest answer, so a window that does not count cannot win.
            pooled.Add(rules.MaxPool(counts is null ? answers : answers * counts));
        }
        return cat(pooled, 1);
    }
}
