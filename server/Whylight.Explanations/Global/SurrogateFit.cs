using Whylight.Measures;

namespace Whylight.Explanations.Global;

/// <summary>Fits one surrogate to a model's labels from which words are present, and measures it on held-out texts.</summary>
internal sealed class SurrogateFit(
    GlobalExplanation frame,
    Corpus corpus,
    IProgress<GlobalProgress>? progress,
    CancellationToken cancellation
)
{
    private const int MostWords = 200;
    private const int MostHeld = 5_000;
    private const int TreeDepth = 4;
    private const int ForestTrees = 50;
    private const int ForestDepth = 8;
    private const int Resamples = 20;
    private const int Deals = 10;
    private const int WordsDealt = 20;

    private readonly string _method = frame.Method;
    private string[] _vocabulary = [];
    private double[][] _rows = [];
    private int[] _labels = [];
    private double[][] _heldRows = [];
    private int[] _heldLabels = [];

    public GlobalExplanation Run()
    {
        // More texts hardly change two hundred words' weights; these keep every method within seconds.
        int most = _method switch
        {
            "tree" => 20_000,
            "svm" => 2_000,
            "rules" => 6_000,
            _ => 8_000,
        };
        (int[] fitted, int[] held) = corpus.Split(frame.Seed, most, MostHeld);
        int[] vocabulary = Vocabulary(fitted);
        if (vocabulary.Length == 0)
        {
            throw new ExplanationException(
                "no word stands in two of the texts, so no surrogate can be fitted: give more texts"
            );
        }
        _vocabulary = [.. vocabulary.Select(w => corpus.Words[w])];
        Dictionary<int, int> column = vocabulary.Select((w, k) => (w, k)).ToDictionary(p => p.w, p => p.k);
        double[] Row(int text)
        {
            double[] row = new double[vocabulary.Length];
            foreach (int word in corpus.Texts[text])
            {
                if (column.TryGetValue(word, out int k))
                {
                    row[k] = 1;
                }
            }
            return row;
        }
        _rows = [.. fitted.Select(Row)];
        _labels = [.. fitted.Select(t => corpus.Labels[t])];
        _heldRows = [.. held.Select(Row)];
        _heldLabels = [.. held.Select(t => corpus.Labels[t])];
        int[] counts = [.. frame.Labels.Select((_, l) => _labels.Count(x => x == l))];
        if (counts.Count(c => c > 0) < 2)
        {
            throw new ExplanationException(
                $"all but a few of the texts are predicted '{frame.Labels[Array.IndexOf(counts, counts.Max())]}', so '{_method}' has "
                    + "nothing to tell apart in the texts it is fitted to: give more texts, or another --seed"
            );
        }
        int majority = Array.IndexOf(counts, counts.Max());
        (GlobalExplanation result, Func<double[], int> classify) = _method switch
        {
            "tree" => Tree(),
            "rules" => Rules(),
            "forest" => Forest(),
            _ => Linear(),
        };
        return result with
        {
            Words = _vocabulary,
            BaselineLabel = frame.Labels[majority],
            Fidelity = Fidelity.Of(_heldLabels, [.. _heldRows.Select(classify)], majority),
            TrainingFidelity = Fidelity.Of(_labels, [.. _rows.Select(classify)], majority),
        };
    }

    private (GlobalExplanation, Func<double[], int>) Tree()
    {
        TreeNode tree = DecisionTree.Simplified(
            DecisionTree.Classifier(
                _rows,
                _labels,
                frame.Labels.Count,
                maxDepth: TreeDepth,
                minLeaf: Math.Max(2, _rows.Length / 100)
            )
        );
        List<RegionFidelity> regions = [];
        Visit(tree, []);
        return (
            frame with
            {
                Tree = tree,
                PruningPath = [.. DecisionTree.PruningPath(tree).Select(p => (double[])[p.Alpha, p.Impurity])],
                Regions = regions,
            },
            row => tree.Classify(row)
        );

        void Visit(TreeNode node, List<string> way)
        {
            if (!node.IsLeaf)
            {
                Visit(node.Left!, [.. way, $"no '{_vocabulary[node.Feature]}'"]);
                Visit(node.Right!, [.. way, $"'{_vocabulary[node.Feature]}'"]);
                return;
            }
            regions.Add(
                Region(
                    way.Count == 0 ? "all texts" : string.Join(" and ", way),
                    node.Label,
                    row => ReferenceEquals(tree.LeafOf(row), node)
                )
            );
        }
    }

    private (GlobalExplanation, Func<double[], int>) Rules()
    {
        RuleList list = RuleList.Learn(
            _rows,
            _labels,
            frame.Labels.Count,
            leastCovered: Math.Max(2, _rows.Length / 100),
            cancellation: cancellation
        );
        return (
            frame with
            {
                Rules = list,
                Regions =
                [
                    .. list.Rules.Select(
                        (rule, k) =>
                            Region(
                                rule.Features.Count == 0
                                    ? "otherwise"
                                    : string.Join(" and ", rule.Features.Select(f => $"'{_vocabulary[f]}'")),
                                rule.Label,
                                row => list.FirstMatch(row) == k
                            )
                    ),
                ],
            },
            row => list.Classify(row)
        );
    }

    private (GlobalExplanation, Func<double[], int>) Forest()
    {
        SeededRandom random = SeededRandom.For(frame.Seed, "global", "forest");
        RandomForest forest = RandomForest.Grow(
            _rows,
            _labels,
            frame.Labels.Count,
            ForestTrees,
            ForestDepth,
            random,
            cancellation
        );
        int width = _vocabulary.Length;
        double[][] each = [.. forest.Trees.Select(t => t.Importances(width))];
        double[] mean = forest.Importances(width);
        int Classify(double[] row) => ArgMax(forest.Probability(row));
        int[] order = [.. Order(mean)];
        List<WordWeight> weights = [];
        for (int k = 0; k < order.Length; k++)
        {
            int f = order[k];
            double spread = Math.Sqrt(each.Sum(e => (e[f] - mean[f]) * (e[f] - mean[f])) / (each.Length - 1.0));
            weights.Add(
                new WordWeight(
                    _vocabulary[f],
                    null,
                    mean[f],
                    null,
                    spread / Math.Sqrt(each.Length),
                    _rows.Count(r => r[f] > 0),
                    Permutation: k < WordsDealt ? Dealt(f, Classify, random) : null
                )
            );
            progress?.Report(new GlobalProgress("fit", k + 1, order.Length));
        }
        return (frame with { Weights = weights }, Classify);
    }

    // Permutation importance (Breiman 2001): the word is dealt out anew among the held-out texts.
    private Estimate Dealt(int feature, Func<double[], int> classify, Random random)
    {
        int n = _heldRows.Length;
        double[] falls = new double[Deals];
        for (int deal = 0; deal < Deals; deal++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] from = [.. Enumerable.Range(0, n)];
            for (int i = n - 1; i > 0; i--)
            {
                int j = random.Next(i + 1);
                (from[i], from[j]) = (from[j], from[i]);
            }
            int lost = 0;
            for (int i = 0; i < n; i++)
            {
                double other = _heldRows[from[i]][feature];
                if (other == _heldRows[i][feature])
                {
                    continue;
                }
                double[] row = [.. _heldRows[i]];
                row[feature] = other;
                lost += classify(_heldRows[i]) == _heldLabels[i] ? 1 : 0;
                lost -= classify(row) == _heldLabels[i] ? 1 : 0;
            }
            falls[deal] = (double)lost / n;
        }
        double mean = falls.Average();
        double spread = Math.Sqrt(falls.Sum(f => (f - mean) * (f - mean)) / (Deals - 1));
        return new Estimate(mean, spread / Math.Sqrt(Deals));
    }

    private (GlobalExplanation, Func<double[], int>) Linear()
    {
        int[] present = [.. _labels.Distinct().Order()];
        // Two labels need one decision function, for the second; more need one each.
        int[] positive = present.Length == 2 ? [present[1]] : present;
        LinearSurrogate[] fits = [.. positive.Select(label => Fit(_rows, _labels, label))];
        double[][][] again = [.. positive.Select(_ => new double[Resamples][])];
        SeededRandom random = SeededRandom.For(frame.Seed, "global", "resamples");
        for (int k = 0; k < Resamples; k++)
        {
            int[] drawn;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                drawn = [.. Enumerable.Range(0, _rows.Length).Select(_ => random.Next(_rows.Length))];
            } while (positive.Any(l => drawn.All(i => _labels[i] == l) || drawn.All(i => _labels[i] != l)));
            double[][] rows = [.. drawn.Select(i => _rows[i])];
            int[] labels = [.. drawn.Select(i => _labels[i])];
            for (int l = 0; l < positive.Length; l++)
            {
                again[l][k] = [.. Fit(rows, labels, positive[l]).Weights];
            }
            progress?.Report(new GlobalProgress("fit", k + 1, Resamples));
        }
        List<WordWeight> weights = [];
        for (int l = 0; l < positive.Length; l++)
        {
            double[] own = [.. fits[l].Weights];
            foreach (int f in Order(own))
            {
                double[] others = [.. again[l].Select(a => a[f])];
                double mean = others.Average();
                weights.Add(
                    new WordWeight(
                        _vocabulary[f],
                        frame.Labels[positive[l]],
                        own[f],
                        null,
                        Math.Sqrt(others.Sum(o => (o - mean) * (o - mean)) / (Resamples - 1)),
                        _rows.Count(r => r[f] > 0),
                        others.Count(o => Math.Sign(o) == Math.Sign(own[f])) / (double)Resamples
                    )
                );
            }
        }
        int Classify(double[] row) =>
            present.Length == 2
                ? present[fits[0].Decision(row) > 0 ? 1 : 0]
                : present[ArgMax([.. fits.Select(m => m.Decision(row))])];
        return (
            frame with
            {
                Weights = [.. weights.OrderByDescending(w => Math.Abs(w.Weight))],
                Intercepts = [.. positive.Select((l, k) => (frame.Labels[l], fits[k].Intercept))],
                Resamples = Resamples,
            },
            Classify
        );
    }

    private LinearSurrogate Fit(double[][] rows, int[] labels, int label)
    {
        cancellation.ThrowIfCancellationRequested();
        bool[] positive = [.. labels.Select(l => l == label)];
        return _method == "svm"
            ? LinearSurrogate.SupportVector(rows, positive, tolerance: 1e-3)
            : LinearSurrogate.Logistic(rows, positive);
    }

    // The words that tell most of the model's labels, by the texts fitted to alone; alphabetical.
    private int[] Vocabulary(int[] fitted)
    {
        int labels = frame.Labels.Count;
        int[] totals = new int[labels];
        Dictionary<int, int[]> present = [];
        foreach (int text in fitted)
        {
            int label = corpus.Labels[text];
            totals[label]++;
            foreach (int word in corpus.Texts[text].Distinct())
            {
                if (!present.TryGetValue(word, out int[]? counts))
                {
                    present[word] = counts = new int[labels];
                }
                counts[label]++;
            }
        }
        return
        [
            .. present
                .Where(p => p.Value.Sum() >= 2)
                .Select(p => (p.Key, Information: Patterns.MutualInformation(p.Value, totals)))
                .OrderByDescending(p => p.Information)
                .ThenBy(p => corpus.Words[p.Key], StringComparer.Ordinal)
                .Take(MostWords)
                .Select(p => p.Key)
                .OrderBy(w => corpus.Words[w], StringComparer.Ordinal),
        ];
    }

    private RegionFidelity Region(string condition, int label, Func<double[], bool> reaches)
    {
        int[] here = [.. Enumerable.Range(0, _heldRows.Length).Where(r => reaches(_heldRows[r]))];
        int same = here.Count(r => _heldLabels[r] == label);
        return new RegionFidelity(
            condition,
            frame.Labels[label],
            here.Length,
            here.Length == 0 ? null : same / (double)here.Length,
            here.Length == 0 ? null : ProportionIntervals.ClopperPearson(same, here.Length)
        );
    }

    private static IEnumerable<int> Order(double[] weights) =>
        Enumerable
            .Range(0, weights.Length)
            .Where(i => weights[i] != 0)
            .OrderByDescending(i => Math.Abs(weights[i]))
            .ThenBy(i => i);

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
