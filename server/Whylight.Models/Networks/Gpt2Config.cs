using System.Text.Json.Nodes;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>Sizes and options of GPT-2 (Radford et al. 2019), as its config.json states them.</summary>
public sealed record Gpt2Config
{
    /// <summary>Rows of the token-embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the layers.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads; divides <see cref="HiddenSize"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int InnerSize { get; init; }

    /// <summary>Rows of the position table.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>The nonlinearity by its Hugging Face name.</summary>
    public string Activation { get; init; } = "gelu_new";

    /// <summary>Added to the variance in every layer normalisation.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether attention scores are divided by the square root of the head width.</summary>
    public bool ScaleAttention { get; init; } = true;

    /// <summary>Whether they are also divided by the layer's number, from 1.</summary>
    public bool ScaleByInverseLayer { get; init; }

    /// <summary>Whether the output layer is the token embedding.</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>The labels of a sequence classifier in index order; empty for a language model.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The padding id, which a sequence classifier's answer is never read at.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>The id that opens an empty text, &lt;|endoftext|&gt;.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Ids that end a generation.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Standard deviation of fresh weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Dropout in training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Reads and checks a config.json; the defaults are those of the reference implementation.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="classifier">Whether a sequence classifier stands on top.</param>
    /// <param name="notices">Takes remarks.</param>
    internal static Gpt2Config Read(ConfigFile file, bool classifier, List<string> notices)
    {
        int hidden = file.Integer(768, 1, "n_embd", "hidden_size");
        int vocabulary = file.Integer(50257, 1, "vocab_size");
        Gpt2Config config = new()
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            Layers = file.Integer(12, 1, "n_layer", "num_hidden_layers"),
            Heads = file.Integer(12, 1, "n_head", "num_attention_heads"),
            InnerSize = file.Integer((int)Math.Min(4L * hidden, int.MaxValue), 1, "n_inner"),
            MaxPositions = file.Integer(1024, 1, "n_positions", "max_position_embeddings", "n_ctx"),
            Activation = file.Text("activation_function") ?? "gelu_new",
            LayerNormEpsilon = file.Number("layer_norm_epsilon", positive: true) ?? 1e-5,
            ScaleAttention = file.Flag(true, "scale_attn_weights"),
            ScaleByInverseLayer = file.Flag(false, "scale_attn_by_inverse_layer_idx"),
            TieWordEmbeddings = file.Flag(true, "tie_word_embeddings"),
            Labels = classifier ? file.Labels(notices) : [],
            PadTokenId = file.VocabularyId("pad_token_id", vocabulary),
            BosTokenId = file.TokenIds("bos_token_id", vocabulary, notices).Cast<int?>().FirstOrDefault(),
            EosTokenIds = file.TokenIds("eos_token_id", vocabulary, notices),
            InitializerRange = file.Number("initializer_range") ?? 0.02,
            Dropout = file.Number("resid_pdrop") ?? 0.1,
        };
        if (config.HiddenSize % config.Heads != 0)
        {
            throw new ModelException(
                $"{file.File}: n_embd {config.HiddenSize} is not a multiple of n_head {config.Heads}"
            );
        }
        if (ActivationFunctions.Find(config.Activation) is null)
        {
            throw new ModelException(
                $"{file.File}: activation_function {FileText.Quote(config.Activation)} is not supported; supported: {string.Join(", ", ActivationFunctions.Names)}"
            );
        }
        if (file.Flag(false, "add_cross_attention"))
        {
            throw new ModelException($"{file.File}: add_cross_attention is not supported");
        }
        return config;
    }

    /// <summary>The config.json that loads as this configuration.</summary>
    internal JsonObject ToJson() =>
        new()
        {
            ["architectures"] = new JsonArray("GPT2LMHeadModel"),
            ["model_type"] = "gpt2",
            ["vocab_size"] = VocabularySize,
            ["n_embd"] = HiddenSize,
            ["n_layer"] = Layers,
            ["n_head"] = Heads,
            ["n_inner"] = InnerSize,
            ["n_positions"] = MaxPositions,
            ["activation_function"] = Activation,
            ["layer_norm_epsilon"] = LayerNormEpsilon,
            ["scale_attn_weights"] = ScaleAttention,
            ["scale_attn_by_inverse_layer_idx"] = ScaleByInverseLayer,
            ["tie_word_embeddings"] = TieWordEmbeddings,
            ["bos_token_id"] = BosTokenId,
            ["eos_token_id"] = EosTokenIds.Count > 0 ? EosTokenIds[0] : null,
            ["initializer_range"] = InitializerRange,
            ["resid_pdrop"] = Dropout,
        };
}
