using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;

namespace Whylight.Benchmarks;

/// <summary>BERT classifiers of given sizes with random weights, and texts of so many words, each one token.</summary>
internal static class SizedModels
{
    private const int Words = 995;

    public static string Text(int words, int seed = 0) =>
        string.Join(' ', Enumerable.Range(0, words).Select(i => $"w{(i * 37 + seed * 101 + 5) % Words}"));

    public static Task<TransformerClassifier> BertAsync(
        int layers,
        int hidden,
        double range = 0.05,
        ulong seed = 1,
        int heads = 0
    )
    {
        EncoderConfig config = new()
        {
            Family = EncoderFamily.Bert,
            VocabularySize = 1000,
            EmbeddingSize = hidden,
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads > 0 ? heads : Math.Max(2, hidden / 64),
            IntermediateSize = 4 * hidden,
            MaxPositions = 160,
            TypeVocabularySize = 2,
            PadTokenId = 0,
            Labels = ["negative", "positive"],
            InitializerRange = range,
        };
        return InferenceScheduler.Shared.RunAsync(
            WorkPriority.Batch,
            _ => new TransformerClassifier(
                new ModelInfo
                {
                    Name = $"{layers}L/{hidden}",
                    Family = "bert",
                    Hash = $"{layers} {hidden} {range} {seed}",
                    Labels = config.Labels,
                    MaxTokens = 160,
                },
                EncoderNetwork.Create(config, seed),
                WordPieceTokenizer.Create([
                    "[PAD]",
                    "[UNK]",
                    "[CLS]",
                    "[SEP]",
                    "[MASK]",
                    .. Enumerable.Range(0, Words).Select(i => $"w{i}"),
                ])
            )
        );
    }
}
