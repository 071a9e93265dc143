using System.Globalization;
using System.Text.Json;
using Whylight.Explanations.Evaluation;
using Whylight.Measures;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Evaluation;

public sealed class GoldenEvaluationTests
{
    public static TheoryData<string> Complexities() => Golden.Ids("evaluation_metrics", "complexity");

    public static TheoryData<string> Similarities() => Golden.Ids("evaluation_metrics", "similarity");

    [Theory]
    [MemberData(nameof(Complexities))]
    public void Complexity_and_sparseness(string id)
    {
        JsonElement c = Golden.Case("evaluation_metrics", id);
        double[] a = Golden.Doubles(c.GetProperty("inputs").GetProperty("attribution"));
        JsonElement e = c.GetProperty("expected");
        Assert.Equal(e.GetProperty("entropy").GetDouble(), Complexity.Entropy(a)!.Value, 1e-8);
        Assert.Equal(e.GetProperty("complexity_metric").GetDouble(), Complexity.Entropy(a)!.Value, 1e-8);
        Assert.Equal(e.GetProperty("gini").GetDouble(), Complexity.Gini(a), 1e-8);
        Assert.Equal(e.GetProperty("effective_complexity_eps_1e_5").GetInt32(), Complexity.Effective(a));
        Assert.Equal(e.GetProperty("effective_complexity_eps_0_1").GetInt32(), Complexity.Effective(a, 0.1));
    }

    [Theory]
    [MemberData(nameof(Similarities))]
    public void Similarity_of_two_attributions(string id)
    {
        JsonElement c = Golden.Case("evaluation_metrics", id);
        double[] a = Golden.Doubles(c.GetProperty("inputs").GetProperty("a"));
        double[] b = Golden.Doubles(c.GetProperty("inputs").GetProperty("b"));
        double[] absA = [.. a.Select(Math.Abs)];
        double[] absB = [.. b.Select(Math.Abs)];
        int seen = 0;
        foreach (JsonProperty property in c.GetProperty("expected").EnumerateObject())
        {
            double actual = property.Name switch
            {
                "pearson" => RankCorrelation.Pearson(a, b),
                "spearman" => RankCorrelation.Spearman(a, b),
                "kendall_tau_b" => RankCorrelation.KendallTauB(a, b),
                "euclidean" => Similarity.Euclidean(a, b),
                "manhattan" => Similarity.Manhattan(a, b),
                "chebyshev" => Similarity.Chebyshev(a, b),
                "cosine_distance" => Similarity.CosineDistance(a, b)!.Value,
                "mean_abs_difference" => Similarity.Manhattan(a, b) / a.Length,
                "squared_difference" => Similarity.SquaredDifference(a, b),
                "weighted_kendall_tau" => Similarity.WeightedKendallTau(absA, absB)!.Value,
                "sign_agreement" => RankCorrelation.SignAgreement(a, b),
                string name when name.EndsWith("_jaccard_abs", StringComparison.Ordinal) => RankCorrelation.TopKJaccard(
                    a,
                    b,
                    name[3] - '0'
                ),
                string name when name.EndsWith("_intersection_abs", StringComparison.Ordinal) =>
                    Similarity.TopKIntersection(a, b, name[3] - '0'),
                string name => RankCorrelation.RankBiasedOverlap(
                    a,
                    b,
                    double.Parse(name["rbo_ext_p".Length..], CultureInfo.InvariantCulture)
                ),
            };
            Assert.True(
                Math.Abs(property.Value.GetDouble() - actual) < 1e-8,
                $"{property.Name}: {property.Value.GetDouble()} and {actual}"
            );
            seen++;
        }
        Assert.Equal(19, seen);
    }

