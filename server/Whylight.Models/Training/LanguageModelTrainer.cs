using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Whylight.Measures;
using Whylight.Models.Checkpoints;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>Trains a small LLaMA with a byte-level vocabulary of its own, and writes it with its card.</summary>
public static class LanguageModelTrainer
{
    private const string End = "<|endoftext|>";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions s_vocabulary = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Sizes where a request names none: two million weights, which a minute a megabyte and pass can train.</summary>
    public static NetworkSize DefaultSize { get; } =
        new()
        {
            VocabularySize = 4000,
            Width = 192,
            Layers = 3,
            Heads = 3,
            Inner = 512,
            MaxTokens = 256,
        };

    /// <summary>How long and how hard where a request does not say.</summary>
    public static FitSettings DefaultFit { get; } =
        new()
        {
            Epochs = 8,
            BatchSize = 16,
            LearningRate = 5e-3,
            Dropout = 0.15,
            WeightDecay = 0.1,
            AverageDecay = 0.98,
            Orthogonal = true,
        };

    /// <summary>Trains on <see cref="TrainingRequest.Unlabelled"/>; <see cref="TrainingRequest.ReportTexts"/> only report.</summary>
    /// <param name="request">What to train; family lm.</param>
    /// <param name="progress">Told as training goes on.</param>
    /// <param name="cancellation">Ends training after the current step; what was best by then is written.</param>
    /// <exception cref="ModelException">There is no text to learn from, or none to hold out.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before there was anything to write.</exception>
    internal static async Task<TrainingResult> TrainAsync(
        TrainingRequest request,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        Stopwatch watch = Stopwatch.StartNew();
        NetworkSize size = request.Size ?? DefaultSize;
        FitSettings settings = request.Fit ?? DefaultFit;
        progress?.Report(new("vocabulary", 0, 0, 0));
        TextSplit split = TextSplit.Of(
            [.. request.Unlabelled.Where(text => !string.IsNullOrWhiteSpace(text))],
            [.. request.ReportTexts.Select(r => r.Text)],
            request.HoldOutShare,
            request.Seed
        );
        BytePairVocabulary vocabulary = await Task.Run(
            () => BytePairTrainer.Train(split.Training, size.VocabularySize, cancellation: cancellation),
            cancellation
        );
        WriteTokenizer(request.Output, vocabulary, size.MaxTokens);
        Tokenizer tokenizer = TokenizerLoader.Load(request.Output);
        int end = vocabulary.Tokens.Count - 1;
        LlamaConfig config = new()
        {
            VocabularySize = vocabulary.Tokens.Count,
            HiddenSize = size.Width,
            Layers = size.Layers,
            Heads = size.Heads,
            KeyValueHeads = size.Heads,
            HeadWidth = size.Width / size.Heads,
            IntermediateSize = size.Inner,
            MaxPositions = size.MaxTokens,
            TieWordEmbeddings = true,
            BosTokenId = end,
            EosTokenIds = [end],
        };
        await File.WriteAllTextAsync(
            Path.Combine(request.Output, "config.json"),
            config.ToJson().ToJsonString(s_json) + "\n",
            CancellationToken.None
        );
        // What opens a text is what closes one.
        int[] Open(string text) => [.. tokenizer.Encode(text).Tokens.Select(t => t.Id)];
        List<int[]> training = [.. split.Training.Select(text => (int[])[.. Open(text), end])];
        List<int[]> held = [.. split.Held.Select(Open)];
        using LlamaNetwork network = await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () => LlamaNetwork.Create(config, SeededRandom.Derive((ulong)request.Seed, "weights") >> 1)
        );
        FitCheckpoint checkpoint = new(
            Path.Combine(request.Output, ".training"),
            $"lm {request.Seed} {size} {settings} {training.Count} {training.Sum(d => (long)d.Length)}"
        );
        if (!request.Resume)
        {
            checkpoint.Delete();
        }
        CausalLanguageFit.Result fit = await new CausalLanguageFit(
            network,
            settings,
            size.MaxTokens,
            request.Seed,
            InferenceScheduler.Shared
        ).RunAsync(training, held, Bytes(split.Held).Sum(b => (long)b), checkpoint, progress, cancellation);
        await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () =>
            {
                SafetensorsWriter.Write(
                    Path.Combine(request.Output, "model.safetensors"),
                    network.Parameters,
                    ScalarType.Float16
                );
                return true;
            }
        );
        if (!fit.Interrupted)
        {
            checkpoint.Delete();
        }
        double seconds = watch.Elapsed.TotalSeconds;
        progress?.Report(new("report", 0, 0, 0));
        List<(string Set, string[] Texts)> sets =
        [
            ("held out", [.. split.Held]),
            .. request.ReportTexts.GroupBy(r => r.Set).Select(g => (g.Key, g.Select(r => r.Text).ToArray())),
        ];
        ModelCard card = await MeasureAsync(
            request with
            {
                Size = size,
                Fit = settings,
            },
            split,
            training,
            sets,
            seconds
        );
        card.Write(request.Output);
        return new TrainingResult(card, fit.Interrupted);
    }

    // Loads the written model again, half-precision weights and all, and measures it.
    private static async Task<ModelCard> MeasureAsync(
        TrainingRequest request,
        TextSplit split,
        List<int[]> training,
        List<(string Set, string[] Texts)> sets,
        double seconds
    )
    {
        Stopwatch load = Stopwatch.StartNew();
        using IModel loaded = await ModelLoader.LoadAnyAsync(request.Output, null, CancellationToken.None);
        double loadMilliseconds = load.Elapsed.TotalMilliseconds;
        ICausalLanguageModel model = (ICausalLanguageModel)loaded;
        LlamaNetwork network = (LlamaNetwork)model.Network;
        Tokenizer tokenizer = TokenizerLoader.Load(request.Output);
        (NgramModel wittenBell, NgramModel kneserNey) = await Task.Run(() =>
            (
                (NgramModel)new WittenBellModel(training, network.VocabularySize),
                (NgramModel)new KneserNeyModel(training, network.VocabularySize)
            )
        );
        List<LanguageMeasures> measures = [];
        foreach ((string set, string[] texts) in sets)
        {
            int[][] rows = [.. texts.Select(t => (int[])[.. tokenizer.Encode(t).Tokens.Select(x => x.Id)])];
            double[] nats = await CausalLanguageFit.NatsAsync(
                network,
                rows,
                request.Size!.MaxTokens,
                InferenceScheduler.Shared,
                request.Fit!.Threads
            );
            measures.Add(
                LanguageMeasures.Of(
                    set,
                    rows.Sum(r => (long)r.Length - 1),
                    [.. Bytes(texts)],
                    nats,
                    wittenBell.Nats(rows),
                    kneserNey.Nats(rows)
                )
            );
        }
        List<double> times = [];
        foreach (string text in sets[0].Texts.Take(50))
        {
            Stopwatch once = Stopwatch.StartNew();
            await model.ScoreAsync([text], 0, WorkPriority.Interactive, CancellationToken.None);
            times.Add(once.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        return new ModelCard
        {
            Name = request.Name,
            Family = request.Family,
            Hash = model.Info.Hash,
            Labels = [],
            Data = request.Sources,
            Split = new SortedDictionary<string, int>(StringComparer.Ordinal)
            {
                ["dropped"] = split.Dropped,
                ["heldOut"] = split.Held.Count,
                ["training"] = split.Training.Count,
            },
            Measures = [],
            Language = measures,
            Seed = request.Seed,
            Settings = $"{request.Size}; {request.Fit}",
            TrainingSeconds = Math.Round(seconds, 1),
            Bytes = Directory
                .EnumerateFiles(request.Output)
                .Where(f => Path.GetFileName(f) is not ("README.md" or "card.json"))
                .Sum(f => new FileInfo(f).Length),
            LoadMilliseconds = Math.Round(loadMilliseconds, 1),
            PredictionMilliseconds = Math.Round(times[times.Count / 2], 3),
            Limits = request.Limits,
        };
    }

    private static IEnumerable<int> Bytes(IEnumerable<string> texts) => texts.Select(Encoding.UTF8.GetByteCount);

    private static void WriteTokenizer(string folder, BytePairVocabulary vocabulary, int maxTokens)
    {
        File.WriteAllText(
            Path.Combine(folder, "vocab.json"),
            JsonSerializer.Serialize(
                vocabulary.Tokens.Select((t, i) => KeyValuePair.Create(t, i)).ToDictionary(p => p.Key, p => p.Value),
                s_vocabulary
            ) + "\n"
        );
        File.WriteAllText(
            Path.Combine(folder, "merges.txt"),
            "#version: 0.2\n" + string.Concat(vocabulary.Merges.Select(m => $"{m.Left} {m.Right}\n"))
        );
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            $$"""
            {
              "add_bos_token": true,
              "add_prefix_space": false,
              "bos_token": "{{End}}",
              "eos_token": "{{End}}",
              "model_max_length": {{maxTokens}},
              "tokenizer_class": "GPT2Tokenizer",
              "unk_token": "{{End}}"
            }

            """.ReplaceLineEndings("\n")
        );
    }
}
