using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Global;
using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Global;

public sealed class GlobalTests
{
    public static TheoryData<string> Trees() => Golden.Ids("surrogates", "decision_tree_surrogate");

    public static TheoryData<string> Logistics() => Golden.Ids("surrogates", "logistic_regression_surrogate");

    [Theory]
    [MemberData(nameof(Trees))]
    public void Decision_trees(string id)
    {
        JsonElement c = Golden.Case("surrogates", id);
        JsonElement e = c.GetProperty("expected");
        JsonElement parameters = c.GetProperty("params");
        double[][] rows = Rows(c, "X");
        string criterion = parameters.GetProperty("criterion").GetString()!;
        int depth = parameters.GetProperty("max_depth").GetInt32();
        if (criterion == "squared_error")
        {
            TreeNode regressor = DecisionTree.Regressor(
                rows,
                Golden.Doubles(c.GetProperty("inputs").GetProperty("model_probabilities")),
                depth
            );
            Same(e.GetProperty("tree"), regressor);
            return;
        }
        int[] labels = Golden.Ints(c.GetProperty("inputs").GetProperty("labels"));
        TreeNode tree = DecisionTree.Classifier(
            rows,
            labels,
            2,
            Whylight.Explanations.Names.Parse<TreeCriterion>(criterion, "criterion"),
            depth,
            parameters.GetProperty("min_samples_leaf").GetInt32()
        );
        Same(e.GetProperty("tree"), tree);
        Assert.Equal(e.GetProperty("n_leaves").GetInt32(), tree.Leaves);
        Assert.Equal(e.GetProperty("depth").GetInt32(), tree.Depth);
        Assert.Equal(Golden.Ints(e.GetProperty("predictions")), rows.Select(r => tree.Classify(r)));
        Golden.Near(
            Golden.Doubles(e.GetProperty("leaf_probability_of_1")),
            [.. rows.Select(r => tree.LeafOf(r).Probability[1])],
            1e-9
        );
        Golden.Near(Golden.Doubles(e.GetProperty("feature_importances")), tree.Importances(3), 1e-9);
        Fidelity fidelity = Fidelity.Of(labels, [.. rows.Select(r => tree.Classify(r))]);
        Assert.Equal(e.GetProperty("fidelity_accuracy").GetDouble(), fidelity.Accuracy, 1e-9);
        Assert.Equal(e.GetProperty("fidelity_kappa").GetDouble(), fidelity.Kappa!.Value, 1e-9);
        Assert.True(fidelity.Interval.Contains(fidelity.Accuracy));
    }

