using System.Text.Json;
using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Explanations.Local;
using Whylight.Measures;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Local;

public sealed class LocalMethodTests
{
    private static Task<Explanation> ExplainAsync(
        FakeClassifier model,
        string method,
        string text,
        int budget = 256,
        IReadOnlyList<string>? dataset = null
    ) =>
        Explainer.Default.ExplainAsync(
            model,
            new ExplanationRequest
            {
                Text = text,
                Method = method,
                Budget = budget,
                Dataset = dataset,
            },
            cancellation: TestContext.Current.CancellationToken
        );

    [Fact]
    public async Task Anchors_on_five_words_ask_32_times_and_lime_on_eight_256_and_nothing_twice()
    {
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        Explanation anchor = await ExplainAsync(
            model,
            "anchors",
            "this is not good film",
            dataset: ["NOT my thing", "nothing here", "it is not, good"]
        );
        Assert.Equal(32, anchor.ModelCalls);
        Assert.Equal(32, model.Coalitions);
        Assert.Equal("negative", anchor.Prediction.Label);
        Assert.Equal(1, anchor.Anchor!.Precision);
        Assert.Equal("not", anchor.Features[anchor.Anchor.Features[0]].Text);
        Assert.Equal(2, anchor.Anchor.Features.Count);
        Assert.Equal(0.25, anchor.Anchor.Coverage);
        Assert.Equal(1.0 / 3, anchor.Anchor.DatasetCoverage!.Value, 1e-12);
        foreach (string method in (string[])["prime-implicants", "shapley", "lime"])
        {
            await ExplainAsync(model, method, "this is not good film");
        }
        Assert.Equal(32, model.Coalitions);
        Explanation lime = await ExplainAsync(model, "lime", "not a very good movie with dull plot");
        Assert.Equal(256, lime.ModelCalls);
        Assert.Equal(288, model.Coalitions);
        Assert.Equal(0, model.Repeats);
        Assert.InRange(lime.Fit!["r2"], 0.5, 1);
        Assert.Equal(
            lime.Value!.Value,
            lime.BaseValue!.Value + lime.Features.Sum(f => f.Score!.Value) + lime.CompletenessGap!.Value,
            1e-9
        );
    }

    [Property(MaxTest = 20)]
    public async Task Lime_without_penalty_is_exact_on_linear_games(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(12);
        double[] w = [.. Enumerable.Range(0, n).Select(_ => Games.Normal(random))];
        LimeResult fit = await Lime.FitAsync(
            new FunctionGame(n, s => 0.3 + s.Members().Sum(i => w[i])),
            new LimeOptions { Budget = 100, Alpha = 0 },
            random
        );
        Golden.Near(w, [.. fit.Weights], 1e-8);
        Assert.Equal(0.3, fit.Intercept, 1e-8);
        Assert.Equal(1, fit.R2, 1e-8);
        Assert.All(fit.StandardErrors, e => Assert.InRange(e!.Value, 0, 1e-8));
        Assert.InRange(fit.ModelCalls, 4, 100);
    }

    [Fact]
    public async Task Sampled_lime_agrees_with_the_enumerated_within_its_errors()
    {
        double[] table = Games.Sentence(10, new SeededRandom(8));
        LimeResult all = await Lime.FitAsync(
            FunctionGame.FromTable(table),
            new LimeOptions { Budget = 1024 },
            new SeededRandom(1),
            TestContext.Current.CancellationToken
        );
        int inside = 0;
        for (ulong seed = 0; seed < 40; seed++)
        {
            LimeResult some = await Lime.FitAsync(
                FunctionGame.FromTable(table),
                new LimeOptions { Budget = 300 },
                new SeededRandom(seed),
                TestContext.Current.CancellationToken
            );
            Assert.Equal("paired-sampling", some.Estimator);
            Assert.Equal(300, some.ModelCalls);
            for (int i = 0; i < 10; i++)
            {
                inside += Math.Abs(some.Weights[i] - all.Weights[i]) <= 2 * some.StandardErrors[i] ? 1 : 0;
            }
        }
        Assert.InRange(inside / 400.0, 0.88, 0.99);
    }

    [Property(MaxTest = 30)]
    public void Anchor_precisions_and_implicants_follow_their_definitions(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 1 + random.Next(6);
        double[] keeps = [.. Enumerable.Range(0, 1 << n).Select(_ => random.Next(3) > 0 ? 1.0 : 0.0)];
        keeps[^1] = 1;
        double[] precisions = AnchorSearch.Precisions(keeps);
        int[] all = [.. Enumerable.Range(0, 1 << n)];
        foreach (int anchor in all)
        {
            int[] above = [.. all.Where(m => (m & anchor) == anchor)];
            Assert.Equal(above.Average(m => keeps[m]), precisions[anchor], 1e-12);
        }
        bool Sufficient(int a) => all.Where(m => (m & a) == a).All(m => keeps[m] == 1);
        Assert.Equal(
            all.Where(a => Sufficient(a) && !all.Any(b => b != a && (b & a) == b && Sufficient(b))),
            LabelTable.PrimeImplicants(keeps).Order()
        );
        int full = all[^1];
        bool Flips(int d) => keeps[full ^ d] == 0;
        Assert.Equal(
            all.Where(d => Flips(d) && !all.Any(b => b != d && (b & d) == b && Flips(b))),
            LabelTable.MinimalDeletions(keeps).Order()
        );
    }

