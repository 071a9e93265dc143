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

    [Theory]
    [InlineData("linear", 0)]
    [InlineData("bert", 0.5)]
    public async Task TheCardSaysWhatAugmentationChangedUnderOtherEdits(string family, double stability)
    {
        TrainingRequest request = Request(family, "augmented") with
        {
            Augment = ["swap_adjacent", "keyboard_typo"],
            Stability = stability,
        };
        TrainingResult result = await ModelTrainer.TrainAsync(request, null, Cancel);
        TrainingEffect effect = result.Card.Effect!;
        Assert.Equal(3, effect.Texts);
        List<string> measures =
        [
            "accuracy",
            "flip rate, any of the 8 below",
            "flip rate, casing",
            "flip rate, punctuation",
            "flip rate, contraction",
            "flip rate, whitespace",
            "flip rate, drop_char",
            "flip rate, repeat_char",
            "flip rate, homoglyph",
            "flip rate, zero_width",
        ];
        if (family == "bert")
        {
            measures.Add("attribution change under noise");
        }
        Assert.Equal(measures, effect.Changes.Select(c => c.Measure));
        Assert.All(effect.Changes, c => Assert.Equal(c.With - c.Without, c.Difference, 12));
        Assert.Equal(result.Card.Measures[1].Accuracy, effect.Changes[0].With);
        Assert.Contains(
            "## What --augment swap_adjacent keyboard_typo",
            result.Card.ToMarkdown(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            Directory.EnumerateDirectories(request.Output),
            d => d.Contains("/.", StringComparison.Ordinal)
        );

        // Compared with a model that is already there, the figures are the same and nothing is trained twice.
        await ModelTrainer.TrainAsync(Request(family, "plain"), null, Cancel);
        TrainingResult again = await ModelTrainer.TrainAsync(
            request with
            {
                Output = Path.Combine(_folder, "again"),
                Against = Path.Combine(_folder, "plain"),
            },
            null,
            Cancel
        );
        Assert.Equal(
            effect.Changes,
            again.Card.Effect!.Changes,
            (a, b) => a.Measure == b.Measure && a.Difference == b.Difference
        );
    }

    [Fact]
    public async Task AnEnsembleTeachesAndLeavesNothingBehind()
    {
        TrainingRequest request = Request("bert", "student") with
        {
            Ensemble = [Request("linear", "unused"), Request("cnn", "unused") with { Seed = 2 }],
            Recombined = 20,
            Transfer = ["a good film"],
            TeacherShare = 0.9,
        };
        TrainingResult first = await ModelTrainer.TrainAsync(request, null, Cancel);
        Assert.Contains(
            "0.9 of each target from the mean of linear with seed 1729",
            first.Card.Settings,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(Path.Combine(_folder, "unused")));
        Assert.Empty(Directory.EnumerateDirectories(request.Output));
        TrainingResult second = await ModelTrainer.TrainAsync(
            request with
            {
                Output = Path.Combine(_folder, "2"),
            },
            null,
            Cancel
        );
        Assert.Equal(first.Card.Hash, second.Card.Hash);
    }

    [Fact]
    public async Task ATeacherMayOrderTheLabelsOtherwise()
    {
        await ModelTrainer.TrainAsync(Request("linear", "teacher"), null, Cancel);
        using ITextClassifier teacher = await ModelLoader.LoadAsync(Path.Combine(_folder, "teacher"), null, Cancel);
        TrainingRequest turned = Request("linear", "turned");
        turned = turned with
        {
            Labels = ["positive", "negative"],
            Examples = [.. turned.Examples.Select(e => e with { Label = 1 - e.Label })],
            Dev = [.. turned.Dev.Select(e => e with { Label = 1 - e.Label })],
            Teachers = [teacher],
            TeacherShare = 1,
        };
        TrainingResult result = await ModelTrainer.TrainAsync(turned, null, Cancel);
        Assert.Equal(1, result.Card.Measures[0].Accuracy);
        ModelException refused = await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(turned with { Labels = ["positive", "neutral"] }, null, Cancel)
        );
        Assert.Contains(
            "has the labels negative, positive, not positive, neutral",
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task ARunIsNotTakenUpByAnotherOneOfOtherTexts()
    {
        TrainingRequest request = Request("cnn", "parts");
        using CancellationTokenSource stop = new();
        Relay progress = new(p =>
        {
            if (p is { Stage: "train", Epoch: 2, HeldOutAccuracy: not null })
            {
                stop.Cancel();
            }
        });
        Assert.True((await ModelTrainer.TrainAsync(request, progress, stop.Token)).Interrupted);
        TrainingRequest other = request with
        {
            Examples =
            [
                .. request.Examples.Select(e =>
                    e with
                    {
                        Text = e.Text.Replace("film", "play", StringComparison.Ordinal),
                    }
                ),
            ],
        };
        TrainingResult resumed = await ModelTrainer.TrainAsync(other with { Resume = true }, null, Cancel);
        TrainingResult fresh = await ModelTrainer.TrainAsync(
            other with
            {
                Output = Path.Combine(_folder, "new"),
            },
            null,
            Cancel
        );
        Assert.Equal(fresh.Card.Hash, resumed.Card.Hash);
    }

    [Fact]
    public async Task CrossValidationReportsOnEverySetTextOnce()
    {
        TrainingRequest request = Request("linear", "folds");
        request = request with
        {
            Examples =
            [
                .. request.Examples.Select(
                    (e, i) =>
                        e with
                        {
                            Set =
                                i < 80 ? "films"
                                : i % 2 == 0 ? "calm"
                                : null,
                        }
                ),
            ],
            Dev = [],
            Folds = 4,
            FalseAlarmSet = "calm",
            Baseline = new("a word", text => text.Contains("great", StringComparison.Ordinal) ? 1 : 0),
        };
        TrainingResult result = await ModelTrainer.TrainAsync(request, null, Cancel);
        Assert.Equal(["held out", "films, 4 folds"], result.Card.Measures.Select(m => m.Set));
        Assert.Equal(80, result.Card.Measures[1].Examples);
        Assert.Equal(80, result.Card.Flips!.Texts);
        Assert.Equal((20, 0), (result.Card.FalseAlarms!.Texts, result.Card.FalseAlarms.Alarms));
        Assert.Equal(80, Assert.Single(result.Card.Comparisons).Texts);
        Assert.Empty(Directory.EnumerateDirectories(request.Output));
    }

    [Fact]
    public async Task WhatCannotBeTrainedIsRefusedInOneSentence()
    {
        TrainingRequest request = Request("bert", "none");
        ModelException family = await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(request with { Family = "forest" }, null, Cancel)
        );
        Assert.Equal("family 'forest' cannot be trained; families: linear, cnn, lstm, bert, lm", family.Message);
        (TrainingRequest Request, string Says)[] cases =
        [
            (request with { Family = "berd" }, "(did you mean 'bert'?)"),
            (
                request with
                {
                    Labels = ["one"],
                },
                "all 120 examples have the label 'one': a classifier needs at least two labels"
            ),
            (request with { Examples = [] }, "no row has both a text and a label"),
            (request with { Examples = [new("a", 0)] }, "give more"),
            (request with { Augment = ["swap_adjacnt"] }, "(did you mean 'swap_adjacent'?)"),
            (request with { Augment = ["prepend"] }, "texts cannot be augmented with 'prepend'"),
            (request with { Stability = -1 }, "is 0 or more"),
            (request with { Stability = double.NaN }, "is 0 or more"),
            (request with { Family = "linear", Stability = 1 }, "attribution stability is for networks"),
            (request with { Family = "lstm", Unlabelled = ["a film"] }, "only bert reads texts without labels"),
        ];
        foreach ((TrainingRequest wrong, string says) in cases)
        {
            ModelException refused = await Assert.ThrowsAsync<ModelException>(() =>
                ModelTrainer.TrainAsync(wrong, null, Cancel)
            );
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        }
    }

    private sealed class Relay(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }
}
