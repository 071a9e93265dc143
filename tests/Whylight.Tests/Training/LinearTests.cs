using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class LinearTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static TrainingExample[] Reviews() =>
        [
            .. Enumerable
                .Range(0, 60)
                .Select(i => new TrainingExample(
                    $"a {(i % 2 == 0 ? "dull" : "great")} film about thing{i} , number {i} {(i % 3 == 0 ? "not" : "so")} long",
                    i % 2
                )),
        ];

    private static LinearClassifier Classifier()
    {
        LinearModel model = LinearTrainer.Fit(Reviews(), 2, new() { MinimumCount = 1 }, natural: false, Cancel);
        return new LinearClassifier(
            new ModelInfo
            {
                Name = "tiny",
                Family = "linear",
                Hash = "",
                Labels = ["negative", "positive"],
                MaxTokens = int.MaxValue,
            },
            model
        );
    }

    [Fact]
    public async Task LearnsWhatDecides()
    {
        using LinearClassifier model = Classifier();
        IReadOnlyList<Prediction> answers = await model.PredictAsync(
            ["a great film", "A DULL FILM!", "great, not dull", ""],
            cancellation: Cancel
        );
        Assert.Equal("positive", answers[0].Label);
        Assert.Equal("negative", answers[1].Label);
        Assert.All(answers, a => Assert.Equal(1, a.Probabilities.Sum(), 12));
    }

    [Fact]
    public async Task ContributionsAndBiasAddUpToTheLogits()
    {
        using LinearClassifier model = Classifier();
        TokenizedText text = model.Tokenize("A great, great film; not dull — 很好 indeed");
        LinearDecomposition parts = model.Decompose(text);
        Prediction prediction = (await model.PredictAsync([text.Text], cancellation: Cancel))[0];
        Assert.Equal(text.Tokens.Count, parts.Contributions.Count);
        for (int label = 0; label < 2; label++)
        {
            Assert.Equal(prediction.Logits[label], parts.Logits[label], 12);
            Assert.Equal(
                prediction.Logits[label],
                parts.Bias[label] + parts.Contributions.Sum(word => word[label]),
                10
            );
        }
        Assert.True(parts.Contributions[1][1] > 0, "great speaks for positive");
    }

    [Fact]
    public async Task RemovedNgramsLeaveWhatASlowTwinLeaves()
    {
        using LinearClassifier model = Classifier();
        TokenizedText text = model.Tokenize("a great film about a dull thing , so long");
        Random random = new(4);
        bool[][] coalitions =
        [
            .. Enumerable.Range(0, 20).Select(_ => text.Tokens.Select(_ => random.Next(2) == 0).ToArray()),
            [.. text.Tokens.Select(_ => true)],
            [.. text.Tokens.Select(_ => false)],
        ];
        IReadOnlyList<double[]> removed = await model.EvaluateAsync(
            text,
            coalitions,
            Absence.NgramsRemoved,
            cancellation: Cancel
        );
        IReadOnlyList<double[]> deleted = await model.EvaluateAsync(
            text,
            coalitions,
            Absence.Deleted,
            cancellation: Cancel
        );
        for (int i = 0; i < coalitions.Length; i++)
        {
            // Deleting joins neighbours; a break that no bigram crosses keeps them apart.
            string kept = string.Join(
                ' ',
                text.Tokens.Where((_, t) => coalitions[i][t]).Select(t => text.Text[t.Start..t.End])
            );
            string broken = string.Join(
                ' ',
                text.Tokens.Select((t, k) => coalitions[i][k] ? text.Text[t.Start..t.End] : "\u2980unknown\u2980")
            );
            AssertEqual(await LogitsAsync(model, kept), deleted[i]);
            AssertEqual(await LogitsAsync(model, broken.Replace("unknown", "", StringComparison.Ordinal)), removed[i]);
        }
        AssertEqual(await LogitsAsync(model, text.Text), removed[^2]);
        await Assert.ThrowsAsync<ModelException>(() =>
            model.EvaluateAsync(text, coalitions, Absence.AttentionMasked, cancellation: Cancel)
        );
    }

    [Fact]
    public void TheGradientOfTheLossIsItsFiniteDifference()
    {
        Random random = new(2);
        List<LogisticRegression.Row> rows =
        [
            .. Enumerable
                .Range(0, 9)
                .Select(i => new LogisticRegression.Row(
                    [i % 4, 4],
                    [1.5f, (float)random.NextDouble()],
                    [i % 3 == 0 ? 1 : 0, i % 3 == 1 ? 1 : 0, i % 3 == 2 ? 1 : 0]
                )),
        ];
        double[] x = [.. Enumerable.Range(0, 18).Select(_ => random.NextDouble() - 0.5)];
        double[] gradient = new double[18];
        LogisticRegression.Evaluate(rows, 5, 3, 0.1, x, gradient);
        double[] unused = new double[18];
        for (int i = 0; i < x.Length; i++)
        {
            double[] up = [.. x];
            double[] down = [.. x];
            up[i] += 1e-5;
            down[i] -= 1e-5;
            double slope =
                (
                    LogisticRegression.Evaluate(rows, 5, 3, 0.1, up, unused)
                    - LogisticRegression.Evaluate(rows, 5, 3, 0.1, down, unused)
                ) / 2e-5;
            Assert.Equal(slope, gradient[i], 8);
        }
    }

    private static async Task<double[]> LogitsAsync(LinearClassifier model, string text) =>
        [.. (await model.PredictAsync([text], cancellation: Cancel))[0].Logits];

    private static void AssertEqual(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 10);
        }
    }
}
