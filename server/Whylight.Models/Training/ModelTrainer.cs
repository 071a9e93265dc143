using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Whylight.Documents;
using Whylight.Measures;
using Whylight.Models.Checkpoints;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using Whylight.Perturbations;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>What a training run left behind.</summary>
/// <param name="Card">What the card says.</param>
/// <param name="Interrupted">Whether it was cancelled; the best weights up to then were written.</param>
public sealed record TrainingResult(ModelCard Card, bool Interrupted);

/// <summary>Trains every rung of the ladder, deterministically by seed, and writes a model folder with its card.</summary>
public static partial class ModelTrainer
{
    /// <summary>Families that can be trained.</summary>
    public static IReadOnlyList<string> Families { get; } = ["linear", "cnn", "lstm", "bert", "lm"];

    // Models that a run needs beside its own lie in its folder until it is done.
    private const string TeacherFolder = ".teachers";
    private const string WithoutFolder = ".without";
    internal const string FoldFolder = ".folds";

    /// <summary>Trains a model and writes it with its card into the output folder.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="progress">Told as training goes on.</param>
    /// <param name="cancellation">Ends training after the current step; what was best by then is written.</param>
    /// <exception cref="ModelException">The request cannot be trained; one sentence says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before there was anything to write.</exception>
    public static async Task<TrainingResult> TrainAsync(
        TrainingRequest request,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        Directory.CreateDirectory(request.Output);
        if (request.Family == "lm")
        {
            return await LanguageModelTrainer.TrainAsync(request, progress, cancellation);
        }
        Stopwatch watch = Stopwatch.StartNew();
        HoldOut split = HoldOut.Split(
            request.Examples,
            request.HoldOutShare,
            request.SplitSeed ?? request.Seed,
            request.Weak
        );
        if (split.Training.Count == 0 || split.Held.Count == 0)
        {
            throw new ModelException(
                $"{request.Examples.Count} examples leave nothing to train on beside the held-out tenth; give more"
            );
        }
        ModelCard? earlier = request.MeasureOnly ? ModelCard.Read(request.Output) : null;
        (string? without, bool interrupted) = request.MeasureOnly
            ? (request.Against, false)
            : await LearnAsync(request, split, watch, progress, cancellation);
        double seconds = earlier?.TrainingSeconds ?? watch.Elapsed.TotalSeconds;
        progress?.Report(new("report", 0, 0, 0));
        IReadOnlyList<CrossValidated> folds =
            interrupted || request.Folds == 0
                ? []
                : await CrossValidation.RunAsync(
                    request,
                    part =>
                        TrainBesideAsync(
                            request,
                            part with
                            {
                                MeasureOnly = false,
                            },
                            part.Output,
                            progress,
                            cancellation
                        ),
                    cancellation
                );
        ModelCard card = await ModelCard.MeasureAsync(request, split, folds, without, seconds, CancellationToken.None);
        card = card with { Effect = card.Effect ?? earlier?.Effect };
        card.Write(request.Output);
        if (!interrupted)
        {
            foreach (string folder in new[] { TeacherFolder, WithoutFolder, FoldFolder })
            {
                string path = Path.Combine(request.Output, folder);
                if (Directory.Exists(path))
                {
                    Directory.Delete(path, recursive: true);
                }
            }
        }
        return new TrainingResult(card, interrupted);
    }

