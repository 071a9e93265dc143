using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Global;
using Whylight.Measures;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Global;

/// <summary>Slow twins and properties of what imitates a model over a dataset.</summary>
public sealed class SurrogateTwinTests
{
    [Property(MaxTest = 60)]
    public void A_tree_over_word_presence_splits_as_the_slow_twin_does(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 12 + random.Next(30);
        int labels = 2 + random.Next(2);
        double[][] rows = [.. Enumerable.Range(0, n).Select(_ => Bits(random, 5))];
        int[] classes = [.. rows.Select(_ => random.Next(labels))];
        int depth = 1 + random.Next(3);
        int leaf = 1 + random.Next(3);
        TreeNode tree = DecisionTree.Classifier(rows, classes, labels, TreeCriterion.Gini, depth, leaf);
        Same(tree, [.. Enumerable.Range(0, n)], depth);

        void Same(TreeNode node, int[] here, int left)
        {
            double[] counts = [.. Enumerable.Range(0, labels).Select(l => (double)here.Count(i => classes[i] == l))];
            Assert.Equal(counts, node.Value);
            (int Feature, double Cost)? best = null;
            for (int f = 0; f < 5; f++)
            {
                int[] absent = [.. here.Where(i => rows[i][f] == 0)];
                int[] present = [.. here.Where(i => rows[i][f] == 1)];
                double cost = absent.Length * Gini(absent) + present.Length * Gini(present);
                bool enough = absent.Length >= leaf && present.Length >= leaf;
                if (enough && (best is null || cost < best.Value.Cost - 1e-9))
                {
                    best = (f, cost);
                }
            }
            if (left == 0 || best is null || Gini(here) < 1e-12 || here.Length < 2 * leaf)
            {
                Assert.True(node.IsLeaf);
                return;
            }
            Assert.Equal((best.Value.Feature, 0.5), (node.Feature, node.Threshold));
            Same(node.Left!, [.. here.Where(i => rows[i][node.Feature] == 0)], left - 1);
            Same(node.Right!, [.. here.Where(i => rows[i][node.Feature] == 1)], left - 1);
        }

        double Gini(int[] here) =>
            here.Length == 0
                ? 0
                : 1
                    - Enumerable
                        .Range(0, labels)
                        .Sum(l => Math.Pow(here.Count(i => classes[i] == l) / (double)here.Length, 2));
    }

    [Property(MaxTest = 60)]
    public void A_simplified_tree_gives_the_same_answers_with_no_needless_question(ulong seed)
    {
        Random random = new SeededRandom(seed);
        double[][] rows = [.. Enumerable.Range(0, 60).Select(_ => Bits(random, 6))];
        int[] classes = [.. rows.Select(r => r[0] == 1 || random.Next(4) == 0 ? 1 : 0)];
        TreeNode tree = DecisionTree.Classifier(rows, classes, 2, maxDepth: 4);
        TreeNode simple = DecisionTree.Simplified(tree);
        Assert.Equal(rows.Select(r => tree.Classify(r)), rows.Select(r => simple.Classify(r)));
        Assert.True(simple.Leaves <= tree.Leaves);
        Needed(simple);

        static void Needed(TreeNode node)
        {
            if (node.IsLeaf)
            {
                return;
            }
            Assert.False(node.Left!.IsLeaf && node.Right!.IsLeaf && node.Left.Label == node.Right!.Label);
            Needed(node.Left);
            Needed(node.Right!);
        }
    }

    [Property(MaxTest = 20)]
    public void Linear_surrogates_cannot_be_bettered_nearby(ulong seed)
    {
        SeededRandom random = new(seed);
        double[][] rows = [.. Enumerable.Range(0, 40).Select(_ => Bits(random, 6))];
        bool[] positive = [.. rows.Select(r => r[1] - r[3] + 0.4 * random.NextGaussian() > 0)];
        if (positive.All(p => p) || positive.All(p => !p))
        {
            return;
        }
        LinearSurrogate logistic = LinearSurrogate.Logistic(rows, positive);
        LinearSurrogate vectors = LinearSurrogate.SupportVector(rows, positive);
        double Logistic(double[] w, double b) =>
            w.Sum(x => x * x) / 2 + rows.Select((r, i) => Math.Log(1 + Math.Exp(-Margin(w, b, r, i)))).Sum();
        double Hinge(double[] w, double b) =>
            w.Sum(x => x * x) / 2 + rows.Select((r, i) => Math.Max(0, 1 - Margin(w, b, r, i))).Sum();
        double Margin(double[] w, double b, double[] r, int i) =>
            (positive[i] ? 1 : -1) * (b + w.Zip(r, (p, q) => p * q).Sum());
        Assert.Equal(Logistic([.. logistic.Weights], logistic.Intercept), logistic.Objective, 1e-9);
        Assert.Equal(Hinge([.. vectors.Weights], vectors.Intercept), vectors.Objective, 1e-9);
        for (int k = 0; k < 50; k++)
        {
            double size = Math.Pow(10, -random.Next(5));
            double Step() => size * random.NextGaussian();
            double[] Near(IReadOnlyList<double> w) => [.. w.Select(x => x + Step())];
            Assert.True(Logistic(Near(logistic.Weights), logistic.Intercept + Step()) >= logistic.Objective - 1e-9);
            Assert.True(Hinge(Near(vectors.Weights), vectors.Intercept + Step()) >= vectors.Objective - 1e-6);
        }
    }

