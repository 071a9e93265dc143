using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
using Whylight.Measures;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Tests.Explanations.Game;
using Whylight.Tests.Models;

namespace Whylight.Tests.Explanations.Evaluation;

/// <summary>Slow twins of the measures of explanations, and what must hold of them whatever the explanation.</summary>
public sealed class MeasureTwinTests
{
    private static double[] Scores(Random random, int n) =>
        [.. Enumerable.Range(0, n).Select(_ => Games.Normal(random))];

    [Property(MaxTest = 50)]
    public void Concentration_is_that_of_its_definition_and_has_no_unit(ulong seed)
    {
        Random random = new SeededRandom(seed);
        double[] a = Scores(random, 2 + random.Next(8));
        double total = a.Sum(Math.Abs);
        double entropy = 0;
        double differences = 0;
        foreach (double x in a)
        {
            entropy -= Math.Abs(x) / total * Math.Log(Math.Abs(x) / total);
            differences += a.Sum(y => Math.Abs(Math.Abs(x) - Math.Abs(y)));
        }
        Assert.Equal(entropy, Complexity.Entropy(a)!.Value, 1e-9);
        // Gini: half the relative mean absolute difference.
        Assert.Equal(differences / (2 * a.Length * total), Complexity.Gini(a), 1e-5);
        double[] scaled = [.. a.Select(x => -7 * x)];
        Assert.Equal(Complexity.Entropy(a)!.Value, Complexity.Entropy(scaled)!.Value, 1e-9);
        Assert.Equal(Complexity.Gini(a), Complexity.Gini(scaled), 1e-5);
        Assert.InRange(Complexity.Entropy(a)!.Value, 0, Math.Log(a.Length) + 1e-9);
    }

    [Property(MaxTest = 50)]
    public void Faithfulness_to_an_additive_model_is_perfect_and_keeps_its_value_when_scaled(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 3 + random.Next(6);
        double[] w = Scores(random, n);
        int[][] sets =
        [
            .. Enumerable
                .Range(1, (1 << n) - 2)
                .Select(m => Enumerable.Range(0, n).Where(i => (m >> i & 1) != 0).ToArray()),
        ];
        double[] changes = [.. sets.Select(s => s.Sum(i => w[i]))];
        double[] Sums(double[] a) => [.. sets.Select(s => s.Sum(i => a[i]))];
        Assert.Equal(1, Faithfulness.Correlation(Sums(w), changes)!.Value, 1e-9);
        Assert.Equal(1, Faithfulness.LeaveOneOutTau(w, w)!.Value, 1e-9);
        Assert.Equal(1, Faithfulness.Monotonicity(w, w)!.Value, 1e-9);
        Assert.Equal(0, Faithfulness.Infidelity(Sums(w), changes)!.Value, 1e-12);
        double[] a = Scores(random, n);
        double[] scaled = [.. a.Select(x => 3 * x)];
        Assert.Equal(
            Faithfulness.Correlation(Sums(a), changes)!.Value,
            Faithfulness.Correlation(Sums(scaled), changes)!.Value,
            1e-9
        );
        Assert.Equal(
            Faithfulness.Infidelity(Sums(a), changes, true)!.Value,
            Faithfulness.Infidelity(Sums(scaled), changes, true)!.Value,
            1e-9
        );
        // The best factor can only help.
        Assert.True(
            Faithfulness.Infidelity(Sums(a), changes, true) <= Faithfulness.Infidelity(Sums(a), changes) + 1e-12
        );
        double twin = sets.Select((s, k) => Math.Pow(s.Sum(i => a[i]) - changes[k], 2)).Average();
        Assert.Equal(twin, Faithfulness.Infidelity(Sums(a), changes)!.Value, 1e-9);
    }

