using Whylight.Models.Checkpoints;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>GPT-2: learned positions, normalisation before each part, linear weights stored [in, out].</summary>
/// <remarks>Follows the reference implementation of Hugging Face transformers.</remarks>
public sealed class Gpt2Network : DecoderNetwork
{
    private const string Prefix = "transformer.";
    private const string Head = "lm_head.weight";
    private const string Score = "score.weight";
    private readonly WeightSet _weights;
    private readonly Func<Tensor, Tensor> _activation;

    private Gpt2Network(Gpt2Config config, WeightSet weights)
    {
        Config = config;
        _weights = weights;
        _activation = ActivationFunctions.Find(config.Activation)!;
    }

    /// <summary>Sizes and options.</summary>
    public Gpt2Config Config { get; }

    /// <inheritdoc/>
    public override int EmbeddingWidth => Config.HiddenSize;

    /// <inheritdoc/>
    public override int HiddenSize => Config.HiddenSize;

    /// <inheritdoc/>
    public override int InnerSize => Config.InnerSize;

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override int MaxPositions => Config.MaxPositions;

    /// <inheritdoc/>
    public override bool Extrapolates => false;

    /// <inheritdoc/>
    public override Device Device => Words.device;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => _weights.All;

    /// <inheritdoc/>
    protected override int LayerCount => Config.Layers;

    private Tensor Words => _weights[Prefix + "wte.weight"];

    /// <summary>A network with fresh random weights: the same configuration and seed give the same weights.</summary>
    public static Gpt2Network Create(Gpt2Config config, ulong seed) =>
        new(config, WeightSet.Random(Specs(config), config.InitializerRange, seed));

    /// <summary>A network with the weights of a checkpoint.</summary>
    /// <exception cref="ModelException">The checkpoint does not fit the configuration.</exception>
    internal static Gpt2Network Load(
        Gpt2Config config,
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
            $"n_layer={config.Layers}",
            name => config.TieWordEmbeddings && name == Head,
            () => (place = target()).Type,
            cancellation
        );
        if (config.TieWordEmbeddings && config.Labels.Count == 0)
        {
            checkpoint.NoteOtherValues(Head, weights[Prefix + "wte.weight"], place.Type);
        }
        weights.To(place.Type, place.Device);
        return new Gpt2Network(config, weights);
    }

    /// <summary>The weights a configuration needs, by their checkpoint names.</summary>
    internal static IEnumerable<ParameterSpec> Specs(Gpt2Config config)
    {
        long hidden = config.HiddenSize;
        bool tied = config.TieWordEmbeddings && config.Labels.Count == 0;
        yield return new(Prefix + "wte.weight", [config.VocabularySize, hidden], OtherName: tied ? Head : null);
        yield return new(Prefix + "wpe.weight", [config.MaxPositions, hidden]);
        for (int i = 0; i < config.Layers; i++)
        {
            string p = $"{Prefix}h.{i}.";
            yield return new(p + "ln_1.weight", [hidden], Initial.Ones);
            yield return new(p + "ln_1.bias", [hidden], Initial.Zeros);
            yield return new(p + "attn.c_attn.weight", [hidden, 3 * hidden]);
            yield return new(p + "attn.c_attn.bias", [3 * hidden], Initial.Zeros);
            yield return new(p + "attn.c_proj.weight", [hidden, hidden]);
            yield return new(p + "attn.c_proj.bias", [hidden], Initial.Zeros);
            yield return new(p + "ln_2.weight", [hidden], Initial.Ones);
            yield return new(p + "ln_2.bias", [hidden], Initial.Zeros);
            yield return new(p + "mlp.c_fc.weight", [hidden, config.InnerSize]);
            yield return new(p + "mlp.c_fc.bias", [config.InnerSize], Initial.Zeros);
            yield return new(p + "mlp.c_proj.weight", [config.InnerSize, hidden]);
            yield return new(p + "mlp.c_proj.bias", [hidden], Initial.Zeros);
        }
        yield return new(Prefix + "ln_f.weight", [hidden], Initial.Ones);
        yield return new(Prefix + "ln_f.bias", [hidden], Initial.Zeros);
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
    protected override Tensor Enter(Tensor words, NetworkInput input, PropagationRules rules)
    {
        Tensor positions = _weights[Prefix + "wpe.weight"]
            .index_select(0, input.Positions.flatten())
            .view(input.Positions.shape[0], input.Positions.shape[1], EmbeddingWidth);
        Tensor x = rules.Add(words, positions);
        // The reference embeds segments, where given, with the token table.
        x = input.TypeIds is null ? x : rules.Add(x, Embed(input.TypeIds));
        return rules.Dropout(x, Config.Dropout);
    }

    /// <inheritdoc/>
    protected override (Tensor Cosine, Tensor Sine)? Rotation(NetworkInput input, ScalarType type) => null;

    private protected override Tensor Layer(int index, Tensor hidden, LayerPass pass, PropagationRules rules)
    {
        string p = $"{Prefix}h.{index}.";
        int width = Config.HiddenSize;
        double scale = Config.ScaleAttention ? 1 / Math.Sqrt(width / Config.Heads) : 1;
        scale = Config.ScaleByInverseLayer ? scale / (index + 1) : scale;
        Tensor projected = Conv(Normed(hidden, p + "ln_1", rules), p + "attn.c_attn", rules);
        Tensor query = projected.narrow(-1, 0, width);
        Tensor from = hidden;
        if (pass.ReadOut is not null)
        {
            query = AtIndex(query, pass.ReadOut);
            from = AtIndex(hidden, pass.ReadOut);
        }
        Tensor context = Attention(
            index,
            Heads(query.Times(scale), Config.Heads),
            Heads(projected.narrow(-1, width, width), Config.Heads),
            Heads(projected.narrow(-1, 2 * width, width), Config.Heads),
            pass,
            Config.Dropout,
            rules
        );
        Tensor x = rules.Add(rules.Dropout(Conv(context, p + "attn.c_proj", rules), Config.Dropout), from);
        Tensor inner = rules.Activation(Conv(Normed(x, p + "ln_2", rules), p + "mlp.c_fc", rules), _activation);
        return rules.Add(x, rules.Dropout(Conv(inner, p + "mlp.c_proj", rules), Config.Dropout));
    }

    /// <inheritdoc/>
    protected override Tensor FinalNorm(Tensor hidden, PropagationRules rules) =>
        Normed(hidden, Prefix + "ln_f", rules);

    private Tensor Normed(Tensor x, string name, PropagationRules rules) =>
        rules.LayerNorm(x, _weights[name + ".weight"], _weights[name + ".bias"], Config.LayerNormEpsilon);

    private Tensor Conv(Tensor x, string name, PropagationRules rules) =>
        rules.Linear(x, _weights[name + ".weight"].t(), _weights[name + ".bias"]);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weights.Dispose();
        }
    }
}
