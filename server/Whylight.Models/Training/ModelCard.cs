using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Whylight.Measures;
using Whylight.Models.Checkpoints;
using Whylight.Perturbations;

namespace Whylight.Models.Training;

/// <summary>How well a model does on one set of labelled texts.</summary>
/// <param name="Set">What the texts are: "held out" or "dev".</param>
/// <param name="Examples">Number of texts.</param>
/// <param name="Correct">Number predicted as labelled.</param>
/// <param name="Accuracy">Their share.</param>
/// <param name="Interval">95 % Clopper-Pearson interval of the accuracy.</param>
/// <param name="MacroF1">Mean F1 over labels.</param>
/// <param name="CalibrationError">Expected calibration error, 15 bins of equal width.</param>
/// <param name="Brier">Brier score, summed over labels.</param>
/// <param name="LogLoss">Mean negative log-likelihood in nats.</param>
/// <param name="MacroF1Interval">95 % percentile bootstrap interval of the macro F1; null in cards that lack it.</param>
public sealed record SetMeasures(
    string Set,
    int Examples,
    int Correct,
    double Accuracy,
    IReadOnlyList<double> Interval,
    double MacroF1,
    double CalibrationError,
    double Brier,
    double LogLoss,
    IReadOnlyList<double>? MacroF1Interval = null
);

/// <summary>How often a harmless edit changes the prediction.</summary>
/// <param name="Perturbations">The edits, one drawn a text from each.</param>
/// <param name="Texts">Number of texts.</param>
/// <param name="Flipped">Texts whose label changed under at least one edit.</param>
/// <param name="Rate">Their share.</param>
/// <param name="Interval">95 % Clopper-Pearson interval of the share.</param>
public sealed record FlipMeasures(
    IReadOnlyList<string> Perturbations,
    int Texts,
    int Flipped,
    double Rate,
    IReadOnlyList<double> Interval
);

/// <summary>Two answers to the same labelled texts, pair by pair.</summary>
/// <param name="With">What the model is compared with.</param>
/// <param name="Texts">Number of texts.</param>
/// <param name="OnlyModel">Texts that only the model gets right.</param>
/// <param name="OnlyOther">Texts that only the other gets right.</param>
/// <param name="Difference">Accuracy of the model less that of the other.</param>
/// <param name="Interval">95 % interval of the difference (normal, from the paired differences).</param>
/// <param name="PValue">Exact two-sided McNemar test.</param>
public sealed record Comparison(
    string With,
    int Texts,
    int OnlyModel,
    int OnlyOther,
    double Difference,
    IReadOnlyList<double> Interval,
    double PValue
)
{
    /// <summary>Compares who is right where.</summary>
    /// <param name="with">What the model is compared with.</param>
    /// <param name="model">Whether the model is right, by text.</param>
    /// <param name="other">Whether the other is right, by text.</param>
    public static Comparison Of(string with, IReadOnlyList<bool> model, IReadOnlyList<bool> other)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(other);
        int first = model.Where((right, i) => right && !other[i]).Count();
        int second = other.Where((right, i) => right && !model[i]).Count();
        double n = model.Count;
        double difference = (first - second) / n;
        double error = Math.Sqrt(Math.Max(0, (first + second) / n - difference * difference) / n);
        return new Comparison(
            with,
            model.Count,
            first,
            second,
            difference,
            [difference - 1.959964 * error, difference + 1.959964 * error],
            PairedTests.McNemarExact(first, second)
        );
    }

    /// <summary>The comparison as a sentence.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Accuracy differs from {With} by {Difference:+0.0000;-0.0000} ({Interval[0]:+0.000;-0.000} to {Interval[1]:+0.000;-0.000}) on {Texts} texts; only this model is right on {OnlyModel}, only the other on {OnlyOther}; exact McNemar p = {PValue:G3}."
        );
}

/// <summary>How often a legitimate text is not recognised as such.</summary>
/// <param name="Texts">Number of texts.</param>
/// <param name="Alarms">Texts with another label.</param>
/// <param name="Interval">95 % Clopper-Pearson interval of the share.</param>
public sealed record FalseAlarms(int Texts, int Alarms, IReadOnlyList<double> Interval);

