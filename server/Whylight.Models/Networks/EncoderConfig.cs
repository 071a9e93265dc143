using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>Encoder architectures that share one graph.</summary>
public enum EncoderFamily
{
    /// <summary>Devlin et al. 2019: token types, pooler with tanh.</summary>
    Bert,

    /// <summary>Sanh et al. 2019: no token types, pre-classifier with ReLU.</summary>
    DistilBert,

    /// <summary>Liu et al. 2019: positions begin after the padding id, head with tanh.</summary>
    Roberta,

    /// <summary>Clark et al. 2020: embeddings may be narrower than the layers, head with GELU.</summary>
    Electra,
}

/// <summary>What stands on top of an encoder.</summary>
public enum EncoderHead
{
    /// <summary>A sequence classifier on the first token.</summary>
    Classifier,

    /// <summary>A distribution over the vocabulary at the read-out position.</summary>
    MaskedLanguageModel,

    /// <summary>Nothing: the last hidden state at the read-out.</summary>
    None,
}

/// <summary>Sizes and options of an encoder, as its config.json states them.</summary>
public sealed record EncoderConfig
{
    /// <summary>The architecture.</summary>
    public required EncoderFamily Family { get; init; }

    /// <summary>What stands on top.</summary>
    public EncoderHead Head { get; init; } = EncoderHead.Classifier;

    /// <summary>Rows of the word-embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a word embedding; only ELECTRA's may differ from <see cref="HiddenSize"/>.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>Width of the layers.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads; divides <see cref="HiddenSize"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The nonlinearity by its Hugging Face name.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Rows of the position table.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Rows of the token-type table; 0 where the family has none.</summary>
    public int TypeVocabularySize { get; init; }

    /// <summary>Added to the variance in every layer normalisation.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>The padding id; RoBERTa's positions begin after it.</summary>
    public int PadTokenId { get; init; }

    /// <summary>The labels of a classifier in index order.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether a bare encoder has a pooler, tanh of a linear layer on the first token.</summary>
    public bool HasPooler { get; init; }

    /// <summary>Whether a masked language model decodes with the word embeddings.</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Standard deviation of fresh weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Dropout of hidden states in training.</summary>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>Dropout of attention weights in training.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Dropout before the classifier in training.</summary>
    public double ClassifierDropout { get; init; } = 0.1;

    /// <summary>Positions of the position table that stand before the first token's.</summary>
    public int PositionOffset => Family == EncoderFamily.Roberta ? PadTokenId + 1 : 0;

    /// <summary>Most tokens the graph reads.</summary>
    public int MaxTokens => MaxPositions - PositionOffset;

    /// <summary>model_type of config.json.</summary>
    public string ModelType =>
        Family switch
        {
            EncoderFamily.Bert => "bert",
            EncoderFamily.DistilBert => "distilbert",
            EncoderFamily.Roberta => "roberta",
            _ => "electra",
        };

    /// <summary>Prefix of the encoder's tensors in a checkpoint with a head.</summary>
    internal string Prefix => ModelType + ".";

    /// <summary>Reads and checks a config.json; the defaults are those of the reference implementation.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="family">The architecture.</param>
    /// <param name="head">What stands on top.</param>
    /// <param name="notices">Takes remarks.</param>
    /// <param name="vocabulary">Rows of the embedding where the file names none; null for the family's default.</param>
    internal static EncoderConfig Read(
        ConfigFile file,
        EncoderFamily family,
        EncoderHead head,
        List<string> notices,
        int? vocabulary = null
    )
    {
        bool distil = family == EncoderFamily.DistilBert;
        bool electra = family == EncoderFamily.Electra;
        bool roberta = family == EncoderFamily.Roberta;
        int hidden = distil
            ? file.Integer(768, 1, "dim", "hidden_size")
            : file.Integer(electra ? 256 : 768, 1, "hidden_size");
        EncoderConfig config = new()
        {
            Family = family,
            Head = head,
            VocabularySize = file.Integer(vocabulary ?? (roberta ? 50265 : 30522), 1, "vocab_size"),
            EmbeddingSize = electra ? file.Integer(128, 1, "embedding_size") : hidden,
            HiddenSize = hidden,
            Layers = distil
                ? file.Integer(6, 1, "n_layers", "num_hidden_layers")
                : file.Integer(12, 1, "num_hidden_layers"),
            Heads = distil
                ? file.Integer(12, 1, "n_heads", "num_attention_heads")
                : file.Integer(electra ? 4 : 12, 1, "num_attention_heads"),
            IntermediateSize = distil
                ? file.Integer(3072, 1, "hidden_dim")
                : file.Integer(electra ? 1024 : 3072, 1, "intermediate_size"),
            Activation = (distil ? file.Text("activation") : file.Text("hidden_act")) ?? "gelu",
            MaxPositions = file.Integer(512, 1, "max_position_embeddings"),
            TypeVocabularySize = distil ? 0 : file.Integer(2, 1, "type_vocab_size"),
            LayerNormEpsilon = distil ? 1e-12 : file.Number("layer_norm_eps", positive: true) ?? 1e-12,
            PadTokenId = file.Integer(roberta ? 1 : 0, 0, "pad_token_id"),
            Labels = head == EncoderHead.Classifier ? file.Labels(notices) : [],
            TieWordEmbeddings = file.Flag(true, "tie_word_embeddings"),
            InitializerRange = file.Number("initializer_range") ?? 0.02,
            HiddenDropout = file.Number(distil ? "dropout" : "hidden_dropout_prob") ?? 0.1,
            AttentionDropout = file.Number(distil ? "attention_dropout" : "attention_probs_dropout_prob") ?? 0.1,
            ClassifierDropout =
                file.Number(distil ? "seq_classif_dropout" : "classifier_dropout")
                ?? (distil ? 0.2 : file.Number("hidden_dropout_prob") ?? 0.1),
        };
        config.Check(file);
        return config;
    }

