using Whylight.Models;
using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class ModelTrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-training-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private TrainingRequest Request(string family, string output) =>
        new()
        {
            Family = family,
            Name = "tiny",
            Labels = ["negative", "positive"],
            Examples =
            [
                .. Enumerable
                    .Range(0, 120)
                    .Select(i => new TrainingExample(
                        $"the {(i % 2 == 0 ? "dull" : "great")} film number {i} was {(i % 2 == 0 ? "bad" : "good")}",
                        i % 2
                    )),
            ],
            Dev = [new("a great film", 1), new("a dull film", 0), new("so bad", 0)],
            Output = Path.Combine(_folder, output),
            Size = new()
            {
                VocabularySize = 120,
                Width = 16,
                Heads = 2,
                Layers = 1,
                Inner = 16,
                MaxTokens = 24,
            },
            Fit = new()
            {
                Epochs = 4,
                BatchSize = 8,
                LearningRate = 1e-2,
                AverageDecay = 0.9,
                Threads = 1,
            },
            Linear = new() { MinimumCount = 1 },
            Sources = [new("made up", "MIT", "training", 120)],
            Limits = ["Knows four words."],
        };

    [Theory]
    [InlineData("linear")]
    [InlineData("bert")]
    [InlineData("cnn")]
    [InlineData("lstm")]
    public async Task TheSameSeedWritesTheSameBytesAndTheModelLoads(string family)
    {
        TrainingResult result = await ModelTrainer.TrainAsync(Request(family, "a"), null, Cancel);
        await ModelTrainer.TrainAsync(Request(family, "b"), null, Cancel);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_folder, "a")))
        {
            string name = Path.GetFileName(file);
            if (name is not ("card.json" or "README.md"))
            {
                Assert.Equal(
                    await File.ReadAllBytesAsync(file, Cancel),
                    await File.ReadAllBytesAsync(Path.Combine(_folder, "b", name), Cancel)
                );
            }
        }
        using ITextClassifier model = await ModelLoader.LoadAsync(Path.Combine(_folder, "a"), null, Cancel);
        IReadOnlyList<Prediction> answers = await model.PredictAsync(
            ["the great film was good", "the dull film was bad"],
            cancellation: Cancel
        );
        Assert.Equal(["positive", "negative"], answers.Select(a => a.Label));
        Assert.Empty(model.Info.Notices);
        Assert.False(result.Interrupted);
        Assert.Equal(model.Info.Hash, result.Card.Hash);
        Assert.Equal(["held out", "dev"], result.Card.Measures.Select(m => m.Set));
        Assert.Equal(12, result.Card.Measures[0].Examples);
        ModelCard card = ModelCard.Read(Path.Combine(_folder, "a"))!;
        Assert.Equal(result.Card.ToMarkdown(), card.ToMarkdown());
        Assert.Contains("made up | MIT", card.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnInterruptedRunKeepsItsBestAndResumesToTheSameWeights()
    {
        await ModelTrainer.TrainAsync(Request("bert", "whole"), null, Cancel);
        using CancellationTokenSource stop = new();
        Relay progress = new(p =>
        {
            if (p is { Stage: "train", Epoch: 2, HeldOutAccuracy: not null })
            {
                stop.Cancel();
            }
        });
        TrainingRequest request = Request("bert", "parts");
        TrainingResult first = await ModelTrainer.TrainAsync(request, progress, stop.Token);
        Assert.True(first.Interrupted);
        using (ITextClassifier partial = await ModelLoader.LoadAsync(request.Output, null, Cancel))
        {
            Assert.Equal(2, partial.Info.Labels.Count);
        }
        TrainingResult second = await ModelTrainer.TrainAsync(request with { Resume = true }, null, Cancel);
        Assert.False(second.Interrupted);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(_folder, "whole", "model.safetensors"), Cancel),
            await File.ReadAllBytesAsync(Path.Combine(_folder, "parts", "model.safetensors"), Cancel)
        );
        Assert.False(Directory.Exists(Path.Combine(request.Output, ".training")));
    }

    [Fact]
    public async Task PretrainingTeachersEditsAndStabilityAllTakePart()
    {
        await ModelTrainer.TrainAsync(Request("linear", "teacher"), null, Cancel);
        using ITextClassifier teacher = await ModelLoader.LoadAsync(Path.Combine(_folder, "teacher"), null, Cancel);
        TrainingRequest plain = Request("bert", "plain") with { Fit = Request("bert", "x").Fit! with { Epochs = 1 } };
        await ModelTrainer.TrainAsync(plain, null, Cancel);
        byte[] without = await File.ReadAllBytesAsync(Path.Combine(plain.Output, "model.safetensors"), Cancel);
        TrainingRequest[] variants =
        [
            plain with
            {
                Output = Path.Combine(_folder, "taught"),
                Teachers = [teacher],
            },
            plain with
            {
                Output = Path.Combine(_folder, "pretrained"),
                Unlabelled = ["the film number 3 was good", "the great film was dull and long and bad"],
                PretrainEpochs = 1,
            },
            plain with
            {
                Output = Path.Combine(_folder, "augmented"),
                Augment = ["swap_adjacent", "keyboard_typo"],
            },
            plain with
            {
                Output = Path.Combine(_folder, "stable"),
                Stability = 1,
            },
        ];
        foreach (TrainingRequest variant in variants)
        {
            TrainingResult result = await ModelTrainer.TrainAsync(variant, null, Cancel);
            byte[] with = await File.ReadAllBytesAsync(Path.Combine(variant.Output, "model.safetensors"), Cancel);
            Assert.NotEqual(without, with);
            Assert.True(double.IsFinite(result.Card.Measures[0].LogLoss));
        }
    }

    [Fact]
    public async Task WhatCannotBeTrainedIsRefusedInOneSentence()
    {
        TrainingRequest request = Request("bert", "none");
        ModelException family = await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(request with { Family = "forest" }, null, Cancel)
        );
        Assert.Equal("family 'forest' cannot be trained; families: linear, cnn, lstm, bert, lm", family.Message);
        await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(request with { Labels = ["one"] }, null, Cancel)
        );
        await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(request with { Examples = [new("a", 0)] }, null, Cancel)
        );
    }

    private sealed class Relay(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }
}
