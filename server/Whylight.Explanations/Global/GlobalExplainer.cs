using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Global;

/// <summary>A word's weight in a surrogate or over many explanations.</summary>
/// <param name="Word">The word, lower case.</param>
/// <param name="Label">The label it speaks for, or null where the measure has no direction.</param>
/// <param name="Weight">Coefficient, importance, or mean signed score.</param>
/// <param name="MeanAbsolute">Mean absolute score over the texts with the word; null for surrogates.</param>
/// <param name="StandardError">Standard error of a mean; null elsewhere.</param>
/// <param name="Texts">Texts with the word.</param>
public sealed record WordWeight(
    string Word,
    string? Label,
    double Weight,
    double? MeanAbsolute,
    double? StandardError,
    int Texts
);

/// <summary>A text that stands for many.</summary>
/// <param name="Index">Its place in the dataset.</param>
/// <param name="Text">The text.</param>
/// <param name="Label">What the model predicts.</param>
/// <param name="Coverage">Share of all word importance that the texts up to this one cover.</param>
public sealed record Representative(int Index, string Text, string Label, double Coverage);

/// <summary>How a surrogate does in one of its leaves or rules, on held-out texts.</summary>
/// <param name="Condition">The way there, in words.</param>
/// <param name="Label">What the surrogate says.</param>
/// <param name="Texts">Held-out texts that come here.</param>
/// <param name="Agreement">Share of them where the model says the same; null where none comes.</param>
public sealed record RegionFidelity(string Condition, string Label, int Texts, double? Agreement);

/// <summary>What a model does over a whole dataset.</summary>
public sealed record GlobalExplanation
{
    /// <summary>tree, rules, logistic, svm, forest, patterns, representatives or aggregate.</summary>
    public required string Method { get; init; }

    /// <summary>Hash of the model asked.</summary>
    public required string ModelHash { get; init; }

    /// <summary>The model's labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Texts used.</summary>
    public required int Texts { get; init; }

    /// <summary>Seed of the split and of everything sampled.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Texts predicted and model calls of local explanations.</summary>
    public required int ModelCalls { get; init; }

    /// <summary>Words that the surrogate may ask about; features of <see cref="Tree"/> and <see cref="Rules"/> index it.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>The decision tree, with its leaf counts.</summary>
    public TreeNode? Tree { get; init; }

    /// <summary>Cost-complexity alphas of the tree and the impurity from each on.</summary>
    public IReadOnlyList<double[]>? PruningPath { get; init; }

    /// <summary>The rule list.</summary>
    public RuleList? Rules { get; init; }

    /// <summary>Words by weight, the strongest first.</summary>
    public IReadOnlyList<WordWeight>? Weights { get; init; }

    /// <summary>Patterns, the strongest first.</summary>
    public IReadOnlyList<Pattern>? Patterns { get; init; }

    /// <summary>Texts picked.</summary>
    public IReadOnlyList<Representative>? Representatives { get; init; }

    /// <summary>Agreement with the model on held-out texts; null for what is no surrogate.</summary>
    public Fidelity? Fidelity { get; init; }

    /// <summary>Agreement on the texts it was fitted to: much higher means it has learnt them by heart.</summary>
    public Fidelity? TrainingFidelity { get; init; }

    /// <summary>Held-out agreement leaf by leaf or rule by rule.</summary>
    public IReadOnlyList<RegionFidelity>? Regions { get; init; }

    /// <summary>The method's limits in one line.</summary>
    public required string Note { get; init; }
}

/// <summary>Explains a model over a dataset: surrogates, patterns, representative texts, aggregated attributions.</summary>
public static class GlobalExplainer
{
    private const int MostWords = 200;

    /// <summary>The method names.</summary>
    public static IReadOnlyList<string> Methods { get; } =
    ["tree", "rules", "logistic", "svm", "forest", "patterns", "representatives", "aggregate"];