    [Property(MaxTest = 50)]
    public void No_order_beats_the_true_one_on_an_additive_model(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(6);
        double[] w = Scores(random, n);
        double f(IEnumerable<int> kept) => kept.Sum(i => w[i]);
        double whole = w.Sum();
        int[] sizes = [.. Eraser.Bins.Select(b => Eraser.Size(b, n))];
        double Comprehensiveness(int[] order) =>
            Eraser.Aopc(whole, [.. sizes.Select(k => f(Enumerable.Range(0, n).Except(order.Take(k))))]);
        double Sufficiency(int[] order) => Eraser.Aopc(whole, [.. sizes.Select(k => f(order.Take(k)))]);
        int[] perfect = Faithfulness.Order(w);
        int[] other = Faithfulness.Order(Scores(random, n));
        Assert.True(Comprehensiveness(perfect) >= Comprehensiveness(other) - 1e-12);
        Assert.True(Sufficiency(perfect) <= Sufficiency(other) + 1e-12);
        double[] removed =
        [
            .. Enumerable.Range(0, 1 << n).Select(m => f(Enumerable.Range(0, n).Where(i => (m >> i & 1) == 0))),
        ];
        (double least, double greatest) = Eraser.Extremes(removed, sizes);
        double bins = sizes.Length;
        double? Normalised(int[] order) =>
            Eraser.Normalised(Comprehensiveness(order), whole - greatest / bins, whole - least / bins);
        if (Normalised(perfect) is { } best)
        {
            Assert.Equal(1, best, 1e-9);
            Assert.InRange(Normalised(other)!.Value, 0, 1);
        }
        // Deletion falls and insertion rises fastest in the true order.
        double Area(int[] order, bool insertion) =>
            Faithfulness.Area([
                .. Enumerable
                    .Range(0, n + 1)
                    .Select(k => f(insertion ? order.Take(k) : Enumerable.Range(0, n).Except(order.Take(k)))),
            ]);
        Assert.True(Area(perfect, false) <= Area(other, false) + 1e-12);
        Assert.True(Area(perfect, true) >= Area(other, true) - 1e-12);
    }

    [Property(MaxTest = 50)]
    public void The_area_under_a_curve_is_that_of_its_trapezoids(ulong seed)
    {
        Random random = new SeededRandom(seed);
        double[] curve = Scores(random, 2 + random.Next(8));
        double sum = 0;
        for (int k = 1; k < curve.Length; k++)
        {
            sum += (curve[k - 1] + curve[k]) / 2 / (curve.Length - 1);
        }
        Assert.Equal(sum, Faithfulness.Area(curve), 1e-12);
        Assert.Equal(3 * sum + 1, Faithfulness.Area([.. curve.Select(c => 3 * c + 1)]), 1e-9);
    }

    [Property(MaxTest = 50)]
    public void Stability_is_the_distance_over_the_length_and_an_unmoved_explanation_is_stable(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(6);
        double[] a = Scores(random, n);
        double[] b = Scores(random, n);
        double top = 0;
        double bottom = 0;
        double relative = 0;
        for (int i = 0; i < n; i++)
        {
            top += (a[i] - b[i]) * (a[i] - b[i]);
            bottom += a[i] * a[i];
            relative += Math.Pow((a[i] - b[i]) / a[i], 2);
        }
        Assert.Equal(Math.Sqrt(top / bottom), Stability.Sensitivity(a, b)!.Value, 1e-9);
        Assert.Equal(Math.Sqrt(relative) / 2, Stability.RelativeOutput(a, b, [0, 0], [2, 0]), 1e-9);
        Assert.Equal(a.Zip(b, (x, y) => Math.Abs(x - y)).Sum() / 0.5, Stability.Lipschitz(a, b, 0.5), 1e-6);
        Assert.Equal(0, Stability.MaxSensitivity(a, [a, a])!.Value);
        Assert.Equal(0, Stability.RelativeOutput(a, a, [0, 0], [2, 0]));
        // A change of unit moves neither.
        double[] scaledA = [.. a.Select(x => 5 * x)];
        double[] scaledB = [.. b.Select(x => 5 * x)];
        Assert.Equal(Stability.Sensitivity(a, b)!.Value, Stability.Sensitivity(scaledA, scaledB)!.Value, 1e-9);
    }

