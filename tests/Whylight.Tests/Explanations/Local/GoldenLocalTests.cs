using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Explanations.Local;
using Whylight.Measures;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Local;

public sealed class GoldenLocalTests
{
    public static TheoryData<string> LimeFits() => Golden.Ids("lime", "lime_weighted_ridge");

    public static TheoryData<string> LimeIndexes() => Golden.Ids("lime", "lime_text_index");

    public static TheoryData<string> Bounds() => Golden.Ids("anchors", "kl_lucb_bound");

    public static TheoryData<string> Betas() => Golden.Ids("anchors", "kl_lucb_beta");

    public static TheoryData<string> ExactAnchors() => Golden.Ids("anchors", "exact_anchor");

    public static TheoryData<string> Beams() => Golden.Ids("anchors", "anchor_beam_statistical");

    public static TheoryData<string> Counterfactuals() => Golden.Ids("counterfactuals_rules", "counterfactual");

    [Theory]
    [MemberData(nameof(LimeFits))]
    public void Lime_fits(string id)
    {
        JsonElement c = Golden.Case("lime", id);
        JsonElement matrix = c.GetProperty("inputs").GetProperty("perturbation_matrix");
        JsonElement expected = c.GetProperty("expected");
        if (matrix.ValueKind == JsonValueKind.String)
        {
            Enumerated(expected);
            return;
        }
        double[][] rows = [.. matrix.EnumerateArray().Select(Golden.Doubles)];
        double[] y = Golden.Doubles(c.GetProperty("inputs").GetProperty("predictions"));
        double[] weights = [.. rows.Select(r => LimeFit.Kernel(r.Length, (int)r.Sum()))];
        Golden.Near(Golden.Doubles(expected.GetProperty("kernel_weights")), weights, 1e-9);
        int seen = 0;
        foreach (JsonProperty property in expected.GetProperty("by_selection").EnumerateObject())
        {
            int at = property.Name.LastIndexOf('_');
            FeatureSelection selection = Whylight.Explanations.Names.Parse<FeatureSelection>(
                property.Name[..at],
                "selection"
            );
            LimeFit fit = LimeFit.Of(
                rows,
                y,
                weights,
                1,
                selection,
                int.Parse(property.Name[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture)
            );
            Assert.Equal(property.Value.GetProperty("intercept").GetDouble(), fit.Intercept, 1e-7);
            Assert.Equal(property.Value.GetProperty("r2").GetDouble(), fit.R2, 1e-7);
            Assert.Equal(property.Value.GetProperty("local_prediction").GetDouble(), fit.LocalPrediction, 1e-7);
            JsonElement[] coefficients = [.. property.Value.GetProperty("coefficients").EnumerateArray()];
            Assert.Equal(coefficients.Select(x => x.GetProperty("feature").GetInt32()).Order(), fit.Selected);
            foreach (JsonElement coefficient in coefficients)
            {
                Assert.Equal(
                    coefficient.GetProperty("weight").GetDouble(),
                    fit.Weights[coefficient.GetProperty("feature").GetInt32()],
                    1e-7
                );
                seen++;
            }
        }
        Assert.Equal(14, seen);
    }

    private static void Enumerated(JsonElement expected)
    {
        double[][] rows =
        [
            .. Enumerable
                .Range(0, 32)
                .Select(k => Enumerable.Range(0, 5).Select(i => (31 - k >> i & 1) * 1.0).ToArray()),
        ];
        double[] y = [.. rows.Select(r => 0.2 + 0.3 * r[0] - 0.2 * r[1] + 0.1 * r[2] + 0.25 * r[4])];
        double[] weights = [.. rows.Select(r => LimeFit.Kernel(5, (int)r.Sum()))];
        foreach (int alpha in (int[])[1, 0])
        {
            LimeFit fit = LimeFit.Of(rows, y, weights, alpha);
            JsonElement e = expected.GetProperty($"ridge_alpha_{alpha}");
            Golden.Near(Golden.Doubles(e.GetProperty("coef")), fit.Weights, 1e-8);
            Assert.Equal(e.GetProperty("intercept").GetDouble(), fit.Intercept, 1e-8);
        }
    }

    [Theory]
    [MemberData(nameof(LimeIndexes))]
    public void Words_stand_where_lime_finds_them(string id)
    {
        // LIME removes every occurrence of a word together (a bag of words); ours are occurrences, each a feature.
        JsonElement c = Golden.Case("lime", id);
        string text = c.GetProperty("inputs").GetProperty("text").GetString()!;
        (int Start, int End)[] words =
        [
            .. TextUnits
                .Of(text, FeatureKind.Word)
                .Select(u => (u.Start, u.End))
                .Where(u => char.IsLetterOrDigit(text[u.Start])),
        ];
        JsonElement expected = c.GetProperty("expected");
        string[] distinct = [.. words.Select(w => text[w.Start..w.End]).Distinct()];
        Assert.Equal(expected.GetProperty("words").EnumerateArray().Select(w => w.GetString()), distinct);
        Assert.Equal(expected.GetProperty("num_words").GetInt32(), distinct.Length);
        Assert.Equal(
            expected.GetProperty("positions").EnumerateArray().Select(Golden.Ints),
            distinct.Select(d => words.Where(w => text[w.Start..w.End] == d).Select(w => w.Start).ToArray())
        );
        if (expected.TryGetProperty("remove_not_good", out JsonElement removed))
        {
            string rest = text;
            foreach ((int start, int end) in words.Reverse())
            {
                rest = rest[start..end] is "not" or "good" ? rest.Remove(start, end - start) : rest;
            }
            Assert.Equal(removed.GetString(), rest);
        }
    }

    [Fact]
    public async Task Enumerated_lime_is_what_limes_draws_converge_to()
    {
        JsonElement c = Golden.Case("lime", "lime_text_seed_stability");
        string[] words = c.GetProperty("inputs").GetProperty("text").GetString()!.Split(' ');
        double[] w =
        [
            .. words.Select(x => c.GetProperty("inputs").GetProperty("word_weights").GetProperty(x).GetDouble()),
        ];
        FunctionGame game = new(8, s => 1 / (1 + Math.Exp(-(s.Members().Sum(i => w[i]) - (s[0] && s[3] ? 1.5 : 0)))));
        LimeResult fit = await Lime.FitAsync(
            game,
            new LimeOptions(),
            new SeededRandom(1),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(256, fit.ModelCalls);
        Assert.Equal("enumeration", fit.Estimator);
        JsonElement most = c.GetProperty("expected").GetProperty("by_num_samples").EnumerateArray().Last();
        Golden.Near(Golden.Doubles(most.GetProperty("mean")), [.. fit.Weights], 0.005);
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Kl_bounds(string id)
    {
        JsonElement c = Golden.Case("anchors", id);
        double p = c.GetProperty("inputs").GetProperty("p").GetDouble();
        double level = c.GetProperty("inputs").GetProperty("level").GetDouble();
        double upper = KlBounds.Upper(p, level);
        double lower = KlBounds.Lower(p, level);
        Assert.Equal(c.GetProperty("expected").GetProperty("upper").GetDouble(), upper, 1e-9);
        Assert.Equal(c.GetProperty("expected").GetProperty("lower").GetDouble(), lower, 1e-9);
        // The bound is where the divergence meets the level, unless the mean is at the end.
        Assert.True(upper == 1 || Math.Abs(KlBounds.Divergence(p, upper) - level) < 1e-9);
        Assert.True(lower == 0 || Math.Abs(KlBounds.Divergence(p, lower) - level) < 1e-9);
    }

    [Theory]
    [MemberData(nameof(Betas))]
    public void Kl_lucb_exploration(string id)
    {
        JsonElement c = Golden.Case("anchors", id);
        JsonElement i = c.GetProperty("inputs");
        Assert.Equal(
            c.GetProperty("expected").GetProperty("beta").GetDouble(),
            KlBounds.Beta(
                i.GetProperty("n_features").GetInt32(),
                i.GetProperty("t").GetInt32(),
                i.GetProperty("delta").GetDouble()
            ),
            1e-10
        );
    }

    [Theory]
    [MemberData(nameof(ExactAnchors))]
    public async Task Exact_anchors(string id)
    {
        JsonElement c = Golden.Case("anchors", id);
        double[] labels = Golden.Doubles(c.GetProperty("inputs").GetProperty("truth_table_by_bitmask"));
        double[] keeps = [.. labels.Select(l => l == labels[^1] ? 1.0 : 0.0)];
        Assert.Equal(c.GetProperty("expected").GetProperty("label").GetInt32(), labels[^1]);
        double[] precisions = AnchorSearch.Precisions(keeps);
        foreach (JsonProperty anchor in c.GetProperty("expected").GetProperty("all_precisions").EnumerateObject())
        {
            int mask =
                anchor.Name.Length == 0
                    ? 0
                    : anchor
                        .Name.Split(',')
                        .Sum(x => 1 << int.Parse(x, System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(anchor.Value.GetDouble(), precisions[mask], 1e-9);
        }
        double tau = c.GetProperty("params").GetProperty("tau").GetDouble();
        JsonElement[] best = [.. c.GetProperty("expected").GetProperty("best").EnumerateArray()];
        Assert.Equal(
            best.Select(b => Golden.Ints(b.GetProperty("anchor"))),
            AnchorSearch.Smallest(keeps, tau).Select(a => Coalition.FromBits(5, (ulong)a.Mask).Members().ToArray())
        );
        FunctionGame game = FunctionGame.FromTable(keeps);
        AnchorResult found = await AnchorSearch.FindAsync(
            game,
            new AnchorOptions { Threshold = tau },
            new SeededRandom(1),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(Golden.Ints(best[0].GetProperty("anchor")), found.Features);
        Assert.Equal(best[0].GetProperty("precision").GetDouble(), found.Precision, 1e-9);
        Assert.Equal(best[0].GetProperty("coverage").GetDouble(), found.Coverage, 1e-12);
        Assert.Equal((found.Precision, found.Precision), (found.Lower, found.Upper));
        Assert.True(found.Holds);
        Assert.Equal(32, found.ModelCalls);
    }

    [Theory]
    [MemberData(nameof(Beams))]
    public async Task Sampled_anchors_hit_as_often_as_the_original_in_fewer_calls(string id)
    {
        JsonElement c = Golden.Case("anchors", id);
        string exact = id.Contains("not_good", StringComparison.Ordinal)
            ? "exact_anchor_not_good_0.8"
            : "exact_anchor_or2_0.8";
        double[] labels = Golden.Doubles(
            Golden.Case("anchors", exact).GetProperty("inputs").GetProperty("truth_table_by_bitmask")
        );
        int[][] best = [.. c.GetProperty("expected").GetProperty("exact_best").EnumerateArray().Select(Golden.Ints)];
        for (ulong seed = 0; seed < 10; seed++)
        {
            // Seven more features that mean nothing, so that the search has to sample.
            FunctionGame game = new(12, s => labels[(int)(s.Bits & 31)] == labels[31] ? 1 : 0);
            AnchorResult found = await AnchorSearch.FindAsync(
                game,
                new AnchorOptions { Budget = 1500 },
                new SeededRandom(seed),
                TestContext.Current.CancellationToken
            );
            Assert.Equal("kl-lucb", found.Estimator);
            Assert.True(found.Holds);
            Assert.Contains(best, b => b.SequenceEqual(found.Features));
            Assert.InRange(found.ModelCalls, 1, 1500);
        }
    }

    [Fact]
    public async Task Bounds_of_a_sampled_anchor_hold_its_true_precision()
    {
        // Draws are shared between an anchor and those that grow from it; their bounds must hold all the same.
        const int Players = 11;
        int held = 0;
        int found = 0;
        const int Games = 200;
        for (ulong seed = 0; seed < Games; seed++)
        {
            SeededRandom random = new(seed);
            double[] weights = [.. Enumerable.Range(0, Players).Select(_ => random.NextGaussian())];
            double[] pairs = [.. Enumerable.Range(0, Players).Select(_ => random.NextGaussian())];
            double Score(int mask) =>
                Enumerable
                    .Range(0, Players)
                    .Where(i => (mask >> i & 1) != 0)
                    .Sum(i => weights[i] + ((mask >> (i + 1) % Players & 1) != 0 ? pairs[i] : 0));
            bool positive = Score((1 << Players) - 1) > 0;
            double[] keeps = [.. Enumerable.Range(0, 1 << Players).Select(m => Score(m) > 0 == positive ? 1.0 : 0.0)];
            double[] exact = AnchorSearch.Precisions(keeps);
            AnchorResult result = await AnchorSearch.FindAsync(
                FunctionGame.FromTable(keeps),
                new AnchorOptions { Budget = 400 },
                new SeededRandom(seed),
                TestContext.Current.CancellationToken
            );
            Assert.Equal("kl-lucb", result.Estimator);
            Assert.InRange(result.Precision, result.Lower, result.Upper);
            double truth = exact[result.Features.Sum(i => 1 << i)];
            held += truth >= result.Lower - 1e-9 && truth <= result.Upper + 1e-9 ? 1 : 0;
            found += result.Holds ? 1 : 0;
        }
        Assert.InRange(held, Games * 95 / 100, Games);
        Assert.InRange(found, Games * 3 / 5, Games);
    }

    [Theory]
    [MemberData(nameof(Counterfactuals))]
    public void Deletions_and_prime_implicants(string id)
    {
        JsonElement c = Golden.Case("counterfactuals_rules", id);
        double[] labels = Golden.Doubles(c.GetProperty("inputs").GetProperty("truth_table_by_bitmask"));
        double[] keeps = [.. labels.Select(l => l == labels[^1] ? 1.0 : 0.0)];
        JsonElement expected = c.GetProperty("expected");
        Sets(expected.GetProperty("smallest"), LabelTable.SmallestDeletions(keeps));
        Sets(expected.GetProperty("inclusion_minimal"), LabelTable.MinimalDeletions(keeps));
        Sets(expected.GetProperty("prime_implicants_containing_instance"), LabelTable.PrimeImplicants(keeps));
    }

    private static void Sets(JsonElement expected, IReadOnlyList<int> masks) =>
        Assert.Equal(
            expected.EnumerateArray().Select(Golden.Ints),
            masks.Select(m => Coalition.FromBits(5, (ulong)m).Members().ToArray())
        );
}