    [Fact]
    public void Stability_measures()
    {
        JsonElement c = Golden.Case("evaluation_metrics", "relative_input_stability");
        JsonElement i = c.GetProperty("inputs");
        Assert.Equal(
            Value(c),
            Stability.Relative(
                Golden.Doubles(i.GetProperty("e_x")),
                Golden.Doubles(i.GetProperty("e_x_perturbed")),
                Golden.Doubles(i.GetProperty("x")),
                Golden.Doubles(i.GetProperty("x_perturbed"))
            ),
            1e-8
        );
        c = Golden.Case("evaluation_metrics", "local_lipschitz_manhattan_over_euclidean");
        i = c.GetProperty("inputs");
        Assert.Equal(
            Value(c),
            Stability.Lipschitz(
                Golden.Doubles(i.GetProperty("a")),
                Golden.Doubles(i.GetProperty("a_perturbed")),
                Similarity.Euclidean(Golden.Doubles(i.GetProperty("x")), Golden.Doubles(i.GetProperty("x_perturbed")))
            ),
            1e-8
        );
        c = Golden.Case("evaluation_metrics", "max_avg_sensitivity");
        double[] a = Golden.Doubles(c.GetProperty("inputs").GetProperty("a"));
        double[][] perturbed =
        [
            .. c.GetProperty("inputs").GetProperty("perturbed_attributions").EnumerateArray().Select(Golden.Doubles),
        ];
        JsonElement e = c.GetProperty("expected");
        Golden.Near(
            Golden.Doubles(e.GetProperty("values")),
            [.. perturbed.Select(p => Stability.Sensitivity(a, p)!.Value)],
            1e-9
        );
        Assert.Equal(e.GetProperty("max_sensitivity").GetDouble(), Stability.MaxSensitivity(a, perturbed)!.Value, 1e-9);
        Assert.Equal(
            e.GetProperty("avg_sensitivity").GetDouble(),
            Stability.AverageSensitivity(a, perturbed)!.Value,
            1e-9
        );
    }

    [Fact]
    public void Faithfulness_of_gradient_times_input()
    {
        JsonElement c = Golden.Case("evaluation_metrics", "faithfulness_gradxinput");
        JsonElement i = c.GetProperty("inputs");
        JsonElement e = c.GetProperty("expected");
        double[] x = Golden.Doubles(i.GetProperty("x"));
        double[] a = Golden.Doubles(i.GetProperty("attribution"));
        Func<double[], double> f = Model(c);
        double whole = f(x);
        int[][] subsets = [.. i.GetProperty("subsets").EnumerateArray().Select(Golden.Ints)];
        double[] sums = [.. subsets.Select(s => s.Sum(k => a[k]))];
        double[] changes = [.. subsets.Select(s => whole - f(Removed(x, s)))];
        Golden.Near(Golden.Doubles(e.GetProperty("attribution_sums")), sums, 1e-8);
        Golden.Near(Golden.Doubles(e.GetProperty("prediction_deltas")), changes, 1e-8);
        Assert.Equal(
            e.GetProperty("faithfulness_correlation_pearson").GetDouble(),
            Faithfulness.Correlation(sums, changes)!.Value,
            1e-8
        );
        Assert.Equal(
            e.GetProperty("faithfulness_correlation_spearman").GetDouble(),
            RankCorrelation.Spearman(sums, changes),
            1e-8
        );
        int[] order = Faithfulness.Order(a);
        double[] deletion = [.. Enumerable.Range(0, 7).Select(k => f(Removed(x, order[..k])))];
        double[] insertion = [.. Enumerable.Range(0, 7).Select(k => f(Removed(x, order[k..])))];
        Golden.Near(Golden.Doubles(e.GetProperty("deletion_curve")), deletion, 1e-8);
        Golden.Near(Golden.Doubles(e.GetProperty("insertion_curve")), insertion, 1e-8);
        Assert.Equal(e.GetProperty("deletion_auc").GetDouble(), Faithfulness.Area(deletion), 1e-8);
        Assert.Equal(e.GetProperty("insertion_auc").GetDouble(), Faithfulness.Area(insertion), 1e-8);
        double[] single = [.. Enumerable.Range(0, 6).Select(k => whole - f(Removed(x, [k])))];
        Golden.Near(Golden.Doubles(e.GetProperty("single_deletion_deltas")), single, 1e-8);
        Assert.Equal(
            e.GetProperty("faithfulness_estimate_pearson").GetDouble(),
            Faithfulness.Correlation(a, single)!.Value,
            1e-8
        );
        Assert.Equal(
            e.GetProperty("monotonicity_spearman_abs").GetDouble(),
            Faithfulness.Monotonicity(a, single)!.Value,
            1e-8
        );
        double[][] steps = [.. i.GetProperty("infidelity_perturbations").EnumerateArray().Select(Golden.Doubles)];
        Assert.Equal(
            e.GetProperty("infidelity").GetDouble(),
            Faithfulness
                .Infidelity(
                    [.. steps.Select(s => s.Select((v, k) => v * a[k] / x[k]).Sum())],
                    [.. steps.Select(s => whole - f([.. x.Select((v, k) => v - s[k])]))]
                )!
                .Value,
            1e-8
        );
    }

