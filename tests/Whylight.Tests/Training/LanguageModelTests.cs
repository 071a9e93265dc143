using Whylight.Models;
using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class LanguageModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-lm-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void NgramProbabilitiesSumToOneAndFollowTheCounts()
    {
        NgramModel model = new(
            [
                [0, 1, 2, 3, 1, 2, 3, 1, 2],
                [0, 1, 2, 4],
            ],
            vocabulary: 6
        );
        int[][] contexts =
        [
            [1, 2, 0],
            [3, 1, 0],
            [5, 5, 0],
            [4, 4, 0],
        ];
        foreach (int[] context in contexts)
        {
            double sum = 0;
            for (int id = 0; id < 6; id++)
            {
                double p = model.Probability([context[0], context[1], id], 2);
                Assert.InRange(p, 1e-6, 1);
                sum += p;
            }
            Assert.Equal(1, sum, 12);
        }
        Assert.True(model.Probability([3, 1, 2], 2) > 0.6);
        Assert.True(model.Probability([1, 2, 3], 2) > model.Probability([1, 2, 4], 2));
    }

    [Fact]
    public async Task ALanguageModelLearnsIsReproducibleAndLoads()
    {
        TrainingRequest request = new()
        {
            Family = "lm",
            Name = "tiny",
            Labels = [],
            Examples = [],
            Unlabelled = [.. Enumerable.Range(0, 80).Select(i => $"the film number {i} was good and long, so long")],
            Dev = [new("the film number 7 was good and long, so long", 0)],
            Output = Path.Combine(_folder, "a"),
            Size = new()
            {
                VocabularySize = 300,
                Width = 16,
                Layers = 1,
                Heads = 2,
                Inner = 32,
                MaxTokens = 32,
            },
            Fit = new()
            {
                Epochs = 6,
                BatchSize = 8,
                LearningRate = 1e-2,
                AverageDecay = 0.9,
                Threads = 1,
            },
        };
        LanguageModelResult first = await LanguageModelTrainer.TrainAsync(request, null, Cancel);
        LanguageModelResult second = await LanguageModelTrainer.TrainAsync(
            request with
            {
                Output = Path.Combine(_folder, "b"),
            },
            null,
            Cancel
        );
        Assert.Equal(first, second);
        // Untrained, a byte would cost about log2(300) bits for each token of one to three bytes.
        Assert.InRange(first.BitsPerByte, 0.01, 2.5);
        Assert.InRange(first.NgramBitsPerByte, 0.01, 2.5);
        using IModel model = await ModelLoader.LoadAnyAsync(request.Output, null, Cancel);
        Assert.Equal("gpt2", model.Info.Family);
        Assert.Empty(model.Info.Notices);
    }

    [Fact]
    public async Task TheLadderPutsModelsSideBySide()
    {
        TrainingExample[] dev = [new("a great film", 1), new("a dull film", 0), new("bad", 0), new("good", 1)];
        TrainingRequest request = new()
        {
            Family = "linear",
            Name = "tiny",
            Labels = ["negative", "positive"],
            Examples =
            [
                .. Enumerable
                    .Range(0, 60)
                    .Select(i => new TrainingExample($"{(i % 2 == 0 ? "dull" : "great")} film {i}", i % 2)),
            ],
            Output = Path.Combine(_folder, "linear"),
            Linear = new() { MinimumCount = 1 },
        };
        await ModelTrainer.TrainAsync(request, null, Cancel);
        using StringWriter table = new();
        await LadderReport.WriteAsync([request.Output, request.Output], "four texts", dev, 1, table, Cancel);
        string[] lines = table.ToString().Split('\n');
        Assert.Equal(
            2,
            lines.Count(line => line.StartsWith($"| {request.Output} | linear |", StringComparison.Ordinal))
        );
        Assert.Contains("exact McNemar p = 1.", table.ToString(), StringComparison.Ordinal);
    }
}
