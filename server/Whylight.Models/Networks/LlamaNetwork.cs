using Whylight.Models.Checkpoints;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>LLaMA: rotary positions, root-mean-square normalisation, gated feed-forward, grouped-query attention.</summary>
/// <remarks>Follows the reference implementation of Hugging Face transformers (rotate-half pairing).</remarks>
public sealed class LlamaNetwork : DecoderNetwork
{
    private const string Prefix = "model.";
    private const string Head = "lm_head.weight";
    private const string Score = "score.weight";
    private readonly WeightSet _weights;
    private readonly Func<Tensor, Tensor> _activation;

    private LlamaNetwork(LlamaConfig config, WeightSet weights)
    {
        Config = config;
        _weights = weights;
        _activation = ActivationFunctions.Find(config.Activation)!;
    }

    /// <summary>Sizes and options.</summary>
    public LlamaConfig Config { get; }

    /// <inheritdoc/>
    public override int EmbeddingWidth => Config.HiddenSize;

    /// <inheritdoc/>
    public override int HiddenSize => Config.HiddenSize;

    /// <inheritdoc/>
    public override int InnerSize => Config.IntermediateSize;

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override int MaxPositions => Math.Min(Config.MaxPositions, Config.Window ?? int.MaxValue);

    /// <inheritdoc/>
    public override bool Extrapolates => Config.Window is null;

    /// <inheritdoc/>
    public override Device Device => Words.device;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => _weights.All;

    /// <inheritdoc/>
    protected override int LayerCount => Config.Layers;

    private Tensor Words => _weights[Prefix + "embed_tokens.weight"];

    /// <summary>A network with fresh random weights: the same configuration and seed give the same weights.</summary>
    public static LlamaNetwork Create(LlamaConfig config, ulong seed) =>
        new(config, WeightSet.Random(Specs(config), config.InitializerRange, seed));

    /// <summary>A network with the weights of a checkpoint.</summary>
    /// <exception cref="ModelException">The checkpoint does not fit the configuration.</exception>
    internal static LlamaNetwork Load(
        LlamaConfig config,
        Checkpoint checkpoint,
        string architecture,
        Func<(ScalarType Type, Device Device)> target,
        CancellationToken cancellation
    )
    {
        (ScalarType Type, Device Device) place = (ScalarType.Float32, null!);
        WeightSet weights = checkpoint.Load(
            Specs(config),
            Prefix,
            architecture,
            $"num_hidden_layers={config.Layers}",
            name => config.TieWordEmbeddings && name == Head,
            () => (place = target()).Type,
            cancellation
        );
        if (config.TieWordEmbeddings && config.Labels.Count == 0)
        {
            checkpoint.NoteOtherValues(Head, weights[Prefix + "embed_tokens.weight"], place.Type);
        }
        weights.To(place.Type, place.Device);
        return new LlamaNetwork(config, weights);
    }