    // Trains and writes the model itself, and whatever it needs beside it.
    private static async Task<(string? Without, bool Interrupted)> LearnAsync(
        TrainingRequest request,
        HoldOut split,
        Stopwatch watch,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        List<ITextClassifier> ensemble = [];
        IReadOnlyList<TrainingExample> examples;
        string? without;
        try
        {
            for (int t = 0; t < request.Ensemble.Count; t++)
            {
                string member = Path.Combine(request.Output, TeacherFolder, $"{t}");
                await TrainBesideAsync(request, request.Ensemble[t], member, progress, cancellation);
                ensemble.Add(await ModelLoader.LoadAsync(member, null, cancellation));
            }
            TrainingRequest taught = request with { Teachers = [.. request.Teachers, .. ensemble], Ensemble = [] };
            watch.Stop();
            without = await WithoutAsync(taught, progress, cancellation);
            watch.Start();
            examples = await TaughtAsync(split.Training, taught, progress, cancellation);
        }
        finally
        {
            foreach (ITextClassifier teacher in ensemble)
            {
                teacher.Dispose();
            }
        }
        bool interrupted = false;
        if (request.Family == "linear")
        {
            progress?.Report(new("train", 0, 1, 0));
            await TrainLinearAsync(request, split with { Training = examples }, cancellation);
        }
        else
        {
            interrupted = await TrainNetworkAsync(request, split with { Training = examples }, progress, cancellation);
        }
        return (without, interrupted);
    }

    private static void Check(TrainingRequest request)
    {
        if (!Families.Contains(request.Family))
        {
            throw new ModelException(
                $"family '{request.Family}' cannot be trained{Suggestion.Phrase(request.Family, Families)}; families: {string.Join(", ", Families)}"
            );
        }
        if (request.Family == "lm")
        {
            if (request.Teachers.Count > 0 || request.Augment.Count > 0 || request.Stability > 0)
            {
                throw new ModelException(
                    "teachers, augmentation and attribution stability are for classifiers; a language model learns no labels"
                );
            }
            return;
        }
        if (request.Examples.Count == 0)
        {
            throw new ModelException("there is nothing to learn from: no row has both a text and a label");
        }
        if (request.Labels.Count < 2)
        {
            throw new ModelException(
                $"all {request.Examples.Count} examples have the label '{string.Join(", ", request.Labels)}': a classifier needs at least two labels"
            );
        }
        if (request.Unlabelled.Count > 0 && request.Family != "bert")
        {
            throw new ModelException($"only bert reads texts without labels first; {request.Family} cannot");
        }
        if (!(request.Stability >= 0) || double.IsInfinity(request.Stability))
        {
            throw new ModelException($"the weight of attribution stability is 0 or more, not {request.Stability}");
        }
        if (request.Stability > 0 && request.Family == "linear")
        {
            throw new ModelException(
                "attribution stability is for networks: a linear model's weights do not change with the text"
            );
        }
        foreach (string name in request.Augment)
        {
            IReadOnlyList<string> usable = TrainingEffect.Unseen([]);
            if (!usable.Contains(name))
            {
                throw new ModelException(
                    $"texts cannot be augmented with '{name}'{Suggestion.Phrase(name, usable)}; edits: {string.Join(", ", usable)}"
                );
            }
        }
        foreach (TrainingExample example in request.Examples.Concat(request.Dev))
        {
            if (example.Label < 0 || example.Label >= request.Labels.Count)
            {
                throw new ModelException($"an example has label {example.Label} of {request.Labels.Count}");
            }
        }
        foreach (ITextClassifier teacher in request.Teachers)
        {
            if (
                !teacher
                    .Info.Labels.Order(StringComparer.Ordinal)
                    .SequenceEqual(request.Labels.Order(StringComparer.Ordinal))
            )
            {
                throw new ModelException(
                    $"teacher {teacher.Info.Name} has the labels {string.Join(", ", teacher.Info.Labels)}, not {string.Join(", ", request.Labels)}; map the data's with --labels"
                );
            }
        }
    }

    // Where the model lies that the edited or regularised one is compared with; null where nothing is to be compared.
    private static async Task<string?> WithoutAsync(
        TrainingRequest request,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        if (!request.MeasureEffect || (request.Augment.Count == 0 && request.Stability == 0))
        {
            return null;
        }
        if (request.Against is { } given)
        {
            return given;
        }
        string output = Path.Combine(request.Output, WithoutFolder);
        await TrainBesideAsync(request, request with { Augment = [], Stability = 0 }, output, progress, cancellation);
        return output;
    }