    /// <summary>Explains.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts, at least eight for a surrogate.</param>
    /// <param name="method">One of <see cref="Methods"/>.</param>
    /// <param name="template">Seed, and method and budget of the local explanations that some methods need.</param>
    /// <param name="explainer">Makes local explanations; null for the default.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <exception cref="ExplanationException">No such method, or too few texts or words.</exception>
    public static async Task<GlobalExplanation> ExplainAsync(
        ITextClassifier model,
        IReadOnlyList<string> texts,
        string method,
        ExplanationRequest template,
        Explainer? explainer = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        if (!Methods.Contains(method))
        {
            throw new ExplanationException(Names.Unknown("global method", method, Methods));
        }
        IReadOnlyList<string> read = [.. texts.Where(t => !string.IsNullOrWhiteSpace(t))];
        if (read.Count < 8)
        {
            throw new ExplanationException($"a global explanation needs at least 8 texts, and there are {read.Count}");
        }
        IReadOnlyList<Prediction> predictions = await model
            .PredictAsync(read, cancellation: cancellation)
            .ConfigureAwait(false);
        GlobalExplanation frame = new()
        {
            Method = method,
            ModelHash = model.Info.Hash,
            Labels = model.Info.Labels,
            Texts = read.Count,
            Seed = template.Seed,
            ModelCalls = read.Count,
            Note = "",
        };
        int[] labels = [.. predictions.Select(p => p.LabelIndex)];
        string[][] words = [.. read.Select(WordsOf)];
        return method switch
        {
            "patterns" => frame with
            {
                Patterns = Global.Patterns.Mine(words, labels, model.Info.Labels.Count),
                Note =
                    "Words and word pairs that go with a predicted label; p-values are not corrected for how many were looked at.",
            },
            "representatives" or "aggregate" => await LocalAsync(
                    model,
                    read,
                    labels,
                    frame,
                    template,
                    explainer ?? Explainer.Default,
                    progress,
                    cancellation
                )
                .ConfigureAwait(false),
            _ => Surrogate(frame, words, labels, method),
        };
    }