    private void Check(ConfigFile file)
    {
        if (HiddenSize % Heads != 0)
        {
            throw new ModelException(
                $"{file.File}: hidden_size {HiddenSize} is not a multiple of num_attention_heads {Heads}"
            );
        }
        if (ActivationFunctions.Find(Activation) is null)
        {
            throw new ModelException(
                $"{file.File}: activation {FileText.Quote(Activation)} is not supported; supported: {string.Join(", ", ActivationFunctions.Names)}"
            );
        }
        string positions = file.Text("position_embedding_type") ?? "absolute";
        if (positions != "absolute")
        {
            throw new ModelException(
                $"{file.File}: position_embedding_type {FileText.Quote(positions)} is not supported"
            );
        }
        if (file.Flag(false, "is_decoder") || file.Flag(false, "add_cross_attention"))
        {
            throw new ModelException($"{file.File}: {ModelType} as a decoder (is_decoder) is not supported");
        }
        if (PadTokenId >= VocabularySize)
        {
            throw new ModelException(
                $"{file.File}: pad_token_id {PadTokenId} is outside the vocabulary of {VocabularySize}"
            );
        }
        if (MaxTokens < 1)
        {
            throw new ModelException(
                $"{file.File}: max_position_embeddings {MaxPositions} leaves no position after pad_token_id {PadTokenId}"
            );
        }
    }

    /// <summary>The config.json that loads as this configuration, with the calibrated temperature under <c>whylight</c>.</summary>
    internal JsonObject ToJson(double? temperature)
    {
        bool distil = Family == EncoderFamily.DistilBert;
        string name = Family switch
        {
            EncoderFamily.Bert => "Bert",
            EncoderFamily.DistilBert => "DistilBert",
            EncoderFamily.Roberta => "Roberta",
            _ => "Electra",
        };
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray(
                name
                    + Head switch
                    {
                        EncoderHead.Classifier => "ForSequenceClassification",
                        EncoderHead.MaskedLanguageModel => "ForMaskedLM",
                        _ => "Model",
                    }
            ),
            ["model_type"] = ModelType,
            ["vocab_size"] = VocabularySize,
            [distil ? "dim" : "hidden_size"] = HiddenSize,
            [distil ? "n_layers" : "num_hidden_layers"] = Layers,
            [distil ? "n_heads" : "num_attention_heads"] = Heads,
            [distil ? "hidden_dim" : "intermediate_size"] = IntermediateSize,
            [distil ? "activation" : "hidden_act"] = Activation,
            [distil ? "dropout" : "hidden_dropout_prob"] = HiddenDropout,
            [distil ? "attention_dropout" : "attention_probs_dropout_prob"] = AttentionDropout,
            [distil ? "seq_classif_dropout" : "classifier_dropout"] = ClassifierDropout,
            ["max_position_embeddings"] = MaxPositions,
            ["initializer_range"] = InitializerRange,
            ["pad_token_id"] = PadTokenId,
            ["tie_word_embeddings"] = TieWordEmbeddings,
        };
        if (!distil)
        {
            json["type_vocab_size"] = TypeVocabularySize;
            json["layer_norm_eps"] = LayerNormEpsilon;
        }
        if (Family == EncoderFamily.Electra)
        {
            json["embedding_size"] = EmbeddingSize;
        }
        if (Labels.Count > 0)
        {
            json["id2label"] = new JsonObject(
                Labels.Select((l, i) => KeyValuePair.Create<string, JsonNode?>($"{i}", JsonValue.Create(l)))
            );
            json["label2id"] = new JsonObject(
                Labels.Select((l, i) => KeyValuePair.Create<string, JsonNode?>(l, JsonValue.Create(i)))
            );
        }
        if (temperature is double t)
        {
            json["whylight"] = new JsonObject { ["temperature"] = t };
        }
        return json;
    }

    /// <summary>Writes <see cref="ToJson"/> to a file.</summary>
    internal void Write(string path, double? temperature = null) =>
        File.WriteAllText(
            path,
            ToJson(temperature).ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n"
        );
}