    [Fact]
    public async Task Counterfactuals_are_verified_on_the_edited_text_and_minimal()
    {
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        Explanation e = await ExplainAsync(model, "counterfactual", "this is not good film");
        Assert.Equal("negative", e.Prediction.Label);
        Counterfactual first = e.Counterfactuals![0];
        Assert.Equal("this is good film", first.Text);
        Assert.Equal([new TextEdit(8, 12, "not ", "")], first.Edits);
        Assert.Equal("positive", first.Prediction.Label);
        Assert.Equal("enumeration", e.Estimator);
        Assert.Equal(e.ModelCalls, model.Coalitions + model.Texts);
        Assert.All(e.Counterfactuals, c => Assert.NotEqual(e.Prediction.Label, c.Prediction.Label));
        foreach (Counterfactual c in e.Counterfactuals)
        {
            Assert.True(c.Minimal);
            Assert.NotEqual(
                "negative",
                (await model.PredictAsync([c.Text], cancellation: TestContext.Current.CancellationToken))[0].Label
            );
        }
    }

    [Fact]
    public async Task Long_texts_are_searched_greedily_and_edits_that_are_not_needed_are_taken_back()
    {
        // Two of the three goods have to go; the rest is noise.
        FakeClassifier model = FakeClassifier.Binary(words =>
            words.Count(w => w == "good") - 1.5 + 0.001 * words.Count(w => w is not null)
        );
        string text = "good one two three good four five six seven good eight nine ten";
        Explanation e = await ExplainAsync(model, "counterfactual", text, 100);
        Assert.Equal("greedy-search", e.Estimator);
        Counterfactual c = Assert.Single(e.Counterfactuals!);
        Assert.Equal(2, c.Edits.Count);
        Assert.All(c.Edits, edit => Assert.Equal("delete 'good'", edit.ToString()));
        Assert.InRange(e.ModelCalls, 15, 100);
    }

    [Fact]
    public async Task A_prediction_that_nothing_changes_has_no_counterfactual_and_says_so()
    {
        FakeClassifier model = FakeClassifier.Binary(_ => 1);
        Explanation e = await ExplainAsync(model, "counterfactual", "so it is");
        Assert.Empty(e.Counterfactuals!);
        Assert.False(e.Converged);
        Assert.Contains("No deletion changes the prediction", e.Note, StringComparison.Ordinal);
        Explanation anchor = await ExplainAsync(model, "anchors", "so it is");
        Assert.Empty(anchor.Anchor!.Features);
        Assert.Equal(1, anchor.Anchor.Coverage);
        Explanation reasons = await ExplainAsync(model, "prime-implicants", "so it is");
        Assert.Empty(Assert.Single(reasons.SufficientReasons!));
    }

    [Theory]
    [InlineData("lime", 20, "budget of at least")]
    [InlineData("anchors", 10, "at least 16")]
    [InlineData("counterfactual", 10, "budget of at least")]
    [InlineData("prime-implicants", 256, "--budget 8192")]
    public async Task Too_small_a_budget_is_refused(string method, int budget, string says)
    {
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            ExplainAsync(model, method, "a b c d e f g h i j k l m", budget)
        );
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shapley")]
    [InlineData("permutation-shapley")]
    [InlineData("owen")]
    [InlineData("interactions")]
    [InlineData("lime")]
    [InlineData("anchors")]
    [InlineData("occlusion")]
    [InlineData("prime-implicants")]
    public async Task The_budget_that_a_refusal_names_is_the_least_that_does(string method)
    {
        foreach (string text in (string[])["a b", "a b c", "a not good b", "a b c d not good"])
        {
            FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
            ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
                ExplainAsync(model, method, text, 1)
            );
            int named = int.Parse(
                System.Text.RegularExpressions.Regex.Match(refused.Message, "--budget ([0-9]+)").Groups[1].Value,
                System.Globalization.CultureInfo.InvariantCulture
            );
            Assert.True((await ExplainAsync(model, method, text, named)).ModelCalls <= named);
            await Assert.ThrowsAsync<ExplanationException>(() => ExplainAsync(model, method, text, named - 1));
        }
    }

    [Fact]
    public async Task One_word_and_emoji_have_answers_and_runs_repeat_to_the_byte()
    {
        foreach (
            string text in (string[])["good", "good 👍🏽 \u200bdull", "好 good", "a b c d e f g h i good not dull"]
        )
        {
            foreach (string method in (string[])["lime", "anchors", "counterfactual"])
            {
                string[] json = new string[2];
                for (int run = 0; run < 2; run++)
                {
                    Explanation e = await ExplainAsync(FakeClassifier.Binary(TextGameTests.NotGood), method, text);
                    Assert.All(e.Features, f => Assert.Equal(text[f.Start..f.End], f.Text));
                    json[run] = JsonSerializer.Serialize(e with { ElapsedMs = null, ModelHash = "" });
                }
                Assert.Equal(json[0], json[1]);
            }
        }
    }
}