    [Property(MaxTest = 40)]
    public void Patterns_are_counted_as_their_definitions_say(ulong seed)
    {
        Random random = new SeededRandom(seed);
        string[] words = ["a", "b", "c", "d"];
        int labelCount = 2 + random.Next(2);
        string[][] texts =
        [
            .. Enumerable
                .Range(0, 15)
                .Select(_ => Enumerable.Range(0, random.Next(7)).Select(_ => words[random.Next(4)]).ToArray()),
        ];
        int[] labels = [.. texts.Select(_ => random.Next(labelCount))];
        IReadOnlyList<Pattern> mined = Patterns.Mine(
            texts,
            labels,
            labelCount,
            longest: 3,
            leastTexts: 2,
            most: int.MaxValue
        );
        string[][] grams =
        [
            .. texts
                .SelectMany(t => Enumerable.Range(1, 3).SelectMany(l => Windows(t, l)))
                .DistinctBy(g => string.Join(' ', g))
                .Where(g => texts.Count(t => Count(t, g) > 0) >= 2),
        ];
        Assert.Equal(grams.Select(g => string.Join(' ', g)).Order(), mined.Select(p => p.Text).Order());
        foreach (string[] gram in grams)
        {
            Pattern p = mined.Single(m => m.Text == string.Join(' ', gram));
            int[] with = [.. Enumerable.Range(0, texts.Length).Where(t => Count(texts[t], gram) > 0)];
            Assert.Equal(with.Length, p.Texts);
            double chi = 0;
            double information = 0;
            double total = texts.Sum(t => Count(t, gram));
            for (int l = 0; l < labelCount; l++)
            {
                double share = labels.Count(x => x == l) / 15.0;
                if (share == 0)
                {
                    continue;
                }
                double observed = Enumerable.Range(0, 15).Where(t => labels[t] == l).Sum(t => Count(texts[t], gram));
                chi += Math.Pow(observed - share * total, 2) / (share * total);
                foreach (bool side in (bool[])[true, false])
                {
                    double marginal = Enumerable.Range(0, 15).Count(t => with.Contains(t) == side) / 15.0;
                    double joint =
                        Enumerable.Range(0, 15).Count(t => with.Contains(t) == side && labels[t] == l) / 15.0;
                    information += joint == 0 ? 0 : joint * Math.Log(joint / (marginal * share));
                }
            }
            Assert.Equal(chi, p.ChiSquare, 1e-9);
            Assert.Equal(Math.Max(0, information), p.MutualInformation, 1e-9);
            Assert.Equal(with.Count(t => labels[t] == p.Label) / (double)with.Length, p.Share, 1e-12);
            Assert.InRange(p.AdjustedPValue, p.PValue, 1);
        }
        Assert.Equal(
            mined.OrderByDescending(p => p.ChiSquare).Select(p => p.ChiSquare),
            mined.Select(p => p.ChiSquare)
        );

        static IEnumerable<string[]> Windows(string[] text, int length) =>
            Enumerable.Range(0, Math.Max(0, text.Length - length + 1)).Select(at => text[at..(at + length)]);

        static int Count(string[] text, string[] gram) => Windows(text, gram.Length).Count(w => w.SequenceEqual(gram));
    }