    // Another model that this run needs, held out from alike; a finished one of an interrupted run is taken up.
    private static async Task TrainBesideAsync(
        TrainingRequest request,
        TrainingRequest other,
        string output,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        if (request.Resume && Directory.Exists(output) && ModelCard.Read(output) is not null)
        {
            return;
        }
        TrainingResult result = await TrainAsync(
            other with
            {
                Output = output,
                SplitSeed = request.SplitSeed ?? request.Seed,
                Dev = [],
                Resume = request.Resume,
            },
            progress,
            cancellation
        );
        if (result.Interrupted)
        {
            // What is there is a part of a model: it must not be taken for the whole one.
            File.Delete(Path.Combine(output, "card.json"));
            throw new OperationCanceledException(cancellation);
        }
    }

    // Distillation: each target is the label mixed with the mean of the teachers' calibrated probabilities; a text without a
    // label is learnt as they answer it.
    private static async Task<IReadOnlyList<TrainingExample>> TaughtAsync(
        IReadOnlyList<TrainingExample> examples,
        TrainingRequest request,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<ITextClassifier> teachers = request.Teachers;
        if (teachers.Count == 0)
        {
            return examples;
        }
        string[] unlabelled =
        [
            .. request.Transfer,
            .. Recombination.Of([.. examples.Select(e => e.Text)], request.Recombined, (ulong)request.Seed),
        ];
        string[] texts = [.. examples.Select(e => e.Text), .. unlabelled];
        double[][] targets = [.. texts.Select(_ => new double[request.Labels.Count])];
        for (int t = 0; t < teachers.Count; t++)
        {
            progress?.Report(new("teacher", 0, 0, (double)t / teachers.Count));
            IReadOnlyList<Prediction> answers = await teachers[t]
                .PredictAsync(texts, WorkPriority.Background, cancellation);
            int[] place = [.. request.Labels.Select(label => IndexOf(teachers[t].Info.Labels, label))];
            for (int i = 0; i < targets.Length; i++)
            {
                for (int k = 0; k < targets[i].Length; k++)
                {
                    targets[i][k] += answers[i].Probabilities[place[k]] / teachers.Count;
                }
            }
        }
        double share = request.TeacherShare;
        return
        [
            .. examples.Select(
                (e, i) =>
                    e with
                    {
                        Target = [.. targets[i].Select((p, k) => share * p + (1 - share) * (k == e.Label ? 1 : 0))],
                    }
            ),
            .. unlabelled.Select(
                (text, i) =>
                {
                    double[] target = targets[examples.Count + i];
                    return new TrainingExample(text, Array.IndexOf(target, target.Max())) { Target = target };
                }
            ),
        ];
    }

    private static int IndexOf(IReadOnlyList<string> labels, string label)
    {
        int index = 0;
        while (labels[index] != label)
        {
            index++;
        }
        return index;
    }

    private static async Task TrainLinearAsync(TrainingRequest request, HoldOut split, CancellationToken cancellation)
    {
        LinearModel model = await Task.Run(
            () =>
                LinearTrainer.Fit(
                    Augmented(split.Training, request),
                    request.Labels.Count,
                    request.Linear,
                    request.NaturalSpelling,
                    cancellation
                ),
            cancellation
        );
        IReadOnlyList<IReadOnlyList<double>> logits =
        [
            .. split.Held.Select(e =>
                model.Logits(model.Vector(model.Known(LinearFeatures.WordsOf(e.Text)).Select(n => n.Row)))
            ),
        ];
        double temperature = Calibration.FitTemperature(logits, [.. split.Held.Select(e => e.Label)]);
        await InferenceScheduler.Shared.RunAsync(
            WorkPriority.Background,
            _ =>
            {
                LinearClassifier.Write(request.Output, model, request.Labels, temperature);
                return true;
            },
            cancellation
        );
    }