    private static GlobalExplanation Surrogate(GlobalExplanation frame, string[][] words, int[] labels, string method)
    {
        int n = words.Length;
        SeededRandom random = SeededRandom.For(frame.Seed, "global", "split");
        int[] order = [.. Enumerable.Range(0, n)];
        for (int i = n - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        int held = Math.Max(2, n / 4);
        int[] test = [.. order[..held].Order()];
        int[] train = [.. order[held..].Order()];
        string[] vocabulary = Vocabulary(words, labels, train, frame.Labels.Count);
        if (vocabulary.Length == 0)
        {
            throw new ExplanationException(
                "no word stands in two of the texts, so no surrogate can be fitted: give more texts"
            );
        }
        double[] Row(int t)
        {
            HashSet<string> present = [.. words[t]];
            return [.. vocabulary.Select(w => present.Contains(w) ? 1.0 : 0.0)];
        }
        double[][] trainRows = [.. train.Select(Row)];
        double[][] testRows = [.. test.Select(Row)];
        int[] trainLabels = [.. train.Select(t => labels[t])];
        int[] testLabels = [.. test.Select(t => labels[t])];
        int classes = frame.Labels.Count;
        Func<double[], int> classify;
        switch (method)
        {
            case "tree":
                TreeNode tree = DecisionTree.Classifier(
                    trainRows,
                    trainLabels,
                    classes,
                    maxDepth: 5,
                    minLeaf: Math.Max(2, train.Length / 100)
                );
                classify = row => tree.Classify(row);
                frame = frame with
                {
                    Tree = tree,
                    PruningPath = [.. DecisionTree.PruningPath(tree).Select(p => (double[])[p.Alpha, p.Impurity])],
                    Regions = Leaves(tree, vocabulary, frame.Labels, testRows, testLabels),
                };
                break;
            case "rules":
                RuleList list = RuleList.Learn(
                    trainRows,
                    trainLabels,
                    classes,
                    leastCovered: Math.Max(2, train.Length / 100)
                );
                classify = row => list.Classify(row);
                frame = frame with
                {
                    Rules = list,
                    Regions =
                    [
                        .. list.Rules.Select(
                            (rule, k) => RuleRegion(list, k, vocabulary, frame.Labels, testRows, testLabels)
                        ),
                    ],
                };
                break;
            case "forest":
                RandomForest forest = RandomForest.Grow(trainRows, trainLabels, classes, 50, 8, random);
                classify = row => ArgMax(forest.Probability(row));
                frame = frame with
                {
                    Weights = Strongest(forest.Importances(vocabulary.Length), vocabulary, null, trainRows),
                };
                break;
            default:
                int[] fitted = [.. trainLabels.Distinct().Order()];
                LinearSurrogate[] models =
                [
                    .. (fitted.Length == 2 ? fitted[1..] : fitted).Select(label =>
                    {
                        bool[] positive = [.. trainLabels.Select(l => l == label)];
                        return method == "svm"
                            ? LinearSurrogate.SupportVector(trainRows, positive, tolerance: 1e-3)
                            : LinearSurrogate.Logistic(trainRows, positive);
                    }),
                ];
                classify = row =>
                    fitted.Length == 1 ? fitted[0]
                    : fitted.Length == 2 ? fitted[models[0].Decision(row) > 0 ? 1 : 0]
                    : fitted[ArgMax([.. models.Select(m => m.Decision(row))])];
                frame = frame with
                {
                    Weights =
                    [
                        .. models
                            .SelectMany(
                                (m, k) =>
                                    Strongest(
                                        [.. m.Weights],
                                        vocabulary,
                                        frame.Labels[fitted.Length == 2 ? fitted[1] : fitted[k]],
                                        trainRows
                                    )
                            )
                            .OrderByDescending(w => Math.Abs(w.Weight)),
                    ],
                };
                break;
        }
        return frame with
        {
            Words = vocabulary,
            Fidelity = Fidelity.Of(testLabels, [.. testRows.Select(classify)]),
            TrainingFidelity = Fidelity.Of(trainLabels, [.. trainRows.Select(classify)]),
            Note =
                "A surrogate of the model's labels from which words are present; trust it as far as its held-out fidelity goes.",
        };
    }

    private static async Task<GlobalExplanation> LocalAsync(
        ITextClassifier model,
        IReadOnlyList<string> texts,
        int[] labels,
        GlobalExplanation frame,
        ExplanationRequest template,
        Explainer explainer,
        IProgress<double>? progress,
        CancellationToken cancellation
    )
    {
        string method = explainer.Knows(template.Method) && template.Method != "auto" ? template.Method : "occlusion";
        // One label is explained in all texts, so that signs mean the same everywhere.
        string target = template.TargetLabel ?? model.Info.Labels[^1];
        List<Dictionary<string, double>> weights = [];
        List<int> explained = [];
        int refused = 0;
        int calls = frame.ModelCalls;
        for (int t = 0; t < texts.Count; t++)
        {
            try
            {
                Explanation e = await explainer
                    .ExplainAsync(
                        model,
                        template with
                        {
                            Text = texts[t],
                            Method = method,
                            TargetLabel = target,
                        },
                        cancellation: cancellation
                    )
                    .ConfigureAwait(false);
                calls += e.ModelCalls;
                Dictionary<string, double> own = new(StringComparer.Ordinal);
                foreach (FeatureScore feature in e.Features)
                {
                    if (feature.Score is { } score)
                    {
                        string word = feature.Text.ToLowerInvariant();
                        own[word] = own.GetValueOrDefault(word) + score;
                    }
                }
                weights.Add(own);
                explained.Add(t);
            }
            catch (ExplanationException) when (t + 1 < texts.Count || explained.Count > 0)
            {
                refused++;
            }
            progress?.Report((t + 1.0) / texts.Count);
        }
        string left =
            refused == 0 ? "" : $" {refused} texts could not be explained within the budget and are left out.";
        if (frame.Method == "representatives")
        {
            return frame with
            {
                ModelCalls = calls,
                Representatives =
                [
                    .. Representatives
                        .Pick(weights, 10)
                        .Select(p => new Representative(
                            explained[p.Text],
                            texts[explained[p.Text]],
                            model.Info.Labels[labels[explained[p.Text]]],
                            p.Coverage
                        )),
                ],
                Note = $"Texts whose {method} explanations together cover the important words (submodular pick).{left}",
            };
        }
        SortedDictionary<string, List<double>> scores = new(StringComparer.Ordinal);
        foreach (Dictionary<string, double> text in weights)
        {
            foreach ((string word, double score) in text)
            {
                if (!scores.TryGetValue(word, out List<double>? all))
                {
                    scores[word] = all = [];
                }
                all.Add(score);
            }
        }
        return frame with
        {
            ModelCalls = calls,
            Weights =
            [
                .. scores
                    .Select(s => new WordWeight(
                        s.Key,
                        target,
                        s.Value.Average(),
                        s.Value.Average(Math.Abs),
                        s.Value.Count < 2 ? null : Deviation(s.Value) / Math.Sqrt(s.Value.Count),
                        s.Value.Count
                    ))
                    .OrderByDescending(w => w.MeanAbsolute * Math.Sqrt(w.Texts))
                    .ThenBy(w => w.Word, StringComparer.Ordinal),
            ],
            Note =
                $"Mean {method} score of each word for '{target}' over the texts that have it; the average hides what depends on context.{left}",
        };
    }

    private static double Deviation(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }

    private static string[] WordsOf(string text) =>
        [
            .. TextUnits
                .Of(text, FeatureKind.Word)
                .Select(u => text[u.Start..u.End].ToLowerInvariant())
                .Where(w => w.Any(char.IsLetterOrDigit)),
        ];

    // The words that tell most of the model's labels, by training texts alone; alphabetical.
    private static string[] Vocabulary(string[][] words, int[] labels, int[] train, int classes)
    {
        SortedDictionary<string, List<int>> places = new(StringComparer.Ordinal);
        for (int k = 0; k < train.Length; k++)
        {
            foreach (string word in words[train[k]].Distinct(StringComparer.Ordinal))
            {
                if (!places.TryGetValue(word, out List<int>? texts))
                {
                    places[word] = texts = [];
                }
                texts.Add(k);
            }
        }
        int[] trainLabels = [.. train.Select(t => labels[t])];
        return
        [
            .. places
                .Where(p => p.Value.Count >= 2)
                .Select(p =>
                {
                    bool[] present = new bool[train.Length];
                    foreach (int k in p.Value)
                    {
                        present[k] = true;
                    }
                    return (p.Key, Information: Patterns.MutualInformation(present, trainLabels, classes));
                })
                .OrderByDescending(p => p.Information)
                .ThenBy(p => p.Key, StringComparer.Ordinal)
                .Take(MostWords)
                .Select(p => p.Key)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static IReadOnlyList<WordWeight> Strongest(
        double[] weights,
        string[] vocabulary,
        string? label,
        double[][] rows
    ) =>
        [
            .. Enumerable
                .Range(0, weights.Length)
                .Where(i => weights[i] != 0)
                .OrderByDescending(i => Math.Abs(weights[i]))
                .ThenBy(i => i)
                .Select(i => new WordWeight(vocabulary[i], label, weights[i], null, null, rows.Count(r => r[i] > 0))),
        ];

    private static List<RegionFidelity> Leaves(
        TreeNode tree,
        string[] vocabulary,
        IReadOnlyList<string> labels,
        double[][] rows,
        int[] modelLabels
    )
    {
        List<RegionFidelity> regions = [];
        Visit(tree, []);
        return regions;

        void Visit(TreeNode node, List<string> way)
        {
            if (!node.IsLeaf)
            {
                Visit(node.Left!, [.. way, $"no '{vocabulary[node.Feature]}'"]);
                Visit(node.Right!, [.. way, $"'{vocabulary[node.Feature]}'"]);
                return;
            }
            int[] here = [.. Enumerable.Range(0, rows.Length).Where(r => ReferenceEquals(tree.LeafOf(rows[r]), node))];
            int label = ArgMax([.. node.Value]);
            regions.Add(
                Region(way.Count == 0 ? "all texts" : string.Join(" and ", way), label, labels, here, modelLabels)
            );
        }
    }

    private static RegionFidelity RuleRegion(
        RuleList list,
        int rule,
        string[] vocabulary,
        IReadOnlyList<string> labels,
        double[][] rows,
        int[] modelLabels
    )
    {
        int FirstRule(double[] row) =>
            Enumerable.Range(0, list.Rules.Count).First(k => list.Rules[k].Features.All(f => row[f] > 0.5));
        int[] here = [.. Enumerable.Range(0, rows.Length).Where(r => FirstRule(rows[r]) == rule)];
        Rule own = list.Rules[rule];
        string condition =
            own.Features.Count == 0
                ? "otherwise"
                : string.Join(" and ", own.Features.Select(f => $"'{vocabulary[f]}'"));
        return Region(condition, own.Label, labels, here, modelLabels);
    }

    private static RegionFidelity Region(
        string condition,
        int label,
        IReadOnlyList<string> labels,
        int[] here,
        int[] modelLabels
    ) =>
        new(
            condition,
            labels[label],
            here.Length,
            here.Length == 0 ? null : here.Count(r => modelLabels[r] == label) / (double)here.Length
        );

    private static int ArgMax(double[] values)
    {
        int best = 0;
        for (int k = 1; k < values.Length; k++)
        {
            best = values[k] > values[best] ? k : best;
        }
        return best;
    }
}
