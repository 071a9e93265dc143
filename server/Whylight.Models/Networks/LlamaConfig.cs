using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>Sizes and options of LLaMA (Touvron et al. 2023) and of its like, as config.json states them.</summary>
/// <remarks>
/// Mistral and Qwen2 are the same graph with other defaults: Qwen2's query, key and value projections have biases, Mistral's
/// attention sees a window of the last tokens only. Texts inside that window are read exactly; longer ones are refused.
/// </remarks>
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

    /// <summary>Whether the query, key and value projections have biases although the output projection has none (Qwen2).</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether feed-forward projections have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the output layer is the token embedding.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Tokens that attention looks back on, itself included (Mistral); null for all.</summary>
    public int? Window { get; init; }

    /// <summary>The labels of a sequence classifier in index order; empty for a language model.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The padding id, which a sequence classifier's answer is never read at.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>The id that opens a text.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Ids that end a generation.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Standard deviation of fresh weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Dropout of attention weights in training.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Reads and checks a config.json; the defaults are those of the reference implementation.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="type">llama, mistral or qwen2.</param>
    /// <param name="classifier">Whether a sequence classifier stands on top.</param>
    /// <param name="notices">Takes remarks.</param>
    internal static LlamaConfig Read(ConfigFile file, string type, bool classifier, List<string> notices)
    {
        bool mistral = type == "mistral";
        bool qwen = type == "qwen2";
        int hidden = file.Integer(4096, 1, "hidden_size");
        int heads = file.Integer(32, 1, "num_attention_heads");
        // Absent and null differ: only an absent key has the family's own default.
        bool stated = file.Root.TryGetProperty("num_key_value_heads", out _);
        int fallback =
            stated ? heads
            : mistral ? 8
            : qwen ? 32
            : heads;
        int keyValueHeads = file.Integer(fallback, 1, "num_key_value_heads");
        if (file.Find("head_dim") is null && hidden % heads != 0)
        {
            throw new ModelException(
                $"{file.File}: hidden_size {hidden} is not a multiple of num_attention_heads {heads}"
            );
        }
        int maxPositions = file.Integer(
            mistral ? 4096 * 32
                : qwen ? 32768
                : 2048,
            1,
            "max_position_embeddings"
        );
        int vocabulary = file.Integer(qwen ? 151936 : 32000, 1, "vocab_size");
        LlamaConfig config = new()
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            Layers = file.Integer(32, 1, "num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadWidth = file.Integer(hidden / heads, 1, "head_dim"),
            IntermediateSize = file.Integer(
                mistral ? 14336
                    : qwen ? 22016
                    : 11008,
                1,
                "intermediate_size"
            ),
            MaxPositions = maxPositions,
            Activation = file.Text("hidden_act") ?? "silu",
            RmsNormEpsilon = file.Number("rms_norm_eps", positive: true) ?? 1e-6,
            RopeTheta = RotaryScaling.ReadTheta(file),
            RopeScaling = RotaryScaling.Read(file, maxPositions, file.Integer(hidden / heads, 1, "head_dim"), notices),
            AttentionBias = type == "llama" && file.Flag(false, "attention_bias"),
            QueryKeyValueBias = qwen,
            MlpBias = type == "llama" && file.Flag(false, "mlp_bias"),
            Window = WindowOf(file, mistral, qwen),
            Labels = classifier ? file.Labels(notices) : [],
            PadTokenId = file.VocabularyId("pad_token_id", vocabulary),
            TieWordEmbeddings = file.Flag(false, "tie_word_embeddings"),
            BosTokenId = file.TokenIds("bos_token_id", vocabulary, notices).Cast<int?>().FirstOrDefault(),
            EosTokenIds = file.TokenIds("eos_token_id", vocabulary, notices),
            InitializerRange = file.Number("initializer_range") ?? 0.02,
            AttentionDropout = file.Number("attention_dropout") ?? 0,
        };
        double rotary = file.Number("partial_rotary_factor") ?? 1;
        if (rotary != 1)
        {
            throw new ModelException(
                $"{file.File}: partial_rotary_factor {rotary.ToString(CultureInfo.InvariantCulture)} is not supported; rotary positions turn whole heads"
            );
        }
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

    // Qwen2 names the window even where its layers do not use it.
    private static int? WindowOf(ConfigFile file, bool mistral, bool qwen)
    {
        if (file.Find("layer_types") is JsonElement types)
        {
            bool full =
                types.ValueKind == JsonValueKind.Array
                && types
                    .EnumerateArray()
                    .All(t => t.ValueKind == JsonValueKind.String && t.ValueEquals("full_attention"));
            return full
                ? null
                : throw new ModelException($"{file.File}: layer_types other than full_attention are not supported");
        }
        if (qwen)
        {
            return file.Flag(false, "use_sliding_window")
                ? throw new ModelException($"{file.File}: use_sliding_window is not supported")
                : null;
        }
        bool none =
            file.Root.TryGetProperty("sliding_window", out JsonElement window)
            && window.ValueKind == JsonValueKind.Null;
        return mistral && !none ? file.Integer(4096, 1, "sliding_window") : null;
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
