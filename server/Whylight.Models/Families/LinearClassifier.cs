using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using Whylight.Models.Checkpoints;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>
/// The traditional baseline: TF-IDF over word and character n-grams and (multinomial) logistic regression. Its tokens are
/// the words of the text (UAX #29, each Han character one), and its explanation is exact (<see cref="Decompose"/>).
/// </summary>
public sealed class LinearClassifier : ITextClassifier
{
    /// <summary>The value of <c>model_type</c> in its config.json.</summary>
    public const string ModelType = "whylight-linear";

    private readonly LinearModel _model;

    internal LinearClassifier(ModelInfo info, LinearModel model)
    {
        Info = info;
        _model = model;
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences { get; } = [Absence.NgramsRemoved, Absence.Deleted];

    /// <inheritdoc/>
    /// <remarks>A word's id is its row in the vocabulary; 0 for a word that has none, which still takes part by its characters.</remarks>
    public TokenizedText Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TokenizedText
        {
            Text = text,
            Tokens =
            [
                .. LinearFeatures
                    .WordsOf(text)
                    .Select(word =>
                    {
                        int row = _model.RowOf(word.Normal);
                        return new Token(
                            row == 0 ? LinearModel.Unknown : word.Normal,
                            row,
                            word.Start,
                            word.End,
                            false
                        );
                    }),
            ],
        };
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        // Arithmetic of microseconds a text: no need of the scheduler, but long lists leave the caller's thread.
        return Task.Run<IReadOnlyList<Prediction>>(
            () =>
            {
                Prediction[] predictions = new Prediction[texts.Count];
                for (int i = 0; i < predictions.Length; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    double[] logits = LogitsOf(LinearFeatures.WordsOf(texts[i]));
                    predictions[i] = Prediction.FromLogits(texts[i], Info.Labels, logits, Info.Temperature);
                }
                return predictions;
            },
            cancellation
        );
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(present);
        if (!Absences.Contains(absence))
        {
            throw new ModelException(
                $"absence {absence} means nothing for a linear model; use {string.Join(" or ", Absences)}"
            );
        }
        LinearFeatures.NormalWord[] words = LinearFeatures.WordsOf(text.Text);
        foreach (bool[] coalition in present)
        {
            if (coalition.Length != words.Length)
            {
                throw new ArgumentException(
                    $"a coalition has {coalition.Length} entries for {words.Length} tokens",
                    nameof(present)
                );
            }
        }
        List<(int Row, int First, int Last)> known = _model.Known(words);
        return Task.Run<IReadOnlyList<double[]>>(
            () =>
            {
                double[][] logits = new double[present.Count][];
                for (int i = 0; i < logits.Length; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    bool[] coalition = present[i];
                    logits[i] =
                        absence == Absence.Deleted
                            ? LogitsOf([.. words.Where((_, w) => coalition[w])])
                            : _model.Logits(
                                _model.Vector(
                                    known.Where(n => AllPresent(coalition, n.First, n.Last)).Select(n => n.Row)
                                )
                            );
                }
                return logits;
            },
            cancellation
        );
    }

    /// <summary>The logits taken apart exactly by word, the norm of the whole text held fixed.</summary>
    /// <param name="text">A text that <see cref="Tokenize"/> returned.</param>
    public LinearDecomposition Decompose(TokenizedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        LinearFeatures.NormalWord[] words = LinearFeatures.WordsOf(text.Text);
        List<(int Row, int First, int Last)> known = _model.Known(words);
        List<(int Row, double Value)> vector = _model.Vector(known.Select(n => n.Row));
        Dictionary<int, double> values = vector.ToDictionary(v => v.Row, v => v.Value);
        Dictionary<int, int> counts = [];
        foreach ((int row, _, _) in known)
        {
            counts[row] = counts.GetValueOrDefault(row) + 1;
        }
        double[][] contributions = [.. words.Select(_ => new double[Info.Labels.Count])];
        foreach ((int row, int first, int last) in known)
        {
            double share = values[row] / counts[row] / (last - first + 1);
            for (int word = first; word <= last; word++)
            {
                for (int label = 0; label < Info.Labels.Count; label++)
                {
                    contributions[word][label] += share * _model.Weights[label][row];
                }
            }
        }
        return new LinearDecomposition(contributions, [.. _model.Bias.Select(b => (double)b)], _model.Logits(vector));
    }

    /// <summary>Words of the vocabulary that move the logits most from one label towards another, the strongest first.</summary>
    /// <param name="from">Index of the label to leave.</param>
    /// <param name="to">Index of the label to reach; null for the strongest other, word by word.</param>
    /// <param name="count">Most words returned; those that do not move the logits that way are left out.</param>
    public IReadOnlyList<string> StrongestWords(int from, int? to, int count)
    {
        const string Mark = "w\t";
        double Gain(int row) =>
            _model.Idf[row]
            * (
                Enumerable
                    .Range(0, Info.Labels.Count)
                    .Where(l => to is { } wanted ? l == wanted : l != from)
                    .Max(l => _model.Weights[l][row]) - _model.Weights[from][row]
            );
        return
        [
            .. Enumerable
                .Range(1, _model.Vocabulary.Count - 1)
                .Where(row =>
                    _model.Vocabulary[row].StartsWith(Mark, StringComparison.Ordinal)
                    && _model.Vocabulary[row][Mark.Length..].All(char.IsLetter)
                )
                .Select(row => (Row: row, Gain: Gain(row)))
                .Where(w => w.Gain > 0)
                .OrderByDescending(w => w.Gain)
                .ThenBy(w => w.Row)
                .Take(count)
                .Select(w => _model.Vocabulary[w.Row][Mark.Length..]),
        ];
    }

