using System.Text.Json;
using Whylight.Explanations.Game;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Game;

public sealed class GoldenShapleyTests
{
    public static TheoryData<string> ExactGames() => Golden.Ids("shapley", "exact_game");

    public static TheoryData<string> Kernels() => Golden.Ids("shapley", "kernel_weights");

    public static TheoryData<string> Leverages() => Golden.Ids("shapley", "leverage_size_distribution");

    public static TheoryData<string> Regressions() => Golden.Ids("shapley", "kernelshap_wls");

    public static TheoryData<string> TextTrees() => Golden.Ids("shapley", "text_partition_tree");

    public static TheoryData<string> Trees() => Golden.Ids("shapley", "owen_partition");

    [Theory]
    [MemberData(nameof(ExactGames))]
    public void Indices_of_exact_games(string id)
    {
        JsonElement c = Golden.Case("shapley", id);
        double[] table = Golden.Doubles(c.GetProperty("inputs").GetProperty("values_by_bitmask"));
        JsonElement expected = c.GetProperty("expected");
        Golden.Near(Golden.Doubles(expected.GetProperty("shapley")), Enumeration.Shapley(table), 1e-9);
        Golden.Near(Golden.Doubles(expected.GetProperty("banzhaf")), Enumeration.Banzhaf(table), 1e-9);
        Pairs(expected.GetProperty("sii_order2"), Enumeration.ShapleyInteractions(table), 1e-9);
        Pairs(expected.GetProperty("stii_order2"), Enumeration.ShapleyTaylorInteractions(table), 1e-9);
        Pairs(expected.GetProperty("banzhaf_interaction_order2"), Enumeration.BanzhafInteractions(table), 1e-9);
        (double[] singles, double[,] pairs) = Enumeration.KShapleyInteractions(table);
        Pairs(expected.GetProperty("k_sii_order2"), pairs, 1e-9, singles);
        // The reference solves a regression with a large finite weight at both ends and is off by up to 1e-8 itself (5.6 comes
        // out as 5.59999999084); ours is the closed form.
        (singles, pairs) = Enumeration.FaithfulInteractions(table);
        Pairs(expected.GetProperty("fsii_order2"), pairs, 2e-8, singles);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Kernel_weights(string id)
    {
        JsonElement c = Golden.Case("shapley", id);
        int n = c.GetProperty("inputs").GetProperty("M").GetInt32();
        double[] weights = [.. Enumerable.Range(1, n - 1).Select(s => Combinatorics.ShapleyKernel(n, s))];
        Golden.Near(Golden.Doubles(c.GetProperty("expected").GetProperty("weights")), weights, 1e-12);
        double[] sizes = [.. weights.Select((w, k) => w * Combinatorics.Choose(n, k + 1))];
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("size_probability")),
            [.. sizes.Select(s => s / sizes.Sum())],
            1e-12
        );
    }

    [Theory]
    [MemberData(nameof(Leverages))]
    public void Leverage_scores_and_the_sizes_the_sampler_draws(string id)
    {
        JsonElement c = Golden.Case("shapley", id);
        int n = c.GetProperty("inputs").GetProperty("M").GetInt32();
        // A size is as likely as the leverage of all its coalitions together: all sizes alike.
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("size_probability")),
            [
                .. Enumerable
                    .Range(1, n - 1)
                    .Select(s => Combinatorics.Leverage(n, s) * Combinatorics.Choose(n, s) / (n - 1)),
            ],
            1e-12
        );
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("leverage")),
            [.. Enumerable.Range(1, n - 1).Select(s => Combinatorics.Leverage(n, s))],
            1e-12
        );
        // Until a stratum is used up, sizes s and n - s together get twice the draws of the middle size.
        PairSampler sampler = new(24, 1000, new SeededRandom(5));
        for (int k = 0; k < 23 * 6; k++)
        {
            sampler.Next();
        }
        Assert.Equal([.. Enumerable.Repeat(12, 11), 6], Enumerable.Range(0, 12).Select(sampler.DrawnFrom));
    }

    [Theory]
    [MemberData(nameof(Regressions))]
    public async Task Regression_on_all_coalitions_is_exact(string id)
    {
        JsonElement c = Golden.Case("shapley", id);
        double[] table = Golden.Doubles(c.GetProperty("inputs").GetProperty("values_by_bitmask"));
        int n = c.GetProperty("inputs").GetProperty("n").GetInt32();
        PairSampler sampler = new(n, 1 << n, new SeededRandom(1));
        List<(Coalition Coalition, int Stratum)> pairs = [];
        while (sampler.Next() is { } pair)
        {
            pairs.Add(pair);
        }
        Assert.Equal((1 << n) / 2 - 1, pairs.Count);
        FunctionGame game = FunctionGame.FromTable(table);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        double[] values = await game.EvaluateAsync([.. pairs.Select(p => p.Coalition)], cancellation);
        double[] complements = await game.EvaluateAsync([.. pairs.Select(p => p.Coalition.Complement())], cancellation);
        double difference = table[^1] - table[0];
        PairedSample sample = PairedSample.Of(n, sampler, pairs, values, complements, difference);
        (double[] x, double[] errors, _) = SampleRegression.OddPart(sample)!.Solve(sample.Target);
        double[] expected = Golden.Doubles(c.GetProperty("expected").GetProperty("phi"));
        Golden.Near(expected, [.. x.Select(v => v + difference / n)], 1e-9);
        Assert.All(errors, e => Assert.Equal(0, e));
        foreach (OddPartProxy proxy in (OddPartProxy[])[KernelProxy.Fit(sample)!, TreeProxy.Fit(sample)!])
        {
            (double[] corrected, double[] proxyErrors) = ProxyCorrection.Apply(sample, proxy);
            Golden.Near(expected, [.. corrected.Select(v => v + difference / n)], 1e-9);
            Assert.All(proxyErrors, e => Assert.Equal(0, e));
        }
    }

    [Fact]
    public async Task A_model_over_a_background_as_kernel_explainer_sees_it()
    {
        JsonElement c = Golden.Case("shapley", "shap_kernelexplainer_nonlinear4");
        double[] x = Golden.Doubles(c.GetProperty("inputs").GetProperty("x"));
        double[][] background =
        [
            .. c.GetProperty("inputs").GetProperty("background").EnumerateArray().Select(Golden.Doubles),
        ];
        FunctionGame game = new(
            4,
            s =>
                background.Average(row =>
                {
                    double[] z = [.. x.Select((v, i) => s[i] ? v : row[i])];
                    return z[0] * z[1] + 2 * z[2] - Math.Sin(z[3]) + 0.5 * z[0] * z[3];
                })
        );
        PlayerValues values = await ShapleyEstimator.EstimateAsync(
            game,
            new ShapleyOptions(),
            new SeededRandom(1),
            cancellation: TestContext.Current.CancellationToken
        );
        JsonElement expected = c.GetProperty("expected");
        Golden.Near(Golden.Doubles(expected.GetProperty("phi")), [.. values.Values], 1e-7);
        Assert.Equal(expected.GetProperty("expected_value").GetDouble(), values.EmptyValue, 1e-7);
        Assert.Equal(expected.GetProperty("f_x").GetDouble(), values.FullValue, 1e-7);
    }

    [Fact]
    public async Task No_false_zeros_on_twelve_linear_features()
    {
        JsonElement c = Golden.Case("shapley", "shap_l1_reg_default_truncates");
        double[] weights = Golden.Doubles(c.GetProperty("model").GetProperty("weight"));
        double[] expected = Golden.Doubles(c.GetProperty("expected").GetProperty("true_shapley"));
        foreach (int budget in (int[])[34, 256, 4096])
        {
            PlayerValues values = await ShapleyEstimator.EstimateAsync(
                new FunctionGame(12, s => s.Members().Sum(i => weights[i])),
                new ShapleyOptions { Budget = budget },
                new SeededRandom(1),
                cancellation: TestContext.Current.CancellationToken
            );
            Golden.Near(expected, [.. values.Values], 1e-10);
        }
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public async Task Owen_values_over_a_tree(string id)
    {
        JsonElement c = Golden.Case("shapley", id);
        JsonElement inputs = c.GetProperty("inputs");
        double[] table = Golden.Doubles(inputs.GetProperty("values_by_bitmask"));
        int n = inputs.GetProperty("n").GetInt32();
        PhraseTree tree = PhraseTree.OfMerges(
            n,
            [
                .. inputs
                    .GetProperty("clustering")
                    .EnumerateArray()
                    .Select(row => ((int)row[0].GetDouble(), (int)row[1].GetDouble())),
            ]
        );
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        JsonElement expected = c.GetProperty("expected");
        JsonElement both = expected.GetProperty("owen_both_contexts");
        PlayerValues owen = await OwenValues.EstimateAsync(
            FunctionGame.FromTable(table),
            tree,
            new ShapleyOptions(),
            new SeededRandom(1),
            cancellation: cancellation
        );
        Golden.Near(Golden.Doubles(both.GetProperty("values")), [.. owen.Values], 1e-9);
        Assert.Equal(both.GetProperty("base").GetDouble(), owen.EmptyValue, 1e-12);
        Assert.True(owen.ModelCalls <= both.GetProperty("evals").GetInt32() + 2);
        for (int present = 0; present < 2; present++)
        {
            JsonElement fixedContext = expected.GetProperty($"fixed_context_{present}");
            FunctionGame game = FunctionGame.FromTable(table);
            (double[] values, IReadOnlyList<(PhraseTree Node, double Own)> hierarchical) =
                await OwenValues.FixedContextAsync(game, tree, present == 1, cancellation);
            Golden.Near(Golden.Doubles(fixedContext.GetProperty("values")), values, 1e-9);
            Assert.Equal(fixedContext.GetProperty("evals").GetInt32() + 2, game.ModelCalls);
            // Ours come in post-order, the reference's leaves first and then the merges.
            double[] own = Golden.Doubles(fixedContext.GetProperty("hierarchical_values"));
            Golden.Near([.. own.Order()], [.. hierarchical.Select(h => h.Own).Order()], 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(TextTrees))]
    public async Task Owen_values_over_a_tree_that_another_tool_built(string id)
    {
        // How shap scores merges is its own heuristic; our trees follow sentences and phrases. Its trees are read all the same.
        JsonElement c = Golden.Case("shapley", id);
        int n = c.GetProperty("inputs").GetProperty("tokens").GetArrayLength();
        double[][] merges =
        [
            .. c.GetProperty("expected").GetProperty("clustering").EnumerateArray().Select(Golden.Doubles),
        ];
        PhraseTree tree = PhraseTree.OfMerges(n, [.. merges.Select(m => ((int)m[0], (int)m[1]))]);
        Assert.Equal(Enumerable.Range(0, n), tree.Players.Order());
        Assert.Equal(n, merges[^1][3]);
        double[] weights = [.. Enumerable.Range(0, n).Select(i => Math.Sin(3 * i + 1))];
        PlayerValues owen = await OwenValues.EstimateAsync(
            new FunctionGame(n, s => Math.Tanh(s.Members().Sum(i => weights[i]))),
            tree,
            new ShapleyOptions { Budget = 4096 },
            new SeededRandom(1),
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(owen.FullValue - owen.EmptyValue, owen.Values.Sum(), 1e-12);
    }

    private static void Pairs(JsonElement expected, double[,] pairs, double tolerance, double[]? singles = null)
    {
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            int[] players = [.. property.Name.Split(',').Select(int.Parse)];
            double value = players.Length == 1 ? singles![players[0]] : pairs[players[0], players[1]];
            Assert.Equal(property.Value.GetDouble(), value, tolerance);
        }
    }
}
