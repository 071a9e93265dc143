using System.Text.Json.Nodes;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>Sizes and options of LLaMA (Touvron et al. 2023), as its config.json states them.</summary>
public sealed record LlamaConfig
{
    /// <summary>Rows of the token-embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the layers.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads, each shared by <see cref="Heads"/> / this many query heads (Ainslie et al. 2023).</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head, an even number.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Length the positions were trained for.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>The nonlinearity by its Hugging Face name.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>Added to the mean square in every normalisation.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>Base of the rotary wavelengths.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>How rotary frequencies are stretched.</summary>
    public RotaryScaling RopeScaling { get; init; } = new();

    /// <summary>Whether attention projections have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether feed-forward projections have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the output layer is the token embedding.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>The id that opens a text.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Ids that end a generation.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Standard deviation of fresh weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Dropout of attention weights in training.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Reads and checks a config.json; the defaults are those of the reference implementation.</summary>
    internal static LlamaConfig Read(ConfigFile file)
    {
        int hidden = file.Integer(4096, 1, "hidden_size");
        int heads = file.Integer(32, 1, "num_attention_heads");
        int keyValueHeads = file.Integer(heads, 1, "num_key_value_heads");
        if (file.Find("head_dim") is null && hidden % heads != 0)
        {
            throw new ModelException(
                $"{file.File}: hidden_size {hidden} is not a multiple of num_attention_heads {heads}"
            );
        }
        int maxPositions = file.Integer(2048, 1, "max_position_embeddings");
        LlamaConfig config = new()
        {
            VocabularySize = file.Integer(32000, 1, "vocab_size"),
            HiddenSize = hidden,
            Layers = file.Integer(32, 1, "num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadWidth = file.Integer(hidden / heads, 1, "head_dim"),
            IntermediateSize = file.Integer(11008, 1, "intermediate_size"),
            MaxPositions = maxPositions,
            Activation = file.Text("hidden_act") ?? "silu",
            RmsNormEpsilon = file.Number("rms_norm_eps", positive: true) ?? 1e-6,
            RopeTheta =
                file.Number("rope_theta", positive: true)
                ?? file.Object("rope_parameters")?.Number("rope_theta", positive: true)
                ?? 10000,
            RopeScaling = RotaryScaling.Read(file, maxPositions),
            AttentionBias = file.Flag(false, "attention_bias"),
            MlpBias = file.Flag(false, "mlp_bias"),
            TieWordEmbeddings = file.Flag(false, "tie_word_embeddings"),
            BosTokenId = file.TokenIds("bos_token_id").Cast<int?>().FirstOrDefault(),
            EosTokenIds = file.TokenIds("eos_token_id"),
            InitializerRange = file.Number("initializer_range") ?? 0.02,
            AttentionDropout = file.Number("attention_dropout") ?? 0,
        };
        if (heads % keyValueHeads != 0)
        {
            throw new ModelException(
                $"{file.File}: num_attention_heads {heads} is not a multiple of num_key_value_heads {keyValueHeads}"
            );
        }
        if (config.HeadWidth % 2 != 0 || (config.RopeScaling.Type == "dynamic" && config.HeadWidth < 4))
        {
            throw new ModelException($"{file.File}: rotary positions need heads of even width, not {config.HeadWidth}");
        }
        if (ActivationFunctions.Find(config.Activation) is null)
        {
            throw new ModelException(
                $"{file.File}: hidden_act {FileText.Quote(config.Activation)} is not supported; supported: {string.Join(", ", ActivationFunctions.Names)}"
            );
        }
        return config;
    }

    /// <summary>The config.json that loads as this configuration; rotary scaling is not written.</summary>
    internal JsonObject ToJson() =>
        new()
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = VocabularySize,
            ["hidden_size"] = HiddenSize,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadWidth,
            ["intermediate_size"] = IntermediateSize,
            ["max_position_embeddings"] = MaxPositions,
            ["hidden_act"] = Activation,
            ["rms_norm_eps"] = RmsNormEpsilon,
            ["rope_theta"] = RopeTheta,
            ["attention_bias"] = AttentionBias,
            ["mlp_bias"] = MlpBias,
            ["tie_word_embeddings"] = TieWordEmbeddings,
            ["bos_token_id"] = BosTokenId,
            ["eos_token_id"] = EosTokenIds.Count > 0 ? EosTokenIds[0] : null,
            ["initializer_range"] = InitializerRange,
        };
}