    /// <summary>The weights a configuration needs, by their checkpoint names.</summary>
    internal static IEnumerable<ParameterSpec> Specs(LlamaConfig config)
    {
        long hidden = config.HiddenSize;
        long query = (long)config.Heads * config.HeadWidth;
        long key = (long)config.KeyValueHeads * config.HeadWidth;
        long inner = config.IntermediateSize;
        bool tied = config.TieWordEmbeddings && config.Labels.Count == 0;
        yield return new(
            Prefix + "embed_tokens.weight",
            [config.VocabularySize, hidden],
            OtherName: tied ? Head : null
        );
        for (int i = 0; i < config.Layers; i++)
        {
            string p = $"{Prefix}layers.{i}.";
            (string Name, long From, long To, bool Bias)[] projections =
            [
                ("self_attn.q_proj", hidden, query, config.AttentionBias || config.QueryKeyValueBias),
                ("self_attn.k_proj", hidden, key, config.AttentionBias || config.QueryKeyValueBias),
                ("self_attn.v_proj", hidden, key, config.AttentionBias || config.QueryKeyValueBias),
                ("self_attn.o_proj", query, hidden, config.AttentionBias),
                ("mlp.gate_proj", hidden, inner, config.MlpBias),
                ("mlp.up_proj", hidden, inner, config.MlpBias),
                ("mlp.down_proj", inner, hidden, config.MlpBias),
            ];
            foreach ((string name, long from, long to, bool bias) in projections)
            {
                yield return new($"{p}{name}.weight", [to, from]);
                if (bias)
                {
                    yield return new($"{p}{name}.bias", [to], Initial.Zeros);
                }
            }
            yield return new(p + "input_layernorm.weight", [hidden], Initial.Ones);
            yield return new(p + "post_attention_layernorm.weight", [hidden], Initial.Ones);
        }
        yield return new(Prefix + "norm.weight", [hidden], Initial.Ones);
        if (config.Labels.Count > 0)
        {
            yield return new(Score, [config.Labels.Count, hidden]);
        }
        else if (!config.TieWordEmbeddings)
        {
            yield return new(Head, [config.VocabularySize, hidden]);
        }
    }

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids) =>
        Words.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], EmbeddingWidth);

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden, PropagationRules rules) =>
        rules.Linear(hidden, _weights.Find(Score) ?? _weights.Find(Head) ?? Words, null);

    /// <inheritdoc/>
    protected override Tensor Enter(Tensor words, NetworkInput input, PropagationRules rules) =>
        rules.Dropout(words, 0);

    /// <inheritdoc/>
    protected override (Tensor Cosine, Tensor Sine)? Rotation(NetworkInput input, ScalarType type)
    {
        int length = Config.RopeScaling.DependsOnLength
            ? input.OriginalLength ?? (int)(input.Positions.max().item<long>() + 1)
            : 0;
        (double[] frequencies, double magnitude) = Config.RopeScaling.Frequencies(
            Config.RopeTheta,
            Config.HeadWidth,
            Config.MaxPositions,
            length
        );
        Device device = input.Positions.device;
        Tensor half = input.Positions.to_type(ScalarType.Float64).unsqueeze(-1) * tensor(frequencies, device: device);
        Tensor angles = cat([half, half], -1).unsqueeze(1);
        return (angles.cos().Times(magnitude).to_type(type), angles.sin().Times(magnitude).to_type(type));
    }

    private protected override Tensor Layer(int index, Tensor hidden, LayerPass pass, PropagationRules rules)
    {
        string p = $"{Prefix}layers.{index}.";
        Tensor normed = Normed(hidden, p + "input_layernorm", rules);
        (Tensor cosine, Tensor sine) = pass.Rotation!.Value;
        Tensor key = Heads(Project(normed, p + "self_attn.k_proj", rules), Config.KeyValueHeads);
        Tensor value = Heads(Project(normed, p + "self_attn.v_proj", rules), Config.KeyValueHeads);
        key = Rotate(key, cosine, sine);
        Tensor from = hidden;
        Tensor queried = normed;
        if (pass.ReadOut is not null)
        {
            from = AtIndex(hidden, pass.ReadOut);
            queried = AtIndex(normed, pass.ReadOut);
            cosine = AtPosition(cosine, pass.ReadOut);
            sine = AtPosition(sine, pass.ReadOut);
        }
        Tensor query = Heads(Project(queried, p + "self_attn.q_proj", rules), Config.Heads);
        query = Rotate(query, cosine, sine).Times(1 / Math.Sqrt(Config.HeadWidth));
        Tensor context = Attention(index, query, Repeat(key), Repeat(value), pass, Config.AttentionDropout, rules);
        // The reference drops attention weights only; training of ours may ask for more.
        Tensor x = rules.Add(from, rules.Dropout(Project(context, p + "self_attn.o_proj", rules), 0));
        Tensor inner = Normed(x, p + "post_attention_layernorm", rules);
        Tensor gate = rules.Activation(Project(inner, p + "mlp.gate_proj", rules), _activation);
        Tensor gated = rules.Gate(gate, Project(inner, p + "mlp.up_proj", rules));
        return rules.Add(x, rules.Dropout(Project(gated, p + "mlp.down_proj", rules), 0));
    }

    /// <inheritdoc/>
    protected override Tensor FinalNorm(Tensor hidden, PropagationRules rules) =>
        Normed(hidden, Prefix + "norm", rules);

    private Tensor Normed(Tensor x, string name, PropagationRules rules) =>
        rules.RmsNorm(x, _weights[name + ".weight"], Config.RmsNormEpsilon);

    private Tensor Project(Tensor x, string name, PropagationRules rules) =>
        rules.Linear(x, _weights[name + ".weight"], _weights.Find(name + ".bias"));

    // Pairs dimension i with i + half: the checkpoint's rows are laid out for that.
    private static Tensor Rotate(Tensor x, Tensor cosine, Tensor sine)
    {
        long half = x.shape[^1] / 2;
        Tensor turned = cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
        return (x * cosine).Plus(turned * sine);
    }

    private static Tensor AtPosition(Tensor table, Tensor readOut)
    {
        long batch = readOut.shape[0];
        Tensor rows = table.expand(batch, 1, table.shape[2], table.shape[3]);
        return rows.gather(2, readOut.view(-1, 1, 1, 1).expand(batch, 1, 1, table.shape[3]));
    }

    private Tensor Repeat(Tensor x)
    {
        int times = Config.Heads / Config.KeyValueHeads;
        if (times == 1)
        {
            return x;
        }
        long[] shape = x.shape;
        return x.unsqueeze(2)
            .expand(shape[0], shape[1], times, shape[2], shape[3])
            .reshape(shape[0], shape[1] * times, shape[2], shape[3]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weights.Dispose();
        }
    }
}