    // A convex fit has no passes in which to vary a text: half of the texts are learnt from in one edited form as well.
    private static IReadOnlyList<TrainingExample> Augmented(
        IReadOnlyList<TrainingExample> examples,
        TrainingRequest request
    )
    {
        if (request.Augment.Count == 0)
        {
            return examples;
        }
        SeededRandom random = SeededRandom.For((ulong)request.Seed, "train", "augment");
        Func<string, Random, string> vary = Variation(request with { NaturalSpelling = false })!;
        return
        [
            .. examples,
            .. examples
                .Select(example => example with { Text = vary(example.Text, random) })
                .Where((edited, i) => edited.Text != examples[i].Text),
        ];
    }

    private static async Task<bool> TrainNetworkAsync(
        TrainingRequest request,
        HoldOut split,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        progress?.Report(new("vocabulary", 0, 0, 0));
        IEnumerable<string> texts = split.Training.Select(e => e.Text);
        if (request.NaturalSpelling)
        {
            texts = texts.Concat(split.Training.Select(e => NaturalSpelling.Of(e.Text)));
        }
        NetworkSize size = request.Size ?? new();
        IReadOnlyList<string> vocabulary = WordPieceTrainer.Train(
            texts.Concat(request.Unlabelled),
            size.VocabularySize,
            cancellation: cancellation
        );
        Tokenizer tokenizer = WordPieceTokenizer.Create(vocabulary);
        FitSettings settings = request.Fit ?? new();
        using NetworkPlan plan = await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () => NetworkPlan.Create(request, size, vocabulary.Count)
        );
        FitCheckpoint checkpoint = new(
            Path.Combine(request.Output, ".training"),
            $"{request.Family} {request.Seed} {ModelCard.SettingsOf(request)} {Fingerprint(split.Training.Concat(split.Held), request.Unlabelled)}"
        );
        if (!request.Resume || !checkpoint.Fits)
        {
            checkpoint.Delete();
        }
        if (request.Unlabelled.Count > 0 && plan.Network is EncoderNetwork encoder && !checkpoint.Fits)
        {
            await PretrainAsync(request, encoder, tokenizer, settings, size, progress, cancellation);
        }
        FitData data = new()
        {
            Training = split.Training,
            Held = split.Held,
            Labels = request.Labels.Count,
            Encode = Encoder(tokenizer, size.MaxTokens),
            Vary = Variation(request),
            Padding = tokenizer.Special.Pad!.Value,
            Unknown = tokenizer.Special.Unknown!.Value,
            Special = new HashSet<int>
            {
                tokenizer.Special.Pad!.Value,
                tokenizer.Special.Start!.Value,
                tokenizer.Special.End!.Value,
            },
            Regularizer = request.Stability > 0 ? new AttributionStability(plan.Network, request.Stability).Term : null,
        };
        FitResult fit = await new NetworkFit(plan.Network, settings, request.Seed, InferenceScheduler.Shared).RunAsync(
            data,
            checkpoint,
            progress,
            cancellation
        );
        double temperature = Calibration.FitTemperature(fit.HeldLogits, [.. split.Held.Select(e => e.Label)]);
        await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () =>
            {
                SafetensorsWriter.Write(
                    Path.Combine(request.Output, "model.safetensors"),
                    plan.Network.Parameters,
                    ScalarType.Float16
                );
                return true;
            }
        );
        plan.WriteConfig(Path.Combine(request.Output, "config.json"), temperature);
        await File.WriteAllTextAsync(
            Path.Combine(request.Output, "vocab.txt"),
            string.Join('\n', vocabulary) + "\n",
            CancellationToken.None
        );
        await File.WriteAllTextAsync(
            Path.Combine(request.Output, "tokenizer_config.json"),
            $$"""
            {
              "do_lower_case": true,
              "model_max_length": {{size.MaxTokens}},
              "tokenizer_class": "BertTokenizer"
            }

            """.ReplaceLineEndings("\n"),
            CancellationToken.None
        );
        if (!fit.Interrupted)
        {
            checkpoint.Delete();
        }
        return fit.Interrupted;
    }

    // Says whether a run that is taken up learns from the same texts.
    private static string Fingerprint(IEnumerable<TrainingExample> examples, IEnumerable<string> unlabelled)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
        foreach (TrainingExample example in examples)
        {
            Add(example.Text);
            Add(
                example.Target is { } target
                    ? string.Join(' ', target.Select(p => p.ToString("R", CultureInfo.InvariantCulture)))
                    : $"{example.Label}"
            );
        }
        foreach (string text in unlabelled)
        {
            Add(text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Func<string, int[]> Encoder(Tokenizer tokenizer, int maxTokens)
    {
        // Most texts come again in every pass; changed ones do not and would only fill memory.
        Dictionary<string, int[]> cache = new(StringComparer.Ordinal);
        return text =>
        {
            if (cache.TryGetValue(text, out int[]? ids))
            {
                return ids;
            }
            ids = [.. tokenizer.Encode(text, maxTokens).Tokens.Select(token => token.Id)];
            if (cache.Count < 300_000)
            {
                cache[text] = ids;
            }
            return ids;
        };
    }

    private static Func<string, Random, string>? Variation(TrainingRequest request)
    {
        if (!request.NaturalSpelling && request.Augment.Count == 0)
        {
            return null;
        }
        Perturbation[] perturbations = [.. request.Augment.Select(name => PerturbationRegistry.Create(name))];
        return (text, random) =>
        {
            string varied = request.NaturalSpelling && random.NextDouble() < 0.5 ? NaturalSpelling.Of(text) : text;
            if (perturbations.Length == 0 || random.NextDouble() < 0.5)
            {
                return varied;
            }
            Perturbation perturbation = perturbations[random.Next(perturbations.Length)];
            return perturbation.Sample(varied, random).Apply(varied);
        };
    }

    private static async Task PretrainAsync(
        TrainingRequest request,
        EncoderNetwork classifier,
        Tokenizer tokenizer,
        FitSettings settings,
        NetworkSize size,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        using EncoderNetwork masked = await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () =>
                EncoderNetwork.Create(
                    classifier.Config with
                    {
                        Head = EncoderHead.MaskedLanguageModel,
                        Labels = [],
                    },
                    SeededRandom.Derive((ulong)request.Seed, "pretrain-weights") >> 1
                )
        );
        List<int[]> rows = MaskedLanguageFit.Rows(
            request.Unlabelled.Select(t => tokenizer.Encode(t).Tokens.Select(token => token.Id).ToArray()),
            Math.Min(64, size.MaxTokens)
        );
        await new MaskedLanguageFit(
            masked,
            settings with
            {
                Epochs = request.PretrainEpochs,
                BatchSize = 48,
                LearningRate = 1.5e-3,
                Dropout = 0.1,
            },
            request.Seed,
            InferenceScheduler.Shared
        ).RunAsync(
            rows,
            new(tokenizer.Special.Mask!.Value, tokenizer.Special.Pad!.Value, WordPieceTrainer.BertSpecialTokens.Count),
            progress,
            cancellation
        );
        await NetworkFit.OnAsync(
            InferenceScheduler.Shared,
            settings.Threads,
            () =>
            {
                using IDisposable noGrad = no_grad();
                Dictionary<string, Tensor> learnt = masked.Parameters.ToDictionary(p => p.Key, p => p.Value);
                foreach ((string name, Tensor weight) in classifier.Parameters)
                {
                    if (learnt.TryGetValue(name, out Tensor? value))
                    {
                        weight.copy_(value);
                    }
                }
                return true;
            }
        );
    }
}
