using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>Sizes of the deep baselines, as their config.json states them.</summary>
public sealed record SequenceConfig
{
    /// <summary>The value of <c>model_type</c> of a convolutional network.</summary>
    public const string Convolutional = "whylight-cnn";

    /// <summary>The value of <c>model_type</c> of a recurrent network.</summary>
    public const string Recurrent = "whylight-lstm";

    /// <summary>One of <see cref="Convolutional"/> and <see cref="Recurrent"/>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Rows of the word-embedding table; row 0 is the padding, all zero.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a word embedding.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>Filters of each convolution width, or the state's width in each direction.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Most tokens the model reads, special tokens included.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>Share of activations that training drops.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>The labels in index order.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Reads and checks a config.json.</summary>
    internal static SequenceConfig Read(ConfigFile file, string modelType, List<string> notices) =>
        new()
        {
            ModelType = modelType,
            VocabularySize = file.Integer(8000, 1, "vocab_size"),
            EmbeddingSize = file.Integer(64, 1, "embedding_size"),
            HiddenSize = file.Integer(64, 1, "hidden_size"),
            MaxTokens = file.Integer(128, 3, "max_tokens"),
            Dropout = file.Number("dropout") ?? 0.5,
            Labels = file.Labels(notices),
        };

    /// <summary>Writes the config.json that reads as this, with the calibrated temperature.</summary>
    internal void Write(string path, double temperature)
    {
        JsonObject json = new()
        {
            ["model_type"] = ModelType,
            ["vocab_size"] = VocabularySize,
            ["embedding_size"] = EmbeddingSize,
            ["hidden_size"] = HiddenSize,
            ["max_tokens"] = MaxTokens,
            ["dropout"] = Dropout,
            ["id2label"] = new JsonObject(
                Labels.Select((l, i) => KeyValuePair.Create<string, JsonNode?>($"{i}", JsonValue.Create(l)))
            ),
            ["label2id"] = new JsonObject(
                Labels.Select((l, i) => KeyValuePair.Create<string, JsonNode?>(l, JsonValue.Create(i)))
            ),
            ["whylight"] = new JsonObject { ["temperature"] = temperature },
        };
        File.WriteAllText(
            path,
            json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n"
        );
    }
}