    /// <summary>Reads a folder that <see cref="Write"/> made.</summary>
    internal static async Task<LinearClassifier> LoadAsync(
        ModelFolder folder,
        ConfigFile config,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        List<string> notices = [];
        IReadOnlyList<string> labels = config.Labels(notices);
        string[] vocabulary = ReadVocabulary(folder);
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        string hash = folder.Hash(checkpoint.FileNames, cancellation);
        int rows = vocabulary.Length;
        ParameterSpecs specs = new(rows, labels.Count);
        LinearModel model = await (options.Scheduler ?? InferenceScheduler.Shared)
            .RunAsync(
                WorkPriority.Visible,
                token =>
                {
                    using Networks.WeightSet weights = checkpoint.Load(
                        specs.All,
                        "",
                        ModelType,
                        $"labels={labels.Count}",
                        _ => false,
                        () => ScalarType.Float32,
                        token
                    );
                    float[] flat = weights[ParameterSpecs.Weight].data<float>().ToArray();
                    return new LinearModel(
                        vocabulary,
                        weights[ParameterSpecs.Idf].data<float>().ToArray(),
                        [.. Enumerable.Range(0, labels.Count).Select(k => flat[(k * rows)..((k + 1) * rows)])],
                        weights[ParameterSpecs.Bias].data<float>().ToArray()
                    );
                },
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = "linear",
            Hash = hash,
            Labels = labels,
            MaxTokens = int.MaxValue,
            Temperature = config.Object("whylight")?.Number("temperature", positive: true) ?? 1,
            Notices = [.. notices, .. checkpoint.Notices],
        };
        return new LinearClassifier(info, model);
    }

    /// <summary>Writes config.json, vocab.txt and model.safetensors (F16) into a folder; native work.</summary>
    internal static void Write(string folder, LinearModel model, IReadOnlyList<string> labels, double temperature)
    {
        Directory.CreateDirectory(folder);
        JsonObject config = new()
        {
            ["model_type"] = ModelType,
            ["id2label"] = new JsonObject(
                labels.Select((l, i) => KeyValuePair.Create<string, JsonNode?>($"{i}", JsonValue.Create(l)))
            ),
            ["label2id"] = new JsonObject(
                labels.Select((l, i) => KeyValuePair.Create<string, JsonNode?>(l, JsonValue.Create(i)))
            ),
            ["whylight"] = new JsonObject { ["temperature"] = temperature },
        };
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            config.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n"
        );
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', model.Vocabulary) + "\n");
        using DisposeScope scope = NewDisposeScope();
        int rows = model.Vocabulary.Count;
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [
                new(ParameterSpecs.Idf, tensor(model.Idf)),
                new(ParameterSpecs.Weight, tensor(model.Weights.SelectMany(w => w).ToArray(), [labels.Count, rows])),
                new(ParameterSpecs.Bias, tensor(model.Bias)),
            ],
            ScalarType.Float16
        );
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private static string[] ReadVocabulary(ModelFolder folder)
    {
        if (!folder.Has("vocab.txt"))
        {
            throw new ModelException("no vocab.txt in the model folder, which lists a linear model's n-grams");
        }
        string[] lines;
        try
        {
            lines = File.ReadAllText(folder.File("vocab.txt"), new UTF8Encoding(false, true)).TrimEnd('\n').Split('\n');
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new ModelException($"vocab.txt cannot be read: {exception.Message}", exception);
        }
        if (lines[0] != LinearModel.Unknown)
        {
            throw new ModelException(
                $"vocab.txt of a linear model begins with {LinearModel.Unknown}; this one does not"
            );
        }
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < lines.Length; i++)
        {
            if (!seen.Add(lines[i]))
            {
                throw new ModelException($"vocab.txt line {i + 1} repeats an earlier n-gram");
            }
        }
        return lines;
    }

    private static bool AllPresent(bool[] coalition, int first, int last)
    {
        for (int i = first; i <= last; i++)
        {
            if (!coalition[i])
            {
                return false;
            }
        }
        return true;
    }

    private double[] LogitsOf(LinearFeatures.NormalWord[] words) =>
        _model.Logits(_model.Vector(_model.Known(words).Select(n => n.Row)));

    private sealed record ParameterSpecs(int Rows, int Labels)
    {
        public const string Idf = "idf";
        public const string Weight = "weight";
        public const string Bias = "bias";

        public IEnumerable<Networks.ParameterSpec> All =>
            [new(Idf, [Rows]), new(Weight, [Labels, Rows]), new(Bias, [Labels])];
    }
}
