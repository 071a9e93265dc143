using System.Diagnostics;
using System.Globalization;
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

/// <summary>How well a language model foretells held-out text.</summary>
/// <param name="BitsPerByte">Bits it spends on a UTF-8 byte of the held-out text.</param>
/// <param name="NgramBitsPerByte">The same of an interpolated 5-gram over the same tokens and split.</param>
/// <param name="Tokens">Held-out tokens foretold.</param>
/// <param name="Bytes">Their UTF-8 bytes.</param>
/// <param name="Interrupted">Whether training was cancelled before its end.</param>
public sealed record LanguageModelResult(
    double BitsPerByte,
    double NgramBitsPerByte,
    long Tokens,
    long Bytes,
    bool Interrupted
);

/// <summary>Trains a small GPT-2 with a byte-level vocabulary of its own, and writes it with its card.</summary>
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

    /// <summary>Trains on <see cref="TrainingRequest.Unlabelled"/>; <see cref="TrainingRequest.Dev"/> holds the texts that only report.</summary>
    /// <param name="request">What to train; family lm.</param>
    /// <param name="progress">Told as training goes on.</param>
    /// <param name="cancellation">Ends training after the current step; the weights then are written.</param>
    /// <exception cref="ModelException">There is no text to learn from or to report on.</exception>
    public static async Task<LanguageModelResult> TrainAsync(
        TrainingRequest request,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Unlabelled.Count == 0 || request.Dev.Count == 0)
        {
            throw new ModelException("a language model needs texts to learn from and texts to report on");
        }
        Stopwatch watch = Stopwatch.StartNew();
        Directory.CreateDirectory(request.Output);
        NetworkSize size = request.Size ?? new() { VocabularySize = 4000, MaxTokens = 128 };
        FitSettings settings = request.Fit ?? new();
        progress?.Report(new("vocabulary", 0, 0, 0));
        BytePairVocabulary vocabulary = BytePairTrainer.Train(
            request.Unlabelled,
            size.VocabularySize,
            cancellation: cancellation
        );
        WriteTokenizer(request.Output, vocabulary, size.MaxTokens);
        int end = vocabulary.Tokens.Count - 1;
        Gpt2Config config = new()
        {
            VocabularySize = vocabulary.Tokens.Count,
            HiddenSize = size.Width,
            Layers = size.Layers,
            Heads = size.Heads,
            InnerSize = size.Inner,
            MaxPositions = size.MaxTokens,
            BosTokenId = end,
            EosTokenIds = [end],
        };
        await File.WriteAllTextAsync(
            Path.Combine(request.Output, "config.json"),
            config.ToJson().ToJsonString(s_json) + "\n",
            CancellationToken.None
        );
        Tokenizer tokenizer = TokenizerLoader.Load(request.Output);
        List<int[]> Rows(IEnumerable<string> texts) =>
            [
                .. texts.SelectMany(text =>
                    tokenizer
                        .Encode(text)
                        .Tokens.Where(t => !t.Special)
                        .Select(t => t.Id)
                        .Chunk(size.MaxTokens - 1)
                        .Select(part => (int[])[end, .. part])
                ),
            ];
        List<int[]> learnt = Rows(request.Unlabelled);
        List<int[]> held = Rows(request.Dev.Select(e => e.Text));
        using Gpt2Network network = await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () => Gpt2Network.Create(config, SeededRandom.Derive((ulong)request.Seed, "weights") >> 1)
        );
        bool interrupted = await new CausalLanguageFit(
            network,
            settings,
            request.Seed,
            InferenceScheduler.Shared
        ).RunAsync(learnt, progress, cancellation);
        double nats = await CausalLanguageFit.NatsAsync(network, held, InferenceScheduler.Shared, settings.Threads);
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
        double ngram = new NgramModel(learnt, vocabulary.Tokens.Count).Nats(held);
        long bytes = request.Dev.Sum(e => (long)Encoding.UTF8.GetByteCount(e.Text));
        LanguageModelResult result = new(
            nats / Math.Log(2) / bytes,
            ngram / Math.Log(2) / bytes,
            held.Sum(r => (long)r.Length - 1),
            bytes,
            interrupted
        );
        await WriteCardAsync(request, result, size, settings, watch.Elapsed.TotalSeconds);
        return result;
    }

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

    private static async Task WriteCardAsync(
        TrainingRequest request,
        LanguageModelResult result,
        NetworkSize size,
        FitSettings settings,
        double seconds
    )
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        long bytes = Directory
            .EnumerateFiles(request.Output)
            .Where(f => Path.GetFileName(f) is not ("README.md" or "card.json"))
            .Sum(f => new FileInfo(f).Length);
        StringBuilder page = new();
        page.Append(
            c,
            $"# {request.Name}\n\nA small causal language model (GPT-2); {bytes / 1e6:F2} MB on disk; seed {request.Seed}; trained in {seconds:F0} s.\n\n"
        );
        page.Append("## Data\n\n| data | licence | use | texts |\n|---|---|---|---|\n");
        foreach (DataSource source in request.Sources)
        {
            page.Append(c, $"| {source.Name} | {source.Licence} | {source.Use} | {source.Rows} |\n");
        }
        page.Append("\nThe weights were learnt from this data; none of its text is shipped.\n\n## Measures\n\n");
        page.Append(
            c,
            $"Held-out text of {result.Bytes} bytes ({result.Tokens} tokens): {result.BitsPerByte:F3} bits per byte; an interpolated 5-gram (Witten-Bell) over the same tokens and split: {result.NgramBitsPerByte:F3}.\n\n## Limits\n\n"
        );
        foreach (string limit in request.Limits)
        {
            page.Append(c, $"- {limit}\n");
        }
        page.Append(c, $"\n## Settings\n\n`{size}; {settings}`\n");
        await File.WriteAllTextAsync(
            Path.Combine(request.Output, "README.md"),
            page.ToString(),
            CancellationToken.None
        );
    }
}
