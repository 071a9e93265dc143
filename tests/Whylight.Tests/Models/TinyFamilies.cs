using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Training;

namespace Whylight.Tests.Models;

/// <summary>One tiny classifier with random weights of every family, over the words of <see cref="TinyModels"/>.</summary>
internal static class TinyFamilies
{
    /// <summary>Every family; the causal language models classify by choices.</summary>
    public static readonly string[] Names =
    [
        "linear",
        "cnn",
        "lstm",
        "bert",
        "distilbert",
        "roberta",
        "electra",
        "gpt2",
        "llama",
    ];

    /// <summary>The families whose graph can be asked for gradients.</summary>
    public static readonly string[] Networks = [.. Names.Except(["linear"])];

    /// <summary>A text of some of the vocabulary's words, drawn by a generator.</summary>
    public static string Text(Random random, int words) =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => TinyModels.Words[5 + random.Next(20)]));

    public static async Task<ITextClassifier> MakeAsync(string family, ulong seed = 1)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        switch (family)
        {
            case "linear":
                return Linear(seed);
            case "cnn" or "lstm":
                SequenceConfig config = new()
                {
                    ModelType = family == "cnn" ? SequenceConfig.Convolutional : SequenceConfig.Recurrent,
                    VocabularySize = TinyModels.Words.Length,
                    EmbeddingSize = 8,
                    HiddenSize = 12,
                    MaxTokens = 200,
                    Labels = ["L0", "L1", "L2"],
                };
                SequenceNetwork network = await InferenceScheduler.Shared.RunAsync(
                    WorkPriority.Batch,
                    _ =>
                    {
                        SequenceNetwork made = SequenceNetwork.Create(config, seed);
                        using IDisposable noGradient = torch.no_grad();
                        foreach (torch.Tensor weight in made.Parameters.Select(p => p.Value))
                        {
                            weight.mul_(6);
                        }
                        return made;
                    },
                    cancellation
                );
                return new SequenceClassifier(
                    Info(family, seed, 200),
                    network,
                    TinyModels.WordPiece(),
                    InferenceScheduler.Shared
                );
            case "gpt2" or "llama":
                CausalLanguageModel model = await TinyModels.LanguageModelAsync(() =>
                    family == "gpt2"
                        ? Gpt2Network.Create(TinyModels.Gpt2(), seed)
                        : LlamaNetwork.Create(TinyModels.Llama(), seed)
                );
                return await ChoiceClassifier.CreateAsync(
                    model,
                    ["good", "very bad", "awful"],
                    new ChoiceScoring { ContentFreePrompt = seed % 2 == 0 ? "the" : null },
                    cancellation
                );
            default:
                return await TinyModels.ClassifierAsync(
                    family switch
                    {
                        "bert" => EncoderFamily.Bert,
                        "distilbert" => EncoderFamily.DistilBert,
                        "roberta" => EncoderFamily.Roberta,
                        "electra" => EncoderFamily.Electra,
                        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "no such family"),
                    },
                    seed
                );
        }
    }

    /// <summary>A linear model, its weights changed if a change is given.</summary>
    public static LinearClassifier Linear(ulong seed, Func<float, float>? change = null)
    {
        Random random = new Whylight.Measures.SeededRandom(seed);
        TrainingExample[] examples =
        [
            .. Enumerable.Range(0, 80).Select(i => new TrainingExample(Text(random, 4 + random.Next(6)), i % 3)),
        ];
        LinearModel model = LinearTrainer.Fit(
            examples,
            3,
            new LinearSettings { MinimumCount = 1 },
            natural: false,
            TestContext.Current.CancellationToken
        );
        foreach (float[] weights in model.Weights)
        {
            for (int i = 0; change is not null && i < weights.Length; i++)
            {
                weights[i] = change(weights[i]);
            }
        }
        return new LinearClassifier(Info("linear", seed, int.MaxValue), model);
    }

    private static ModelInfo Info(string family, ulong seed, int maxTokens) =>
        new()
        {
            Name = $"tiny-{family}",
            Family = family,
            Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"tiny {family} {seed}"))),
            Labels = ["L0", "L1", "L2"],
            MaxTokens = maxTokens,
        };
}