    [Fact]
    public void Cost_complexity_pruning()
    {
        JsonElement c = Golden.Case("surrogates", "tree_ccp_path");
        TreeNode tree = DecisionTree.Classifier(
            Rows(c, "X"),
            Golden.Ints(c.GetProperty("inputs").GetProperty("labels")),
            2
        );
        var path = DecisionTree.PruningPath(tree);
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("ccp_alphas")),
            [.. path.Select(p => p.Alpha)],
            1e-9
        );
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("impurities")),
            [.. path.Select(p => p.Impurity)],
            1e-9
        );
        Assert.True(path[^1].Tree.IsLeaf);
    }

    [Theory]
    [MemberData(nameof(Logistics))]
    public void Logistic_regressions(string id)
    {
        JsonElement c = Golden.Case("surrogates", id);
        double[][] rows = Rows(c, "X");
        int[] labels = Golden.Ints(c.GetProperty("inputs").GetProperty("labels"));
        LinearSurrogate fit = LinearSurrogate.Logistic(
            rows,
            [.. labels.Select(l => l == 1)],
            c.GetProperty("params").GetProperty("C").GetDouble()
        );
        JsonElement e = c.GetProperty("expected");
        Golden.Near(Golden.Doubles(e.GetProperty("coef")), [.. fit.Weights], 2e-4);
        Assert.Equal(e.GetProperty("intercept").GetDouble(), fit.Intercept, 2e-4);
        double objective = e.GetProperty("objective").GetDouble();
        Assert.InRange(fit.Objective, 0, objective * (1 + 1e-7));
        Golden.Near(
            Golden.Doubles(e.GetProperty("probabilities")),
            [.. rows.Select(r => 1 / (1 + Math.Exp(-fit.Decision(r))))],
            2e-4
        );
        Fidelity fidelity = Fidelity.Of(labels, [.. rows.Select(r => fit.Decision(r) > 0 ? 1 : 0)]);
        Assert.Equal(e.GetProperty("fidelity_accuracy").GetDouble(), fidelity.Accuracy, 1e-9);
    }

    [Fact]
    public void Linear_support_vector_machine()
    {
        JsonElement c = Golden.Case("surrogates", "linear_svm_hinge_C1");
        double[][] rows = Rows(c, "X_standardised");
        int[] labels = Golden.Ints(c.GetProperty("inputs").GetProperty("labels"));
        LinearSurrogate fit = LinearSurrogate.SupportVector(rows, [.. labels.Select(l => l == 1)]);
        JsonElement e = c.GetProperty("expected");
        Golden.Near(Golden.Doubles(e.GetProperty("coef")), [.. fit.Weights], 2e-4);
        Assert.Equal(e.GetProperty("intercept").GetDouble(), fit.Intercept, 3e-4);
        double objective = e.GetProperty("objective").GetDouble();
        Assert.InRange(fit.Objective, objective * (1 - 1e-5), objective * (1 + 1e-6));
        Fidelity fidelity = Fidelity.Of(labels, [.. rows.Select(r => fit.Decision(r) > 0 ? 1 : 0)]);
        Assert.Equal(e.GetProperty("fidelity_accuracy").GetDouble(), fidelity.Accuracy, 1e-9);
    }

    [Fact]
    public void Forests_average_their_trees()
    {
        JsonElement c = Golden.Case("surrogates", "random_forest_aggregation");
        double[][] rows = Rows(c, "X");
        RandomForest forest = new([.. c.GetProperty("inputs").GetProperty("trees").EnumerateArray().Select(Tree)]);
        JsonElement e = c.GetProperty("expected");
        Golden.Near(
            Golden.Doubles(e.GetProperty("probabilities")),
            [.. rows.Select(r => forest.Probability(r)[1])],
            1e-9
        );
        Golden.Near(Golden.Doubles(e.GetProperty("feature_importances")), forest.Importances(3), 1e-9);
        int[] labels = Golden.Ints(c.GetProperty("inputs").GetProperty("labels"));
        RandomForest grown = RandomForest.Grow(
            rows,
            labels,
            2,
            20,
            5,
            new SeededRandom(1),
            TestContext.Current.CancellationToken
        );
        RandomForest again = RandomForest.Grow(
            rows,
            labels,
            2,
            20,
            5,
            new SeededRandom(1),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(JsonSerializer.Serialize(grown), JsonSerializer.Serialize(again));
        Assert.True(rows.Zip(labels).Count(p => (grown.Probability(p.First)[1] > 0.5 ? 1 : 0) == p.Second) >= 38);
    }

    [Fact]
    public void Chi_square_and_mutual_information_of_words()
    {
        JsonElement c = Golden.Case("surrogates", "pattern_chi2_mi");
        string[][] texts = Texts(c);
        int[] labels = Golden.Ints(c.GetProperty("inputs").GetProperty("labels"));
        JsonElement e = c.GetProperty("expected");
        string[] vocabulary = [.. e.GetProperty("vocabulary").EnumerateArray().Select(v => v.GetString()!)];
        double[] chi = Golden.Doubles(e.GetProperty("chi2"));
        double[] p = Golden.Doubles(e.GetProperty("p_value"));
        double[] information = Golden.Doubles(e.GetProperty("mutual_information"));
        IReadOnlyList<Pattern> mined = Patterns.Mine(texts, labels, 2, longest: 1, leastTexts: 1);
        for (int k = 0; k < vocabulary.Length; k++)
        {
            Pattern pattern = mined.Single(m => m.Text == vocabulary[k]);
            Assert.Equal(chi[k], pattern.ChiSquare, 1e-9);
            Assert.Equal(p[k], pattern.PValue, 1e-9);
            Assert.Equal(information[k], pattern.MutualInformation, 1e-9);
        }
        Assert.Equal("great", mined[0].Text);
        Assert.Equal((1, 1.0), (mined[0].Label, mined[0].Share));
        Assert.Contains(Patterns.Mine(texts, labels, 2, leastTexts: 1), m => m.Text == "good movie");
    }

    [Fact]
    public void Association_rules()
    {
        JsonElement c = Golden.Case("counterfactuals_rules", "association_rules");
        JsonElement[] expected = [.. c.GetProperty("expected").GetProperty("rules").EnumerateArray()];
        IReadOnlyList<AssociationRule> rules = Patterns.Rules(
            [.. Texts(c).Select(t => t.ToHashSet())],
            Golden.Ints(c.GetProperty("inputs").GetProperty("labels")),
            2
        );
        Assert.Equal(expected.Length, rules.Count);
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.Equal(expected[k].GetProperty("tokens").EnumerateArray().Select(t => t.GetString()), rules[k].Words);
            Assert.Equal(expected[k].GetProperty("label").GetInt32(), rules[k].Label);
            Assert.Equal(expected[k].GetProperty("support_count").GetInt32(), rules[k].SupportCount);
            Assert.Equal(expected[k].GetProperty("support").GetDouble(), rules[k].Support, 1e-12);
            Assert.Equal(expected[k].GetProperty("confidence").GetDouble(), rules[k].Confidence, 1e-12);
            Assert.Equal(expected[k].GetProperty("lift").GetDouble(), rules[k].Lift, 1e-12);
            Assert.Equal(expected[k].GetProperty("leverage").GetDouble(), rules[k].Leverage, 1e-12);
        }
    }

    [Fact]
    public void A_rule_list_finds_the_rules_that_made_the_labels()
    {
        Random random = new SeededRandom(3);
        double[][] rows =
        [
            .. Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 8).Select(_ => random.Next(2) * 1.0).ToArray()),
        ];
        int[] classes =
        [
            .. rows.Select(r =>
                r[2] == 1 && r[5] == 1 ? 2
                : r[0] == 1 ? 1
                : 0
            ),
        ];
        RuleList list = RuleList.Learn(rows, classes, 3, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(classes, rows.Select(r => list.Classify(r)));
        Assert.Contains(list.Rules, r => r.Features.SequenceEqual([2, 5]) && r.Label == 2 && r.Precision == 1);
        Assert.Empty(list.Rules[^1].Features);
    }

    [Fact]
    public void Representatives_cover_and_are_as_good_as_the_best_pair_up_to_the_bound()
    {
        Random random = new SeededRandom(5);
        Dictionary<string, double>[] weights =
        [
            .. Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Enumerable
                        .Range(0, 10)
                        .Where(_ => random.Next(3) == 0)
                        .ToDictionary(w => $"w{w}", _ => random.NextDouble() - 0.5)
                ),
        ];
        IReadOnlyList<(int Text, double Coverage, IReadOnlyList<string> Words)> picked = Representatives.Pick(
            weights,
            2
        );
        double Covered(params int[] texts)
        {
            string[] words = [.. texts.SelectMany(t => weights[t].Keys).Distinct()];
            double Importance(string w) => Math.Sqrt(weights.Sum(x => Math.Abs(x.GetValueOrDefault(w))));
            return words.Sum(Importance) / weights.SelectMany(x => x.Keys).Distinct().Sum(Importance);
        }
        Assert.Equal(Covered(picked[0].Text, picked[1].Text), picked[1].Coverage, 1e-12);
        double best = Enumerable.Range(0, 8).SelectMany(a => Enumerable.Range(0, 8).Select(b => Covered(a, b))).Max();
        Assert.True(picked[1].Coverage >= (1 - 1 / Math.E) * best);
    }

    [Fact]
    public async Task Every_global_method_explains_a_dataset_and_repeats_to_the_byte()
    {
        Random random = new SeededRandom(7);
        string[] filler = ["the", "a", "film", "plot", "it", "was", "quite"];
        string[] texts =
        [
            .. Enumerable
                .Range(0, 160)
                .Select(_ =>
                    string.Join(
                        ' ',
                        Enumerable
                            .Range(0, 5)
                            .Select(_ => filler[random.Next(filler.Length)])
                            .Append(random.Next(2) == 0 ? "good" : "dull")
                    )
                ),
        ];
        foreach (string method in GlobalExplainer.Methods)
        {
            string[] json = new string[2];
            for (int run = 0; run < 2; run++)
            {
                FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
                GlobalExplanation e = await GlobalExplainer.ExplainAsync(
                    model,
                    texts,
                    method,
                    new ExplanationRequest { Text = "" },
                    cancellation: TestContext.Current.CancellationToken
                );
                json[run] = Json(e with { ModelHash = "" });
                Assert.Equal(160, e.Predicted.Sum());
                if (method is "tree" or "rules" or "logistic" or "svm" or "forest")
                {
                    Assert.Equal(40, e.Fidelity!.Texts);
                    Assert.InRange(e.Fidelity.Accuracy, 0.95, 1);
                    Assert.True(e.Fidelity.BeatsBaseline);
                }
                if (method is "logistic" or "svm" or "aggregate" or "forest")
                {
                    Assert.Contains(e.Weights![0].Word, (string[])["good", "dull"]);
                }
                if (e.Regions is not null)
                {
                    Assert.Equal(40, e.Regions.Sum(r => r.Texts));
                }
            }
            Assert.Equal(json[0], json[1]);
        }
    }

    [Fact]
    public async Task Too_few_texts_and_unknown_methods_are_refused()
    {
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationRequest template = new() { Text = "" };
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            GlobalExplainer.ExplainAsync(model, ["a", "b"], "tree", template, cancellation: cancellation)
        );
        Assert.Contains("at least 10", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            GlobalExplainer.ExplainAsync(model, ["a"], "trees", template, cancellation: cancellation)
        );
        Assert.Contains("did you mean 'tree'", refused.Message, StringComparison.Ordinal);
    }

    private static string Json(GlobalExplanation explanation)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            GlobalJson.Write(writer, explanation, "file");
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static double[][] Rows(JsonElement c, string name) =>
        [.. c.GetProperty("inputs").GetProperty(name).EnumerateArray().Select(Golden.Doubles)];

    // As scikit-learn's default tokens: words of two letters or more.
    private static string[][] Texts(JsonElement c) =>
        [
            .. c.GetProperty("inputs")
                .GetProperty("documents")
                .EnumerateArray()
                .Select(d => d.GetString()!.Split(' ').Where(w => w.Length > 1).ToArray()),
        ];

    private static TreeNode Tree(JsonElement e) =>
        new(
            e.GetProperty("samples").GetInt32(),
            e.GetProperty("impurity").GetDouble(),
            Golden.Doubles(e.GetProperty("value")),
            e.TryGetProperty("feature", out JsonElement f) ? f.GetInt32() : -1,
            e.TryGetProperty("threshold", out JsonElement t) ? t.GetDouble() : 0,
            e.TryGetProperty("left", out JsonElement l) ? Tree(l) : null,
            e.TryGetProperty("right", out JsonElement r) ? Tree(r) : null
        );

    private static void Same(JsonElement expected, TreeNode actual)
    {
        TreeNode tree = Tree(expected);
        Assert.Equal(tree.Samples, actual.Samples);
        Assert.Equal(tree.Impurity, actual.Impurity, 1e-6);
        Golden.Near([.. tree.Value], [.. actual.Value], 1e-6);
        Assert.Equal(tree.Feature, actual.Feature);
        Assert.Equal(tree.Threshold, actual.Threshold, 1e-6);
        Assert.Equal(tree.IsLeaf, actual.IsLeaf);
        if (!tree.IsLeaf)
        {
            Same(expected.GetProperty("left"), actual.Left!);
            Same(expected.GetProperty("right"), actual.Right!);
        }
    }
}