    [Property(MaxTest = 50)]
    public void Plausibility_is_counted_and_a_perfect_ranking_has_it_all(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(8);
        double[] a = Scores(random, n);
        bool[] r = [.. Enumerable.Range(0, n).Select(_ => random.Next(2) == 0)];
        r[0] = true;
        int k = r.Count(x => x);
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[i])];
        double precision = 0;
        int hits = 0;
        for (int place = 0; place < n; place++)
        {
            if (r[order[place]])
            {
                precision += (double)++hits / (place + 1) / k;
            }
        }
        Assert.Equal(precision, Plausibility.Auprc(a, r)!.Value, 1e-9);
        int both = order.Take(k).Count(i => r[i]);
        Assert.Equal((double)both / k, Plausibility.TokenF1(a, r, k), 1e-9);
        Assert.Equal((double)both / (2 * k - both), Plausibility.Iou(a, r, k), 1e-9);
        double[] perfect = [.. r.Select((x, i) => x ? 2 + i * 0.01 : i * 0.01)];
        Assert.Equal(1, Plausibility.Auprc(perfect, r)!.Value, 1e-9);
        Assert.Equal(1, Plausibility.TokenF1(perfect, r, k), 1e-9);
        Assert.True(Plausibility.PointsAtRationale(perfect, r));
    }

    [Fact]
    public void Features_are_marked_by_at_least_half_of_their_characters()
    {
        FeatureScore[] features = [new("not", 0, 3, 0), new("good", 4, 8, 0), new("!", 8, 9, 0)];
        Assert.Equal([true, true, false], Plausibility.Marked(features, [(0, 2), (6, 8)]));
        Assert.Equal([false, false, true], Plausibility.Marked(features, [(7, 9)]));
    }

    [Fact]
    public async Task Layers_are_randomised_from_the_output_down_and_runs_repeat()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        IReadOnlyList<RandomisationStage>[] runs = new IReadOnlyList<RandomisationStage>[2];
        for (int run = 0; run < 2; run++)
        {
            using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, 3);
            string[] layers = [.. LayerRandomisation.Layers(model.Network).Select(l => l.Name)];
            double[] before = (await model.PredictAsync(["the movie was good"], cancellation: cancellation))[0]
                .Logits.ToArray();
            runs[run] = await LayerRandomisation.RunAsync(
                model,
                ["The movie was very good .", "a bad film and not good"],
                ["occlusion", "attnlrp", "anchors"],
                new ExplanationRequest { Text = "", Budget = 64 },
                cancellation: cancellation
            );
            double[] after = (await model.PredictAsync(["the movie was good"], cancellation: cancellation))[0]
                .Logits.ToArray();
            Assert.NotEqual(before, after);
            Assert.Equal(layers, runs[run].Where(s => s.Method == "attnlrp").Select(s => s.Layer));
            Assert.Contains("classifier", layers[0], StringComparison.Ordinal);
            Assert.Contains("embeddings", layers[^1], StringComparison.Ordinal);
        }
        Assert.Equal(
            runs[0].Select(s => (s.Method, s.Layer, s.Spearman.Mean, s.AbsoluteSpearman.Mean)),
            runs[1].Select(s => (s.Method, s.Layer, s.Spearman.Mean, s.AbsoluteSpearman.Mean))
        );
        RandomisationStage last = runs[0].Last(s => s.Method == "attnlrp");
        Assert.Equal(2, last.Spearman.Texts);
        Assert.True(Math.Abs(last.Spearman.Mean!.Value) < 0.95);
        // What gives no scores has nothing to compare.
        Assert.All(runs[0].Where(s => s.Method == "anchors"), s => Assert.Null(s.Spearman.Mean));
    }
}
