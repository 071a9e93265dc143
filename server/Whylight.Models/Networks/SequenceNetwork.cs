using TorchSharp;
using Whylight.Models.Checkpoints;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>What the deep baselines share: an embedding table whose padding row is zero, and a linear read-out.</summary>
public abstract class SequenceNetwork : Network
{
    private const string Table = "embedding.weight";
    private readonly WeightSet _weights;

    private protected SequenceNetwork(SequenceConfig config, WeightSet weights)
    {
        Config = config;
        _weights = weights;
        using IDisposable noGrad = no_grad();
        weights[Table][0].zero_();
    }

    /// <summary>Sizes.</summary>
    public SequenceConfig Config { get; }

    /// <inheritdoc/>
    public override int EmbeddingWidth => Config.EmbeddingSize;

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => _weights.All;

    /// <summary>A network with fresh random weights: the same configuration and seed give the same weights.</summary>
    public static SequenceNetwork Create(SequenceConfig config, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        WeightSet weights = WeightSet.Random(Specs(config), 0.1, seed);
        return Of(config, weights);
    }

    /// <summary>A network with the weights of a checkpoint.</summary>
    internal static SequenceNetwork Load(
        SequenceConfig config,
        Checkpoint checkpoint,
        ScalarType type,
        Device device,
        CancellationToken cancellation
    )
    {
        WeightSet weights = checkpoint.Load(
            Specs(config),
            "",
            config.ModelType,
            $"hidden_size={config.HiddenSize}",
            _ => false,
            () => type,
            cancellation
        );
        weights.To(type, device);
        return Of(config, weights);
    }

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids) =>
        _weights[Table].index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], EmbeddingWidth);

    /// <inheritdoc/>
    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor words =
            input.Embeddings
            ?? Embed(input.Ids ?? throw new ArgumentException("ids or embeddings are needed", nameof(input)));
        if (words.dim() != 3 || words.shape[2] != EmbeddingWidth)
        {
            throw new ModelException(
                $"embeddings [{string.Join(",", words.shape)}] do not fit a width of {EmbeddingWidth}"
            );
        }
        Tensor? present = input.Mask?.to_type(words.dtype).unsqueeze(-1);
        if (present is not null)
        {
            words = words * present;
        }
        input.Observe?.Invoke("embeddings", words);
        Tensor pooled = Pool(rules.Dropout(words, Config.Dropout / 2), present, rules, cancellation);
        input.Observe?.Invoke("pooled", pooled);
        pooled = rules.Dropout(pooled, Config.Dropout);
        return rules.Linear(pooled, Weight("output.weight"), Weight("output.bias")).MoveToOuterDisposeScope();
    }

    /// <summary>One vector a text [batch, width] from its embeddings [batch, length, width].</summary>
    /// <param name="words">Embeddings, zero where absent.</param>
    /// <param name="present">1 where a token is present, 0 elsewhere [batch, length, 1]; null when all are.</param>
    /// <param name="rules">How each operation is carried out.</param>
    /// <param name="cancellation">Checked between layers.</param>
    private protected abstract Tensor Pool(
        Tensor words,
        Tensor? present,
        PropagationRules rules,
        CancellationToken cancellation
    );

    private protected Tensor Weight(string name) => _weights[name];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weights.Dispose();
        }
    }

    private static SequenceNetwork Of(SequenceConfig config, WeightSet weights) =>
        config.ModelType == SequenceConfig.Convolutional
            ? new ConvolutionNetwork(config, weights)
            : new RecurrentNetwork(config, weights);

    private static IEnumerable<ParameterSpec> Specs(SequenceConfig config)
    {
        yield return new(Table, [config.VocabularySize, config.EmbeddingSize]);
        bool convolutional = config.ModelType == SequenceConfig.Convolutional;
        IEnumerable<ParameterSpec> own = convolutional
            ? ConvolutionNetwork.OwnSpecs(config)
            : RecurrentNetwork.OwnSpecs(config);
        foreach (ParameterSpec spec in own)
        {
            yield return spec;
        }
        int width = config.HiddenSize * (convolutional ? ConvolutionNetwork.Widths.Count : 2);
        yield return new("output.weight", [config.Labels.Count, width]);
        yield return new("output.bias", [config.Labels.Count], Initial.Zeros);
    }
}