    [Fact]
    public void Infidelity_plain_and_normalised()
    {
        JsonElement c = Golden.Case("noise_infidelity_tokens", "infidelity_saliency");
        JsonElement i = c.GetProperty("inputs");
        double[] x = Golden.Doubles(i.GetProperty("x"));
        double[] a = Golden.Doubles(i.GetProperty("attribution_per_unit"));
        JsonElement[] layers = [.. c.GetProperty("model").GetProperty("layers").EnumerateArray()];
        double F(double[] input)
        {
            double[] h = [.. Linear(layers[0], input).Select(Math.Tanh)];
            return Linear(layers[2], h)[i.GetProperty("target").GetInt32()];
        }
        double[][] steps = [.. i.GetProperty("perturbations").EnumerateArray().Select(Golden.Doubles)];
        double[] sums = [.. steps.Select(s => s.Zip(a, (p, q) => p * q).Sum())];
        double[] changes = [.. steps.Select(s => F(x) - F([.. x.Zip(s, (p, q) => p - q)]))];
        JsonElement e = c.GetProperty("expected");
        Assert.Equal(e.GetProperty("infidelity").GetDouble(), Faithfulness.Infidelity(sums, changes)!.Value, 1e-9);
        Assert.Equal(
            e.GetProperty("infidelity_normalised").GetDouble(),
            Faithfulness.Infidelity(sums, changes, true)!.Value,
            1e-9
        );
    }

    [Fact]
    public void Eraser_measures()
    {
        JsonElement c = Golden.Case("evaluation_metrics", "eraser_gradxinput");
        JsonElement e = c.GetProperty("expected");
        double[] x = Golden.Doubles(c.GetProperty("inputs").GetProperty("x"));
        int[] order = Faithfulness.Order(Golden.Doubles(c.GetProperty("inputs").GetProperty("attribution")));
        Func<double[], double> f = Model(c);
        Assert.Equal(Golden.Doubles(c.GetProperty("params").GetProperty("bins")), Eraser.Bins);
        int[] sizes = [.. Eraser.Bins.Select(b => Eraser.Size(b, 6))];
        double[] without = [.. sizes.Select(k => f(Removed(x, order[..k])))];
        double[] only = [.. sizes.Select(k => f(Removed(x, order[k..])))];
        Golden.Near(Golden.Doubles(e.GetProperty("comprehensiveness")), [.. without.Select(v => f(x) - v)], 1e-9);
        Golden.Near(Golden.Doubles(e.GetProperty("sufficiency")), [.. only.Select(v => f(x) - v)], 1e-9);
        Assert.Equal(e.GetProperty("aopc_comprehensiveness").GetDouble(), Eraser.Aopc(f(x), without), 1e-9);
        Assert.Equal(e.GetProperty("aopc_sufficiency").GetDouble(), Eraser.Aopc(f(x), only), 1e-9);
        // The extremes over nested sets, against every order.
        double[] table =
        [
            .. Enumerable
                .Range(0, 64)
                .Select(m => f(Removed(x, [.. Enumerable.Range(0, 6).Where(k => (m >> k & 1) != 0)]))),
        ];
        double[] all = [.. Orders([0, 1, 2, 3, 4, 5]).Select(o => sizes.Sum(k => table[o.Take(k).Sum(p => 1 << p)]))];
        (double least, double greatest) = Eraser.Extremes(table, sizes);
        Assert.Equal(all.Min(), least, 1e-12);
        Assert.Equal(all.Max(), greatest, 1e-12);
    }