    [Property(MaxTest = 40)]
    public void A_fidelity_is_set_against_one_label_for_all(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int[] model = [.. Enumerable.Range(0, 80).Select(_ => random.Next(2))];
        int[] surrogate = [.. model.Select(l => random.Next(10) < 7 ? l : 1 - l)];
        Fidelity fidelity = Fidelity.Of(model, surrogate, majority: 1);
        Assert.Equal(model.Count(l => l == 1) / 80.0, fidelity.Baseline!.Value, 1e-12);
        int right = Enumerable.Range(0, 80).Count(i => surrogate[i] == model[i] && model[i] != 1);
        int wrong = Enumerable.Range(0, 80).Count(i => surrogate[i] != model[i] && model[i] == 1);
        Assert.Equal(PairedTests.McNemarExact(right, wrong), fidelity.PValue!.Value, 1e-12);
        Assert.Equal(fidelity.Accuracy - fidelity.Baseline.Value, (right - wrong) / 80.0, 1e-12);
    }

    [Fact]
    public async Task Texts_of_the_same_words_stay_on_one_side_of_the_split()
    {
        string[] texts = [.. Enumerable.Range(0, 60).Select(i => $"word{i % 20} and good{i % 3}")];
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        Corpus corpus = await Corpus.ReadAsync(model, texts, null, TestContext.Current.CancellationToken);
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            (int[] fitted, int[] held) = corpus.Split(seed, 1000, 1000);
            Assert.Equal(60, fitted.Length + held.Length);
            Assert.Empty(held.Select(t => texts[t]).Intersect(fitted.Select(t => texts[t])));
            Assert.InRange(held.Length, 15, 20);
            Assert.Equal(held, corpus.Split(seed, 1000, 1000).Held);
            Assert.InRange(corpus.Split(seed, 10, 5).Held.Length, 5, 6);
        }
    }

    [Fact]
    public async Task Mean_scores_are_those_of_the_single_explanations()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string[] texts = ["good film", "not good", "", "dull good good film", "film"];
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationRequest template = new() { Text = "", Method = "shapley" };
        GlobalExplanation global = await GlobalExplainer.ExplainAsync(
            model,
            texts,
            "aggregate",
            template,
            cancellation: cancellation
        );
        Assert.Equal(("shapley", "positive", 4), (global.LocalMethod, global.Target, global.Texts));
        List<double> good = [];
        foreach (string text in texts.Where(t => t.Contains("good", StringComparison.Ordinal)))
        {
            Explanation e = await Explainer.Default.ExplainAsync(
                model,
                template with
                {
                    Text = text,
                    TargetLabel = "positive",
                },
                cancellation: cancellation
            );
            good.Add(e.Features.Where(f => f.Text == "good").Sum(f => f.Score!.Value));
        }
        WordWeight weight = global.Weights!.Single(w => w.Word == "good");
        double mean = good.Average();
        double error = Math.Sqrt(good.Sum(g => (g - mean) * (g - mean)) / 2 / 3);
        Assert.Equal(3, weight.Texts);
        Assert.Equal(mean, weight.Weight, 1e-12);
        Assert.Equal(error, weight.StandardError!.Value, 1e-12);
        // The 97.5 % quantile of Student's t with two degrees of freedom.
        Assert.Equal(mean + 4.302652729911275 * error, weight.Interval!.Value.Upper, 1e-9);
        Assert.Null(global.Weights!.Single(w => w.Word == "dull").StandardError);
    }

    [Fact]
    public async Task Representatives_name_the_place_of_the_text_among_those_given()
    {
        string[] texts = ["", "film", "good film not dull", "   ", "good"];
        GlobalExplanation global = await GlobalExplainer.ExplainAsync(
            FakeClassifier.Binary(TextGameTests.NotGood),
            texts,
            "representatives",
            new ExplanationRequest { Text = "" },
            cancellation: TestContext.Current.CancellationToken
        );
        Representative first = global.Representatives![0];
        Assert.Equal((2, "good film not dull"), (first.Index, first.Text));
        Assert.All(global.Representatives, r => Assert.Equal(texts[r.Index], r.Text));
        Assert.Equal(1, global.Representatives[^1].Coverage, 1e-12);
        Assert.Contains("good", first.Words);
    }

    [Fact]
    public async Task Texts_are_read_once_and_reading_stops_when_cancelled()
    {
        using CancellationTokenSource stop = new();
        int read = 0;
        IEnumerable<string> Endless()
        {
            while (true)
            {
                read++;
                if (read == 2_000)
                {
                    stop.Cancel();
                }
                yield return "good film " + read;
            }
        }
        foreach (string method in (string[])["tree", "aggregate"])
        {
            read = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                GlobalExplainer.ExplainAsync(
                    Whylight.Tests.Harness.LexiconClassifier.Sentiment(),
                    Endless(),
                    method,
                    new ExplanationRequest { Text = "" },
                    cancellation: stop.Token
                )
            );
            Assert.InRange(read, 1, 4_000);
        }
    }

    private static double[] Bits(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(2))];
}
