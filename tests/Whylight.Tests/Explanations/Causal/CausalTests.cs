using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Causal;
using Whylight.Measures;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Causal;

public sealed class CausalTests
{
    [Fact]
    public void Fisher_z_given_others()
    {
        JsonElement c = Golden.Case("causal_tests", "fisher_z_gaussian");
        double[][] data = [.. c.GetProperty("inputs").GetProperty("data").EnumerateArray().Select(Golden.Doubles)];
        int seen = 0;
        foreach (JsonElement test in c.GetProperty("expected").GetProperty("tests").EnumerateArray())
        {
            double[] Column(int k) => [.. data.Select(row => row[k])];
            IndependenceResult result = IndependenceTests.FisherZ(
                Column(test.GetProperty("x").GetInt32()),
                Column(test.GetProperty("y").GetInt32()),
                [.. Golden.Ints(test.GetProperty("conditioning")).Select(Column)]
            );
            Assert.Equal(test.GetProperty("partial_correlation").GetDouble(), result.EffectSize!.Value, 1e-8);
            Assert.Equal(test.GetProperty("statistic").GetDouble(), result.Statistic, 1e-8);
            Assert.Equal(test.GetProperty("p_value").GetDouble(), result.PValue, 1e-8);
            // 60 cases: a correlation of about .36 is found four times in five.
            Assert.InRange(result.DetectableEffect!.Value, 0.34, 0.37);
            seen++;
        }
        Assert.Equal(7, seen);
    }

    [Fact]
    public void Stratified_g_and_chi_square()
    {
        JsonElement c = Golden.Case("causal_tests", "discrete_gsq");
        int[][] data = [.. c.GetProperty("inputs").GetProperty("data").EnumerateArray().Select(Golden.Ints)];
        int seen = 0;
        foreach (JsonElement test in c.GetProperty("expected").GetProperty("tests").EnumerateArray())
        {
            int[] Column(int k) => [.. data.Select(row => row[k])];
            int[] x = Column(test.GetProperty("x").GetInt32());
            int[] y = Column(test.GetProperty("y").GetInt32());
            int[][] given = [.. Golden.Ints(test.GetProperty("conditioning")).Select(Column)];
            IndependenceResult g = IndependenceTests.Table(x, y, given, g: true);
            Assert.Equal(test.GetProperty("statistic").GetDouble(), g.Statistic, 1e-8);
            Assert.Equal(test.GetProperty("df").GetInt32(), g.DegreesOfFreedom);
            Assert.Equal(test.GetProperty("p_value").GetDouble(), g.PValue, 1e-8);
            double expected = test.GetProperty("p_value").GetDouble();
            Assert.Equal(1, g.PValue / expected, 1e-6);
            // Shuffling agrees where the sample is large.
            IndependenceResult shuffled = IndependenceTests.Permutation(x, y, given, new SeededRandom(1), 199);
            IndependenceResult drawn = IndependenceTests.ConditionalRandomisation(
                x,
                y,
                given,
                new SeededRandom(1),
                draws: 199
            );
            Assert.InRange(shuffled.PValue, Math.Max(0.005, expected - 0.12), expected + 0.12);
            Assert.InRange(drawn.PValue, Math.Max(0.005, expected - 0.15), expected + 0.15);
            seen++;
        }
        Assert.Equal(6, seen);
    }