/// <summary>What a trained model is, what it was made of and how well it does (Mitchell et al. 2019).</summary>
public sealed record ModelCard
{
    /// <summary>Version of this format.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its family.</summary>
    public required string Family { get; init; }

    /// <summary>SHA-256 over weights, configuration and tokenizer files.</summary>
    public required string Hash { get; init; }

    /// <summary>Its labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The data it was made of.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>Texts learnt from, held out, and in neither part.</summary>
    public required IReadOnlyDictionary<string, int> Split { get; init; }

    /// <summary>Measures on the held-out part and, where there is one, on the dev set, which nothing was chosen by.</summary>
    public required IReadOnlyList<SetMeasures> Measures { get; init; }

    /// <summary>How often harmless edits flip the prediction, on the dev set or else on the held-out part; null for a language model.</summary>
    public FlipMeasures? Flips { get; init; }

    /// <summary>How well a language model foretells texts, set by set; null for classifiers.</summary>
    public IReadOnlyList<LanguageMeasures>? Language { get; init; }

    /// <summary>Paired comparisons with a simple rule and with other models on the reported texts.</summary>
    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];

    /// <summary>False alarms on legitimate texts that nothing was learnt from, or null.</summary>
    public FalseAlarms? FalseAlarms { get; init; }

    /// <summary>What augmentation or regularisation changed, or null.</summary>
    public TrainingEffect? Effect { get; init; }

    /// <summary>Seed of the run.</summary>
    public required int Seed { get; init; }

    /// <summary>The settings, as text.</summary>
    public required string Settings { get; init; }

    /// <summary>Seconds that training took on the machine it ran on.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Bytes of weights, configuration and tokenizer together.</summary>
    public required long Bytes { get; init; }

    /// <summary>Milliseconds to load it, the native library being loaded.</summary>
    public required double LoadMilliseconds { get; init; }

    /// <summary>Median milliseconds a prediction of one text, one text a call.</summary>
    public required double PredictionMilliseconds { get; init; }

    /// <summary>What it is not good for.</summary>
    public required IReadOnlyList<string> Limits { get; init; }

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Loads the written model again and measures it.</summary>
    internal static async Task<ModelCard> MeasureAsync(
        TrainingRequest request,
        HoldOut split,
        IReadOnlyList<CrossValidated> folds,
        string? without,
        double seconds,
        CancellationToken cancellation
    )
    {
        // The first load may start the native library, which is not this model's time.
        (await ModelLoader.LoadAsync(request.Output, null, cancellation)).Dispose();
        Stopwatch load = Stopwatch.StartNew();
        using ITextClassifier model = await ModelLoader.LoadAsync(request.Output, null, cancellation);
        double loadMilliseconds = load.Elapsed.TotalMilliseconds;
        List<SetMeasures> measures = [await MeasureSetAsync(model, "held out", split.Held, cancellation)];
        if (request.Dev.Count > 0)
        {
            measures.Add(await MeasureSetAsync(model, "dev", request.Dev, cancellation));
        }
        foreach (IGrouping<string, CrossValidated> set in folds.GroupBy(f => f.Example.Set!, StringComparer.Ordinal))
        {
            if (set.Key != request.FalseAlarmSet)
            {
                measures.Add(
                    MeasureSet(
                        $"{set.Key}, {request.Folds} folds",
                        request.Labels.Count,
                        [.. set.Select(f => f.Example)],
                        [.. set.Select(f => f.Answer)]
                    )
                );
            }
        }
        CrossValidated[] answered = [.. folds.Where(f => f.Example.Set != request.FalseAlarmSet)];
        IReadOnlyList<TrainingExample> reported =
            answered.Length > 0 ? [.. answered.Select(f => f.Example)]
            : request.Dev.Count > 0 ? request.Dev
            : split.Held;
        IReadOnlyList<Prediction> answers =
            answered.Length > 0
                ? [.. answered.Select(f => f.Answer)]
                : await model.PredictAsync([.. reported.Select(e => e.Text)], WorkPriority.Batch, cancellation);
        return new ModelCard
        {
            Name = request.Name,
            Family = request.Family,
            Hash = model.Info.Hash,
            Labels = request.Labels,
            Data = request.Sources,
            Split = new SortedDictionary<string, int>(StringComparer.Ordinal)
            {
                ["dropped"] = split.Dropped,
                ["heldOut"] = split.Held.Count,
                ["training"] = split.Training.Count,
            },
            Measures = measures,
            Flips =
                answered.Length > 0
                    ? FlipsOf(PerturbationRegistry.Harmless, [.. answered.Select(f => f.Flipped)])
                    : await FlipsAsync(
                        model,
                        [.. reported.Select(e => e.Text)],
                        PerturbationRegistry.Harmless,
                        (ulong)request.Seed,
                        cancellation
                    ),
            Comparisons = await CompareAsync(request, reported, answers, cancellation),
            FalseAlarms = FalseAlarmsOf([.. folds.Where(f => f.Example.Set == request.FalseAlarmSet)]),
            Effect = await EffectAsync(model, without, request, reported, cancellation),
            Seed = request.Seed,
            Settings = SettingsOf(request),
            TrainingSeconds = Math.Round(seconds, 1),
            Bytes = BytesOf(request.Output),
            LoadMilliseconds = Math.Round(loadMilliseconds, 1),
            PredictionMilliseconds = await LatencyAsync(model, [.. reported.Select(e => e.Text)], cancellation),
            Limits = request.Limits,
        };
    }

    /// <summary>Measures a classifier on labelled texts.</summary>
    public static async Task<SetMeasures> MeasureSetAsync(
        ITextClassifier model,
        string set,
        IReadOnlyList<TrainingExample> examples,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        IReadOnlyList<Prediction> predictions = await model.PredictAsync(
            [.. examples.Select(e => e.Text)],
            WorkPriority.Batch,
            cancellation
        );
        return MeasureSet(set, model.Info.Labels.Count, examples, predictions);
    }

    private static SetMeasures MeasureSet(
        string set,
        int labels,
        IReadOnlyList<TrainingExample> examples,
        IReadOnlyList<Prediction> predictions
    )
    {
        int[] truth = [.. examples.Select(e => e.Label)];
        bool[] correct = [.. predictions.Select((p, i) => p.LabelIndex == truth[i])];
        int right = correct.Count(c => c);
        IReadOnlyList<double>[] probabilities = [.. predictions.Select(p => p.Probabilities)];
        int[] said = [.. predictions.Select(p => p.LabelIndex)];
        int[] all = [.. Enumerable.Range(0, truth.Length)];
        Interval f1 = Bootstrap.Percentile(truth.Length, rows => MacroF1(labels, truth, said, rows), BootstrapSeed);
        Interval interval = ProportionIntervals.ClopperPearson(right, examples.Count);
        return new SetMeasures(
            set,
            examples.Count,
            right,
            (double)right / examples.Count,
            [interval.Lower, interval.Upper],
            MacroF1(labels, truth, said, all),
            Calibration.ExpectedError([.. predictions.Select(p => p.Confidence)], correct),
            ClassificationMeasures.Brier(truth, probabilities),
            ClassificationMeasures.LogLoss(truth, probabilities),
            [f1.Lower, f1.Upper]
        );
    }

    private const ulong BootstrapSeed = 1729;

    // A label that neither is there nor is said counts for nothing.
    private static double MacroF1(int labels, int[] truth, int[] said, IReadOnlyList<int> rows)
    {
        double f1 = 0;
        for (int k = 0; k < labels; k++)
        {
            int label = k;
            int hit = rows.Count(i => said[i] == label && truth[i] == label);
            int either = rows.Count(i => said[i] == label) + rows.Count(i => truth[i] == label);
            f1 += either == 0 ? 0 : 2.0 * hit / either / labels;
        }
        return f1;
    }

    /// <summary>How often at least one of some edits, one drawn of each for every text, changes the label.</summary>
    /// <param name="model">The model asked.</param>
    /// <param name="texts">The texts edited.</param>
    /// <param name="perturbations">Names of the edits.</param>
    /// <param name="seed">Decides the draws.</param>
    /// <param name="cancellation">Checked between calls.</param>
    public static async Task<FlipMeasures> FlipsAsync(
        ITextClassifier model,
        IReadOnlyList<string> texts,
        IReadOnlyList<string> perturbations,
        ulong seed,
        CancellationToken cancellation = default
    )
    {
        return FlipsOf(perturbations, await FlippedAsync(model, texts, perturbations, seed, cancellation));
    }

    private static FlipMeasures FlipsOf(IReadOnlyList<string> perturbations, bool[] flipped)
    {
        int count = flipped.Count(f => f);
        Interval interval = ProportionIntervals.ClopperPearson(count, flipped.Length);
        return new FlipMeasures(
            perturbations,
            flipped.Length,
            count,
            (double)count / flipped.Length,
            [interval.Lower, interval.Upper]
        );
    }

    /// <summary>For each text, whether one of the edits changes its label.</summary>
    internal static async Task<bool[]> FlippedAsync(
        ITextClassifier model,
        IReadOnlyList<string> texts,
        IReadOnlyList<string> perturbations,
        ulong seed,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(perturbations);
        IReadOnlyList<Prediction> original = await model.PredictAsync(texts, WorkPriority.Batch, cancellation);
        bool[] flipped = new bool[texts.Count];
        foreach (string name in perturbations)
        {
            Perturbation perturbation = PerturbationRegistry.Create(name);
            SeededRandom random = SeededRandom.For(seed, "flips", name);
            string[] edited = [.. texts.Select(text => perturbation.Sample(text, random).Apply(text))];
            IReadOnlyList<Prediction> after = await model.PredictAsync(edited, WorkPriority.Batch, cancellation);
            for (int i = 0; i < flipped.Length; i++)
            {
                flipped[i] |= after[i].LabelIndex != original[i].LabelIndex;
            }
        }
        return flipped;
    }

    /// <summary>Writes README.md and card.json into a model's folder.</summary>
    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "card.json"), JsonSerializer.Serialize(this, s_json) + "\n");
        File.WriteAllText(Path.Combine(folder, "README.md"), ToMarkdown());
    }

    /// <summary>Bytes of weights, configuration and tokenizer together, the card left out.</summary>
    /// <param name="location">A folder or <c>builtin:NAME</c>.</param>
    /// <exception cref="ModelException">There is no such model.</exception>
    public static long BytesOf(string location) =>
        Directory
            .EnumerateFiles(ModelFolder.Open(location).FolderPath)
            .Where(f => Path.GetFileName(f) is not ("README.md" or "card.json"))
            .Sum(f => new FileInfo(f).Length);

    /// <summary>Reads a model's card.json; null where it has none.</summary>
    /// <param name="location">A folder or <c>builtin:NAME</c>.</param>
    /// <exception cref="ModelException">There is no such model, or the file is no card.</exception>
    public static ModelCard? Read(string location)
    {
        string path = Path.Combine(ModelFolder.Open(location).FolderPath, "card.json");
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<ModelCard>(File.ReadAllBytes(path), s_json);
        }
        catch (JsonException exception)
        {
            throw new ModelException($"{path} is no model card: {exception.Message}", exception);
        }
    }

    /// <summary>The card as a Markdown page.</summary>
    public string ToMarkdown()
    {
        StringBuilder page = new();
        CultureInfo c = CultureInfo.InvariantCulture;
        string labels = Labels.Count > 0 ? $"labels {string.Join(", ", Labels)}" : "a causal language model";
        page.Append(
            c,
            $"# {Name}\n\nFamily {Family}; {labels}; {Bytes / 1e6:F2} MB on disk; seed {Seed}; trained in {TrainingSeconds:F0} s.\n\n"
        );
        page.Append("## Data\n\n| data | licence | use | texts |\n|---|---|---|---|\n");
        foreach (DataSource source in Data)
        {
            page.Append(c, $"| {source.Name} | {source.Licence} | {source.Use} | {source.Rows} |\n");
        }
        page.Append("\nThe weights were learnt from this data; none of its text is shipped. ");
        if (Language is { } language)
        {
            AppendLanguage(page, language);
        }
        else
        {
            AppendClassifier(page);
        }
        page.Append(
            c,
            $"Loads in {LoadMilliseconds:F0} ms, predicts a text in {PredictionMilliseconds:F2} ms (median, one text a call, on the machine it was trained on).\n\n"
        );
        if (Effect is { } effect)
        {
            page.Append(effect.ToMarkdown());
        }
        if (Limits.Count > 0)
        {
            page.Append("## Limits\n\n");
            foreach (string limit in Limits)
            {
                page.Append(c, $"- {limit}\n");
            }
            page.Append('\n');
        }
        page.Append(c, $"## Settings\n\n`{Settings}`\n");
        return page.ToString();
    }

    private void AppendLanguage(StringBuilder page, IReadOnlyList<LanguageMeasures> sets)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        page.Append(
            c,
            $"Of the training data {Split["training"]} texts were learnt from and {Split["heldOut"]} held out to decide when to stop; {Split["dropped"]} were left out of both, because they share {TextGroups.Run} words in a row with a text that reports. Held-out and learnt texts share no such run either, save one that more than a dozen texts have. This run chose nothing by the other sets.\n\n"
        );
        page.Append(
            "## Measures\n\n| set | texts | bytes | tokens | bits a byte | perplexity a token | 5-gram, Witten-Bell | 5-gram, Kneser-Ney | gain | 95 % interval |\n|---|---|---|---|---|---|---|---|---|---|\n"
        );
        foreach (LanguageMeasures m in sets)
        {
            string interval = m.GainInterval is [double low, double high]
                ? string.Create(c, $"{low:F3} to {high:F3}")
                : "undefined";
            page.Append(
                c,
                $"| {m.Set} | {m.Texts} | {m.Bytes} | {m.Tokens} | {m.BitsPerByte:F3} | {m.Perplexity:F1} | {m.WittenBell:F3} | {m.KneserNey:F3} | {m.Gain:F3} | {interval} |\n"
            );
        }
        page.Append(
            "\nBits a UTF-8 byte over all tokens of a text, the first foretold from the opening token alone; a token of a long text sees at least half a window before it. Both 5-grams are interpolated, of the same tokens and learnt from the same texts; Kneser-Ney is modified, its discounts estimated from the counts. The gain is over the better of the two; its interval is normal, from the texts as a sample. The early stop was chosen on the held-out part, so its figures flatter.\n\n"
        );
    }

    private void AppendClassifier(StringBuilder page)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        page.Append(
            c,
            $"Of the training data {Split["training"]} texts were learnt from and {Split["heldOut"]} sentences held out for early stopping and temperature; {Split["dropped"]} were left out of both, because they share a run of words with a held-out sentence. This run chose nothing by the dev set.\n\n"
        );
        page.Append(
            "## Measures\n\n| set | texts | accuracy | 95 % interval | macro F1 | 95 % interval | ECE | Brier | log loss |\n|---|---|---|---|---|---|---|---|---|\n"
        );
        foreach (SetMeasures m in Measures)
        {
            page.Append(
                c,
                $"| {m.Set} | {m.Examples} | {m.Accuracy:F4} | {m.Interval[0]:F3} to {m.Interval[1]:F3} | {m.MacroF1:F4} | {F1Interval(m)} | {m.CalibrationError:F3} | {m.Brier:F3} | {m.LogLoss:F3} |\n"
            );
        }
        page.Append(
            c,
            $"\nIntervals of the accuracy are Clopper-Pearson, those of the F1 percentile bootstrap; ECE has 15 bins of equal width. The early stop and the temperature were chosen on the held-out part, so its figures flatter.\n\n"
        );
        if (Flips is { } flips)
        {
            page.Append(
                c,
                $"Flip rate {flips.Rate:F3} ({flips.Interval[0]:F3} to {flips.Interval[1]:F3}): share of {flips.Texts} texts whose label at least one of {flips.Perturbations.Count} harmless edits changes ({string.Join(", ", flips.Perturbations)}; one draw each).\n\n"
            );
        }
        foreach (Comparison comparison in Comparisons)
        {
            page.Append(c, $"{comparison}\n\n");
        }
        if (FalseAlarms is { } alarms)
        {
            page.Append(
                c,
                $"False alarms: {alarms.Alarms} of {alarms.Texts} real prompts, each answered by a model that had not learnt from it nor from a near-duplicate ({alarms.Interval[0]:F3} to {alarms.Interval[1]:F3}).\n\n"
            );
        }
    }

    private static string F1Interval(SetMeasures measures) =>
        measures.MacroF1Interval is [double lower, double upper]
            ? string.Create(CultureInfo.InvariantCulture, $"{lower:F3} to {upper:F3}")
            : "-";

    /// <summary>Everything that decides what is learnt from given texts, as text.</summary>
    internal static string SettingsOf(TrainingRequest request)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        List<string> parts =
        [
            request.Family == "linear" ? request.Linear.ToString() : $"{request.Size ?? new()}; {request.Fit ?? new()}",
        ];
        if (request.Unlabelled.Count > 0 && request.Family == "bert")
        {
            parts.Add(string.Create(c, $"pretrained for {request.PretrainEpochs} passes"));
        }
        if (request.Teachers.Count + request.Ensemble.Count > 0)
        {
            IEnumerable<string> teachers = request
                .Teachers.Select(t => Path.GetFileName(Path.TrimEndingDirectorySeparator(t.Info.Name)))
                .Concat(
                    request.Ensemble.Select(e => string.Create(c, $"{e.Family} with seed {e.Seed} ({SettingsOf(e)})"))
                );
            parts.Add(
                string.Create(
                    c,
                    $"{request.TeacherShare} of each target from the mean of {string.Join(", ", teachers)}"
                )
            );
        }
        if (request.Augment.Count > 0)
        {
            parts.Add("augmented with " + string.Join(", ", request.Augment));
        }
        if (request.Stability > 0)
        {
            parts.Add(string.Create(c, $"attribution stability {request.Stability}"));
        }
        return string.Join("; ", parts);
    }

    private static async Task<TrainingEffect?> EffectAsync(
        ITextClassifier model,
        string? without,
        TrainingRequest request,
        IReadOnlyList<TrainingExample> examples,
        CancellationToken cancellation
    )
    {
        if (without is null)
        {
            return null;
        }
        using ITextClassifier plain = await ModelLoader.LoadAsync(without, null, cancellation);
        List<string> parts = [];
        if (request.Augment.Count > 0)
        {
            parts.Add("--augment " + string.Join(' ', request.Augment));
        }
        if (request.Stability > 0)
        {
            parts.Add("--stability " + request.Stability.ToString(CultureInfo.InvariantCulture));
        }
        return await TrainingEffect.MeasureAsync(
            string.Join(' ', parts),
            plain,
            model,
            examples,
            request.Augment,
            (ulong)request.Seed,
            cancellation
        );
    }

    private static async Task<IReadOnlyList<Comparison>> CompareAsync(
        TrainingRequest request,
        IReadOnlyList<TrainingExample> reported,
        IReadOnlyList<Prediction> answers,
        CancellationToken cancellation
    )
    {
        bool[] right = [.. reported.Select((e, i) => answers[i].LabelIndex == e.Label)];
        List<Comparison> comparisons = [];
        if (request.Baseline is { } baseline)
        {
            comparisons.Add(
                Comparison.Of(baseline.Name, right, [.. reported.Select(e => baseline.Predict(e.Text) == e.Label)])
            );
        }
        if (request.ComparedWith is { } other)
        {
            using ITextClassifier model = await ModelLoader.LoadAsync(other, null, cancellation);
            IReadOnlyList<Prediction> others = await model.PredictAsync(
                [.. reported.Select(e => e.Text)],
                WorkPriority.Batch,
                cancellation
            );
            comparisons.Add(
                Comparison.Of(
                    ModelCard.Read(other)?.Name ?? other,
                    right,
                    [.. reported.Select((e, i) => others[i].LabelIndex == e.Label)]
                )
            );
        }
        return comparisons;
    }

    private static FalseAlarms? FalseAlarmsOf(IReadOnlyList<CrossValidated> legitimate)
    {
        if (legitimate.Count == 0)
        {
            return null;
        }
        int alarms = legitimate.Count(f => f.Answer.LabelIndex != 0);
        Interval interval = ProportionIntervals.ClopperPearson(alarms, legitimate.Count);
        return new FalseAlarms(legitimate.Count, alarms, [interval.Lower, interval.Upper]);
    }

    /// <summary>Median milliseconds of up to 100 predictions, one text a call.</summary>
    public static async Task<double> LatencyAsync(
        ITextClassifier model,
        IReadOnlyList<string> texts,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        List<double> times = [];
        foreach (string text in texts.Take(100))
        {
            Stopwatch watch = Stopwatch.StartNew();
            await model.PredictAsync([text], WorkPriority.Interactive, cancellation);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        return Math.Round(times[times.Count / 2], 3);
    }
}