    [Fact]
    public void Plausibility_against_a_rationale()
    {
        JsonElement c = Golden.Case("evaluation_metrics", "plausibility_rationale");
        double[] a = Golden.Doubles(c.GetProperty("inputs").GetProperty("attribution"));
        bool[] r = [.. Golden.Ints(c.GetProperty("inputs").GetProperty("rationale_mask")).Select(v => v == 1)];
        JsonElement e = c.GetProperty("expected");
        Assert.Equal(e.GetProperty("pointing_game").GetInt32() == 1, Plausibility.PointsAtRationale(a, r));
        Assert.Equal(
            e.GetProperty("relevance_rank_accuracy").GetDouble(),
            Plausibility.RankAccuracy(a, r)!.Value,
            1e-9
        );
        Assert.Equal(
            e.GetProperty("relevance_mass_accuracy").GetDouble(),
            Plausibility.MassAccuracy(a, r)!.Value,
            1e-9
        );
        Assert.Equal(e.GetProperty("auroc").GetDouble(), Plausibility.Auroc(a, r)!.Value, 1e-9);
        Assert.Equal(e.GetProperty("auprc").GetDouble(), Plausibility.Auprc(a, r)!.Value, 1e-9);
        Assert.Equal(e.GetProperty("token_f1_top3").GetDouble(), Plausibility.TokenF1(a, r, 3), 1e-9);
        Assert.Equal(e.GetProperty("iou_top3").GetDouble(), Plausibility.Iou(a, r, 3), 1e-9);
    }

    [Fact]
    public void Normalisation_and_randomisation()
    {
        JsonElement c = Golden.Case("evaluation_metrics", "normalise");
        double[][] rows =
        [
            .. c.GetProperty("inputs").GetProperty("attribution").EnumerateArray().Select(Golden.Doubles),
        ];
        double[][] byMax = [.. c.GetProperty("expected").GetProperty("by_max").EnumerateArray().Select(Golden.Doubles)];
        double[][] bySign =
        [
            .. c.GetProperty("expected").GetProperty("by_negative").EnumerateArray().Select(Golden.Doubles),
        ];
        for (int r = 0; r < rows.Length; r++)
        {
            Golden.Near(byMax[r], Randomisation.NormaliseByMax(rows[r]), 1e-9);
            Golden.Near(bySign[r], Randomisation.NormaliseBySign(rows[r]), 1e-9);
        }
        c = Golden.Case("evaluation_metrics", "randomisation_check");
        IReadOnlyList<(double Signed, double Absolute)> similarities = Randomisation.Similarities(
            Golden.Doubles(c.GetProperty("inputs").GetProperty("attribution")),
            c.GetProperty("inputs")
                .GetProperty("after_randomising_layers_top_down")
                .EnumerateArray()
                .Select(Golden.Doubles)
        );
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("spearman")),
            [.. similarities.Select(s => s.Signed)],
            1e-9
        );
        Golden.Near(
            Golden.Doubles(c.GetProperty("expected").GetProperty("spearman_abs")),
            [.. similarities.Select(s => s.Absolute)],
            1e-9
        );
    }

    private static double Value(JsonElement c) => c.GetProperty("expected").GetProperty("value").GetDouble();

    private static Func<double[], double> Model(JsonElement c)
    {
        double[] w = Golden.Doubles(c.GetProperty("inputs").GetProperty("weights"));
        return x => 1 / (1 + Math.Exp(-w.Zip(x, (p, q) => p * q).Sum()));
    }

    private static double[] Removed(double[] x, int[] removed) => [.. x.Select((v, k) => removed.Contains(k) ? 0 : v)];

    private static double[] Linear(JsonElement layer, double[] x)
    {
        double[] bias = Golden.Doubles(layer.GetProperty("bias"));
        return
        [
            .. layer
                .GetProperty("weight")
                .EnumerateArray()
                .Select((row, i) => bias[i] + Golden.Doubles(row).Zip(x, (p, q) => p * q).Sum()),
        ];
    }

    private static IEnumerable<int[]> Orders(int[] items) =>
        items.Length == 0
            ?
            [
                [],
            ]
            : items.SelectMany(p => Orders([.. items.Where(q => q != p)]).Select(rest => (int[])[p, .. rest]));
}
