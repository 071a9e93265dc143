using System.Text;
using Whylight.Documents;
using Whylight.Models;
using Whylight.Models.Training;
using Whylight.Tests.CommandLine;

namespace Whylight.Tests.Training;

public sealed class LanguageModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-lm-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private TrainingRequest Request(string folder) =>
        new()
        {
            Family = "lm",
            Name = "tiny",
            Labels = [],
            Examples = [],
            Unlabelled = [.. Enumerable.Range(0, 80).Select(i => $"the film number {i} was good and long, so long")],
            ReportTexts = [new("dev", "the film number 99 was good and long"), new("other", "a bad book")],
            Output = Path.Combine(_folder, folder),
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
                BatchSize = 4,
                LearningRate = 1e-2,
                AverageDecay = 0.9,
                Dropout = 0.1,
                Orthogonal = true,
                Threads = 1,
            },
            Sources = [new("made up", "MIT", "training", 80)],
            Limits = ["It knows one sentence."],
        };

    [Fact]
    public async Task ALanguageModelLearnsIsReproducibleAndLoads()
    {
        TrainingRequest request = Request("a");
        TrainingResult first = await ModelTrainer.TrainAsync(request, null, Cancel);
        TrainingResult second = await ModelTrainer.TrainAsync(Request("b"), null, Cancel);
        Assert.False(first.Interrupted);
        foreach (string file in new[] { "model.safetensors", "vocab.json", "merges.txt", "config.json" })
        {
            Assert.Equal(
                await File.ReadAllBytesAsync(Path.Combine(_folder, "a", file), Cancel),
                await File.ReadAllBytesAsync(Path.Combine(_folder, "b", file), Cancel)
            );
        }
        Assert.Equal(first.Card.Hash, second.Card.Hash);
        LanguageMeasures[] measures = [.. first.Card.Language!];
        Assert.Equal(["held out", "dev", "other"], measures.Select(m => m.Set));
        Assert.Equal([8, 1, 1], measures.Select(m => m.Texts));
        // Untrained, a byte would cost about log2(300) bits for each token of one to three bytes.
        Assert.InRange(measures[0].BitsPerByte, 0.01, 1.5);
        Assert.True(measures[2].BitsPerByte > measures[0].BitsPerByte);
        Assert.Null(measures[1].GainInterval);
        ModelCard card = ModelCard.Read(request.Output)!;
        Assert.Equal(first.Card.ToMarkdown(), card.ToMarkdown());
        Assert.Contains("| made up | MIT | training | 80 |", card.ToMarkdown(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(request.Output, ".training")));

        using IModel model = await ModelLoader.LoadAnyAsync(request.Output, null, Cancel);
        Assert.Equal("llama", model.Info.Family);
        Assert.Empty(model.Info.Notices);
        // What the card says of a text is what anyone gets who asks the model for its tokens.
        ScoredText scored = (
            await ((ICausalLanguageModel)model).ScoreAsync(["a bad book"], 0, WorkPriority.Batch, Cancel)
        )[0];
        Assert.True(scored.Tokens[0].Token.Special);
        double bits = -scored.Tokens.Sum(t => t.LogProbability ?? 0) / Math.Log(2);
        Assert.Equal(bits / 10, measures[2].BitsPerByte, 5);
        Assert.Equal(scored.Tokens.Count - 1, measures[2].Tokens);
    }

    [Fact]
    public async Task AnotherSeedGivesAnotherModel()
    {
        TrainingRequest request = Request("a") with { Fit = Request("a").Fit! with { Epochs = 1 } };
        TrainingResult first = await ModelTrainer.TrainAsync(request, null, Cancel);
        TrainingResult second = await ModelTrainer.TrainAsync(request with { Seed = 2 }, null, Cancel);
        Assert.NotEqual(first.Card.Hash, second.Card.Hash);
    }

    [Fact]
    public async Task AnInterruptedRunKeepsItsBestAndResumesToTheSameWeights()
    {
        await ModelTrainer.TrainAsync(Request("whole"), null, Cancel);
        using CancellationTokenSource stop = new();
        Relay progress = new(p =>
        {
            if (p is { Stage: "train", Epoch: 2, HeldOutBits: not null })
            {
                stop.Cancel();
            }
        });
        TrainingRequest request = Request("parts");
        TrainingResult first = await ModelTrainer.TrainAsync(request, progress, stop.Token);
        Assert.True(first.Interrupted);
        using (IModel partial = await ModelLoader.LoadAnyAsync(request.Output, null, Cancel))
        {
            Assert.Equal(first.Card.Hash, partial.Info.Hash);
        }
        TrainingResult second = await ModelTrainer.TrainAsync(request with { Resume = true }, null, Cancel);
        Assert.False(second.Interrupted);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(_folder, "whole", "model.safetensors"), Cancel),
            await File.ReadAllBytesAsync(Path.Combine(_folder, "parts", "model.safetensors"), Cancel)
        );
    }

    [Fact]
    public async Task TrainingStopsWhenHeldOutTextIsForetoldNoBetter()
    {
        List<double> held = [];
        int last = 0;
        Relay progress = new(p =>
        {
            last = Math.Max(last, p.Epoch);
            if (p.HeldOutBits is { } bits)
            {
                held.Add(bits);
            }
        });
        TrainingRequest request = Request("a");
        await ModelTrainer.TrainAsync(
            request with
            {
                // Nonsense cannot be foretold: the more of it is known by heart, the worse.
                Unlabelled =
                [
                    .. Enumerable.Range(0, 40).Select(i => $"{i * 7919 % 1000} {i * 104729 % 997} {i * 31 % 91}"),
                ],
                Fit = request.Fit! with { Epochs = 200, LearningRate = 3e-2, Dropout = 0, Patience = 2 },
            },
            progress,
            Cancel
        );
        Assert.InRange(last, 3, 150);
        Assert.Equal(last, held.Count);
        Assert.Equal(held.Min(), held[^3]);
    }

    [Fact]
    public async Task WhatMeansNothingForALanguageModelIsRefused()
    {
        await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(Request("a") with { Stability = 1 }, null, Cancel)
        );
        ModelException few = await Assert.ThrowsAsync<ModelException>(() =>
            ModelTrainer.TrainAsync(Request("a") with { Unlabelled = ["one text", "one text"] }, null, Cancel)
        );
        Assert.Contains("give more", few.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCommandTrainsFromDatasetsAndPlainText()
    {
        string table = Path.Combine(_folder, "reviews.tsv");
        string prose = Path.Combine(_folder, "prose.txt");
        string output = Path.Combine(_folder, "mine");
        await File.WriteAllTextAsync(
            table,
            "Sentiment\tText\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"Negative\tFilm {i} was dull.\n")),
            Cancel
        );
        await File.WriteAllTextAsync(
            prose,
            string.Join("\n\n", Enumerable.Range(0, 10).Select(i => $"A story of {i}\nfriends and a dog.")),
            Cancel
        );
        Command trained = await Command.RunAsync(
            "",
            [
                "train",
                "--family",
                "lm",
                "--dataset",
                table,
                "--dataset",
                prose,
                "--dev",
                prose,
                "--output",
                output,
                "--epochs",
                "1",
            ]
        );
        Assert.Equal(
            "",
            string.Join(
                '\n',
                trained.Error.Split('\n').Where(line => line.StartsWith("whylight", StringComparison.Ordinal))
            )
        );
        Assert.Equal(0, trained.ExitCode);
        Assert.Contains("bits a byte", trained.Error, StringComparison.Ordinal);
        Assert.StartsWith("# mine\n\nFamily lm; a causal language model;", trained.Out, StringComparison.Ordinal);
        // All ten paragraphs are in the file that only reports, so none of them is learnt from.
        Assert.Contains("10 were left out of both", trained.Out, StringComparison.Ordinal);
        Assert.Contains("| dev | 10 |", trained.Out, StringComparison.Ordinal);
        Command predicted = await Command.RunAsync(
            "",
            ["predict", "--model", output, "--text", "Film 3 was", "--format", "json"]
        );
        Assert.Equal(0, predicted.ExitCode);
        Assert.Contains("\"logProb\"", predicted.Out, StringComparison.Ordinal);
        Command refused = await Command.RunAsync(
            "",
            ["train", "--family", "lm", "--dataset", table, "--output", output, "--stability", "1"]
        );
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--stability is for classifiers", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheShippedModelBeatsTheFiveGramsAndAnswersAsItDid()
    {
        using IModel loaded = await ModelLoader.LoadAnyAsync("builtin:lm", null, Cancel);
        Assert.Empty(loaded.Info.Notices);
        ModelCard card = ModelCard.Read(Path.Combine(AppContext.BaseDirectory, "Shipped", "lm"))!;
        Assert.Equal(loaded.Info.Hash, card.Hash);
        LanguageMeasures dev = Assert.Single(card.Language!, m => m.Set == "CAD-IMDb dev, original");
        Assert.True(dev.BitsPerByte < dev.WittenBell && dev.BitsPerByte < dev.KneserNey);
        Assert.True(dev.GainInterval![0] > 0);

        ICausalLanguageModel model = (ICausalLanguageModel)loaded;
        ScoredText scored = (await model.ScoreAsync(["This movie was not good."], 1, WorkPriority.Batch, Cancel))[0];
        Assert.Equal(["This", "Ġmovie", "Ġwas", "Ġnot", "Ġgood", "."], scored.Tokens.Skip(1).Select(t => t.Token.Text));
        double[] expected = [-2.39806, -1.34219, -1.98595, -3.26312, -3.46452, -0.70464];
        Assert.All(
            scored.Tokens.Skip(1).Zip(expected),
            pair => Assert.Equal(pair.Second, pair.First.LogProbability!.Value, 3)
        );
        GeneratedText generated = await model.GenerateAsync("I saw this", 8, WorkPriority.Batch, Cancel);
        Assert.Equal(" movie at a time and I was expecting", generated.Text);
    }

    [Fact]
    public async Task TheShippedModelForetellsReviewsItNeverSawAsItsCardSays()
    {
        string dev = Shared.Require("data/cad-imdb/orig/dev.tsv");
        using IModel loaded = await ModelLoader.LoadAnyAsync("builtin:lm", null, Cancel);
        ICausalLanguageModel model = (ICausalLanguageModel)loaded;
        // Short enough to be read in one window.
        string[] texts =
        [
            .. DocumentReader
                .ReadFile(dev, new() { TextColumn = "Text" }, Cancel)
                .Examples.Select(e => e.Text.Trim())
                .Where(text => model.Tokenize(text).TruncatedAt is null)
                .Take(40),
        ];
        IReadOnlyList<ScoredText> scored = await model.ScoreAsync(texts, 0, WorkPriority.Batch, Cancel);
        double nats = -scored.Sum(text => text.Tokens.Sum(t => t.LogProbability ?? 0));
        double bits = nats / Math.Log(2) / texts.Sum(Encoding.UTF8.GetByteCount);
        ModelCard card = ModelCard.Read(Path.Combine(AppContext.BaseDirectory, "Shipped", "lm"))!;
        double all = card.Language!.Single(m => m.Set == "CAD-IMDb dev, original").BitsPerByte;
        Assert.InRange(bits, all - 0.1, all + 0.1);
    }

    [Fact]
    public async Task TheShippedModelAnswersPromptsWithChoices()
    {
        string folder = Path.Combine(_folder, "workspace");
        Directory.CreateDirectory(folder);
        string prompt = Path.Combine(folder, "a.prompt.md");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "whylight.yaml"),
            "version: 1\nfiles:\n  - {glob: \"*.prompt.md\", model: builtin:lm, choices: [good, bad]}\n",
            Cancel
        );
        await File.WriteAllTextAsync(prompt, "One of the worst movies I have ever seen. It is really", Cancel);
        Command predicted = await Command.RunAsync("", ["predict", prompt]);
        Assert.Equal("", predicted.Error);
        Assert.StartsWith("bad ", predicted.Out, StringComparison.Ordinal);
        Command explained = await Command.RunAsync(
            "",
            ["explain", prompt, "--method", "shapley", "--budget", "64", "--format", "json"]
        );
        Assert.Equal(0, explained.ExitCode);
        Assert.Contains("\"target\": \"bad\"", explained.Out, StringComparison.Ordinal);
        foreach (string verb in new[] { "predict", "explain" })
        {
            Command direct = await Command.RunAsync("", [verb, "--model", "builtin:lm", "--text", "This movie was"]);
            Assert.Equal(0, direct.ExitCode);
        }
    }

    private sealed class Relay(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
