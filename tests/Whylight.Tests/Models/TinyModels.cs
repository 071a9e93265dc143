using System.Globalization;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Models;

/// <summary>Tiny models with random weights over a few words, for tests that need a network but no knowledge.</summary>
internal static class TinyModels
{
    private static int s_languageModels;

    public static readonly string[] Words =
    [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "the",
        "a",
        "movie",
        "film",
        "was",
        "is",
        "great",
        "good",
        "bad",
        "awful",
        "not",
        "very",
        "and",
        "but",
        "i",
        "loved",
        "hated",
        "it",
        "plot",
        "acting",
        ".",
        ",",
        "!",
        "##s",
        "##ly",
    ];

    public static Tokenizer WordPiece() => WordPieceTokenizer.Create(Words, new WordPieceOptions());

    public static EncoderConfig Config(EncoderFamily family, int layers = 2, int labels = 3) =>
        new()
        {
            Family = family,
            VocabularySize = Words.Length,
            EmbeddingSize = family == EncoderFamily.Electra ? 12 : 16,
            HiddenSize = 16,
            Layers = layers,
            Heads = 4,
            IntermediateSize = 24,
            MaxPositions = 40,
            TypeVocabularySize = family == EncoderFamily.DistilBert ? 0 : 2,
            PadTokenId = 0,
            Labels = [.. Enumerable.Range(0, labels).Select(i => $"L{i}")],
            // Wide enough that answers differ by much more than rounding.
            InitializerRange = 0.15,
        };

    /// <summary>A classifier; the weights are made on the scheduler's thread.</summary>
    public static async Task<TransformerClassifier> ClassifierAsync(
        EncoderFamily family,
        ulong seed = 1,
        InferenceScheduler? scheduler = null,
        int layers = 2
    )
    {
        EncoderConfig config = Config(family, layers);
        EncoderNetwork network = await (scheduler ?? InferenceScheduler.Shared).RunAsync(
            WorkPriority.Batch,
            _ => EncoderNetwork.Create(config, seed),
            TestContext.Current.CancellationToken
        );
        ModelInfo info = new()
        {
            Name = $"tiny-{config.ModelType}",
            Family = config.ModelType,
            // Caches tell models apart by their hash.
            Hash = Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(
                    System.Text.Encoding.UTF8.GetBytes($"{config.ModelType} {seed} {layers}")
                )
            ),
            Labels = config.Labels,
            MaxTokens = config.MaxTokens,
        };
        return new TransformerClassifier(info, network, WordPiece(), scheduler);
    }

    public static Gpt2Config Gpt2() =>
        new()
        {
            VocabularySize = Words.Length,
            HiddenSize = 16,
            Layers = 2,
            Heads = 4,
            InnerSize = 24,
            MaxPositions = 40,
            InitializerRange = 0.15,
            BosTokenId = 2,
            EosTokenIds = [3],
        };

    public static LlamaConfig Llama() =>
        new()
        {
            VocabularySize = Words.Length,
            HiddenSize = 16,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            HeadWidth = 4,
            IntermediateSize = 24,
            MaxPositions = 40,
            InitializerRange = 0.15,
            BosTokenId = 2,
            EosTokenIds = [3],
        };

    /// <summary>A language model; the weights are made on the scheduler's thread.</summary>
    public static async Task<CausalLanguageModel> LanguageModelAsync(
        Func<DecoderNetwork> create,
        InferenceScheduler? scheduler = null
    )
    {
        DecoderNetwork network = await (scheduler ?? InferenceScheduler.Shared).RunAsync(
            WorkPriority.Batch,
            _ => create(),
            TestContext.Current.CancellationToken
        );
        ModelInfo info = new()
        {
            Name = "tiny-lm",
            Family = network is Gpt2Network ? "gpt2" : "llama",
            // Caches tell models apart by their hash, and the weights differ from call to call.
            Hash = Interlocked.Increment(ref s_languageModels).ToString("x64", CultureInfo.InvariantCulture),
            Labels = [],
            MaxTokens = network.MaxPositions,
        };
        return new CausalLanguageModel(info, network, WordPiece(), scheduler);
    }
}