    [Fact]
    public void Contingency_table()
    {
        JsonElement c = Golden.Case("causal_tests", "contingency");
        JsonElement e = c.GetProperty("expected");
        double[][] table = [.. c.GetProperty("inputs").GetProperty("table").EnumerateArray().Select(Golden.Doubles)];
        var result = IndependenceTests.Contingency(table);
        Assert.Equal(e.GetProperty("chi2").GetDouble(), result.ChiSquare, 1e-9);
        Assert.Equal(e.GetProperty("df").GetInt32(), result.DegreesOfFreedom);
        Assert.Equal(e.GetProperty("p").GetDouble(), result.PValue, 1e-9);
        Assert.Equal(e.GetProperty("g").GetDouble(), result.G, 1e-9);
        Assert.Equal(e.GetProperty("cramers_v").GetDouble(), result.CramersV!.Value, 1e-9);
        double[][] expected = [.. e.GetProperty("expected").EnumerateArray().Select(Golden.Doubles)];
        for (int r = 0; r < 2; r++)
        {
            Golden.Near(expected[r], result.Expected[r], 1e-9);
        }
        int[] x = [.. table.SelectMany((row, r) => row.SelectMany(v => Enumerable.Repeat(r, (int)v)))];
        int[] y = [.. table.SelectMany(row => row.SelectMany((v, k) => Enumerable.Repeat(k, (int)v)))];
        Assert.Equal(result.ChiSquare, IndependenceTests.Table(x, y).Statistic, 1e-9);
        Assert.Equal(result.G, IndependenceTests.Table(x, y, g: true).Statistic, 1e-9);
    }

    [Fact]
    public void Permutation_p_values_are_uniform_under_independence()
    {
        int low = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            Random random = new SeededRandom(seed);
            int[] z = [.. Enumerable.Range(0, 40).Select(_ => random.Next(2))];
            int[] x = [.. z.Select(v => random.Next(4) == 0 ? 1 - v : v)];
            int[] y = [.. z.Select(v => random.Next(4) == 0 ? 1 - v : v)];
            IndependenceResult given = IndependenceTests.Permutation(x, y, [z], random, 99);
            low += given.PValue <= 0.1 ? 1 : 0;
            Assert.DoesNotContain("proof of", given.PValue < 0.05 ? given.Statement() : "", StringComparison.Ordinal);
        }
        Assert.InRange(low, 5, 35);
    }

    [Fact]
    public async Task An_interventions_effect_is_the_mean_change_and_texts_it_does_not_apply_to_are_left_out()
    {
        FakeClassifier model = FakeClassifier.Binary(words =>
            words.Contains("she") ? 1
            : words.Contains("he") ? -1
            : 0
        );
        InterventionResult result = await InterventionEffect.MeasureAsync(
            model,
            ["he came", "He left", "it rained", "she saw he"],
            InterventionEffect.ReplaceWords(new Dictionary<string, string> { ["he"] = "she" }),
            "positive",
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(3, result.Texts);
        Assert.Equal(1, result.Unchanged);
        double step = 1 / (1 + Math.Exp(-1)) - 1 / (1 + Math.Exp(1));
        Golden.Near([step, 0, 0], [.. result.Effects], 1e-12);
        Assert.Equal(step / 3, result.Effect, 1e-12);
        Assert.Equal(1.0 / 3, result.FlipRate, 1e-12);
        Assert.True(result.Interval!.Value.Contains(result.Effect));
        await Assert.ThrowsAsync<ExplanationException>(() =>
            InterventionEffect.MeasureAsync(
                model,
                ["nothing"],
                _ => null,
                "positive",
                cancellation: TestContext.Current.CancellationToken
            )
        );
        Assert.Equal(1, InterventionEffect.Agreement([0.5, 0.2, -0.1], [-0.4, -0.3, 0.2])!.Value, 1e-12);
    }

    [Fact]
    public void What_cannot_be_tested_is_refused()
    {
        Assert.Throws<ExplanationException>(() => IndependenceTests.FisherZ([1, 2, 3], [1, 2, 3]));
        Assert.Throws<ExplanationException>(() => IndependenceTests.FisherZ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5]));
        double[] x = [1, 4, 2, 8, 5, 7];
        Assert.Throws<ExplanationException>(() => IndependenceTests.FisherZ(x, [2, 1, 4, 3, 6, 5], [x]));
        IndependenceResult constant = IndependenceTests.Table([0, 0, 0], [0, 1, 0]);
        Assert.Equal((0.0, 0, 1.0), (constant.Statistic, constant.DegreesOfFreedom!.Value, constant.PValue));
    }
}
