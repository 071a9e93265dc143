using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Evaluation;

public sealed class ExplanationEvaluatorTests
{
    private const string Text = "not a very good movie with dull plot";

    [Fact]
    public async Task Exact_shapley_values_are_faithful_and_cost_no_more_calls_than_the_table()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationRequest request = new() { Text = Text, Method = "shapley" };
        Explanation explanation = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
        ExplanationEvaluation evaluation = await new ExplanationEvaluator().EvaluateAsync(
            model,
            request,
            explanation,
            [true, false, false, true, false, false, true, false],
            again: false,
            cancellation: cancellation
        );
        Assert.Equal(256, model.Coalitions);
        Assert.Equal(0, model.Repeats);
        Dictionary<string, double?> m = evaluation.Measures.ToDictionary(x => x.Name, x => x.Value);
        Assert.InRange(m["faithfulness_correlation"]!.Value, 0.6, 1);
        Assert.InRange(m["normalised_comprehensiveness"]!.Value, 0.6, 1);
        Assert.InRange(m["normalised_sufficiency"]!.Value, 0, 0.4);
        Assert.InRange(m["information_needed"]!.Value, 1 / 8.0, 1);
        Assert.Equal(0, m["completeness_gap"]!.Value, 1e-9);
        Assert.Equal(9, evaluation.DeletionCurve.Count);
        Assert.Equal(explanation.Prediction.Probabilities[0], evaluation.DeletionCurve[0], 1e-12);
        Assert.Equal(evaluation.DeletionCurve[0], evaluation.InsertionCurve[^1], 1e-12);
        Assert.Equal(1, m["plausibility_pointing"]);
        Assert.Equal("attention_masked", evaluation.Absence);
    }

    [Fact]
    public async Task The_opposite_scores_are_measured_as_worse()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationRequest request = new() { Text = Text, Method = "shapley" };
        Explanation right = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
        Explanation wrong = right with { Features = [.. right.Features.Select(f => f with { Score = -f.Score })] };
        List<Dictionary<string, EvaluationMeasure>> both = [];
        foreach (Explanation e in (Explanation[])[right, wrong])
        {
            ExplanationEvaluation evaluation = await new ExplanationEvaluator().EvaluateAsync(
                model,
                request,
                e,
                again: false,
                cancellation: cancellation
            );
            both.Add(evaluation.Measures.ToDictionary(m => m.Name));
        }
        foreach (
            string name in (string[])
                [
                    "eraser_comprehensiveness",
                    "eraser_sufficiency",
                    "normalised_comprehensiveness",
                    "normalised_sufficiency",
                    "deletion_area",
                    "insertion_area",
                    "faithfulness_correlation",
                    "faithfulness_estimate",
                    "leave_one_out_tau",
                    "infidelity",
                ]
        )
        {
            double gain = both[0][name].Value!.Value - both[1][name].Value!.Value;
            Assert.True(both[0][name].HigherIsBetter == true ? gain > 0 : gain < 0, name);
        }
    }

    [Fact]
    public async Task Explaining_again_measures_stability_and_repeats_to_the_byte()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ExplanationRequest request = new()
        {
            Text = "one two three four five six seven good not dull very",
            Method = "shapley",
            Budget = 80,
        };
        string[] json = new string[2];
        for (int run = 0; run < 2; run++)
        {
            FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
            Explanation e = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
            ExplanationEvaluation evaluation = await new ExplanationEvaluator().EvaluateAsync(
                model,
                request,
                e,
                cancellation: cancellation
            );
            json[run] = JsonSerializer.Serialize(evaluation);
            Dictionary<string, double?> m = evaluation.Measures.ToDictionary(x => x.Name, x => x.Value);
            Assert.NotNull(m["max_sensitivity"]);
            Assert.True(m["max_sensitivity"] >= m["average_sensitivity"]);
            Assert.NotNull(m["relative_output_stability"]);
            // Two labels with opposite logits: the other label's explanation is the opposite one.
            Assert.InRange(m["random_logit_spearman"]!.Value, -1, -0.9);
            Assert.Equal(0, model.Repeats);
        }
        Assert.Equal(json[0], json[1]);
    }

    [Fact]
    public async Task A_dataset_gives_a_table_of_methods_by_measures_with_intervals()
    {
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        MethodComparison comparison = await new ExplanationEvaluator().CompareAsync(
            model,
            [new(Text), new("very good movie"), new("dull and not good"), new("")],
            ["shapley", "occlusion", "lime", "anchors"],
            new ExplanationRequest { Text = "" },
            again: false,
            cancellation: TestContext.Current.CancellationToken
        );
        IReadOnlyList<EvaluationRow> rows = comparison.Rows;
        // Anchors score no feature, and an empty text has none.
        Assert.Equal([3, 3, 3, 0], comparison.Methods.Select(m => m.Texts));
        Assert.Equal([1, 1, 1, 4], comparison.Methods.Select(m => m.Refused));
        Assert.Contains("no score", comparison.Methods[3].Refusal, StringComparison.Ordinal);
        Assert.Equal(6, comparison.Agreement.Count);
        MethodAgreement pair = comparison.Agreement.Single(a => a is { First: "shapley", Second: "lime" });
        Assert.Equal(3, pair.Kendall.Texts);
        Assert.InRange(pair.Spearman.Mean!.Value, 0.5, 1);
        Assert.Null(comparison.Agreement.Single(a => a is { First: "shapley", Second: "anchors" }).Spearman.Mean);
        Assert.Equal(["shapley", "occlusion", "lime"], rows.Select(r => r.Method).Distinct());
        EvaluationRow row = rows.Single(r => r is { Method: "lime", Measure: "eraser_comprehensiveness" });
        Assert.Equal(3, row.Texts);
        Assert.True(row.Interval!.Value.Contains(row.Mean!.Value));
        Assert.Equal(
            rows.Where(r => r.Method == "lime").Select(r => r.Measure),
            rows.Where(r => r.Method == "shapley").Select(r => r.Measure)
        );
    }

    [Fact]
    public async Task What_has_no_scores_is_refused_and_one_word_has_undefined_correlations()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationRequest request = new() { Text = "good", Method = "anchors" };
        Explanation anchors = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
        await Assert.ThrowsAsync<ExplanationException>(() =>
            new ExplanationEvaluator().EvaluateAsync(model, request, anchors, cancellation: cancellation)
        );
        request = request with { Method = "shapley" };
        Explanation shapley = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
        ExplanationEvaluation evaluation = await new ExplanationEvaluator().EvaluateAsync(
            model,
            request,
            shapley,
            cancellation: cancellation
        );
        Dictionary<string, double?> m = evaluation.Measures.ToDictionary(x => x.Name, x => x.Value);
        Assert.Null(m["faithfulness_correlation"]);
        Assert.Null(m["random_logit_spearman"]);
        Assert.Null(m["seed_spearman"]);
        Assert.Equal(1, m["information_needed"]);
    }
}
