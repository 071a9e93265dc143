using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Game;

public sealed class TextGameTests
{
    private static readonly Dictionary<string, double> s_weights = new()
    {
        ["good"] = 1.7,
        ["dull"] = -1.3,
        ["very"] = 0.4,
    };

    public static double NotGood(IReadOnlyList<string?> words) =>
        words.Sum(w => w is null ? 0 : s_weights.GetValueOrDefault(w, 0.01))
        - (words.Contains("not") && words.Contains("good") ? 2.6 : 0);

    [Fact]
    public async Task Methods_share_what_they_ask()
    {
        FakeClassifier model = FakeClassifier.Binary(NotGood);
        const string text = "not a very good movie with dull plot";
        ExplanationRequest request = new() { Text = text };
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        foreach (string method in (string[])["shapley", "owen", "interactions", "permutation-shapley"])
        {
            Explanation e = await Explainer.Default.ExplainAsync(
                model,
                request with
                {
                    Method = method,
                },
                cancellation: cancellation
            );
            Assert.Equal(e.Value!.Value, e.BaseValue!.Value + e.Features.Sum(f => f.Score!.Value), 1e-9);
            Assert.All(e.Features, f => Assert.Equal(0, f.StandardError));
            Assert.All(e.Features, f => Assert.Equal(text[f.Start..f.End], f.Text));
            Assert.InRange(e.ModelCalls, 2, 256);
        }
        Assert.Equal(256, model.Coalitions);
        Assert.Equal(0, model.Repeats);
        Assert.Equal(0, model.Texts);
        // Other values and the probability of another label draw on the same logits.
        Explanation other = await Explainer.Default.ExplainAsync(
            model,
            request with
            {
                Method = "shapley",
                ValueKind = ValueKind.Probability,
                TargetLabel = "negative",
            },
            cancellation: cancellation
        );
        Assert.Equal("negative", other.Target);
        Assert.Equal(256, other.ModelCalls);
        Assert.Equal(256, model.Coalitions);
    }

    [Fact]
    public async Task What_is_cached_changes_nothing_in_the_result()
    {
        ExplanationRequest request = new()
        {
            Text = "one two three four five six seven eight nine ten good not dull",
            Method = "shapley",
            Budget = 200,
        };
        string[] json = new string[3];
        FakeClassifier model = FakeClassifier.Binary(NotGood);
        FakeClassifier fresh = FakeClassifier.Binary(NotGood);
        for (int run = 0; run < 3; run++)
        {
            Explanation e = await Explainer.Default.ExplainAsync(
                run == 2 ? fresh : model,
                request,
                cancellation: TestContext.Current.CancellationToken
            );
            json[run] = JsonSerializer.Serialize(e with { ElapsedMs = null, ModelHash = "" });
        }
        Assert.Equal(json[0], json[1]);
        Assert.Equal(json[0], json[2]);
        Assert.Equal(model.Coalitions, fresh.Coalitions);
        Assert.InRange(fresh.Coalitions, 66, 200);
    }

    [Fact]
    public async Task The_cache_is_bounded_and_forgets_the_oldest_text()
    {
        CoalitionCache cache = new(1600);
        FakeClassifier model = FakeClassifier.Binary(NotGood);
        foreach (string text in (string[])["a b c d e f", "g h i j k l", "m n o p q r", "a b c d e f"])
        {
            TextGame game = await TextGame.OpenAsync(
                model,
                new ExplanationRequest { Text = text },
                cache: cache,
                cancellation: TestContext.Current.CancellationToken
            );
            await Enumeration.TabulateAsync(game.Value, TestContext.Current.CancellationToken);
            Assert.Equal(64, game.ModelCalls);
            Assert.InRange(cache.Held, 1, 1600);
        }
        Assert.Equal(64, model.Repeats);
    }

    [Fact]
    public async Task A_value_that_is_no_number_is_refused()
    {
        FakeClassifier model = FakeClassifier.Binary(words => words.Contains("bad") ? 1 : double.NaN);
        await Assert.ThrowsAsync<ModelException>(() =>
            Explainer.Default.ExplainAsync(
                model,
                new ExplanationRequest { Text = "so bad", Method = "shapley" },
                cancellation: TestContext.Current.CancellationToken
            )
        );
    }

    [Theory]
    [InlineData("", 256, null, "empty")]
    [InlineData("   ", 256, null, "empty")]
    [InlineData("so good", 0, null, "budget")]
    [InlineData("so good", 1, null, "budget")]
    [InlineData("so good", 256, "positiv", "did you mean 'positive'")]
    public async Task Requests_without_sense_are_refused_clearly(string text, int budget, string? target, string says)
    {
        FakeClassifier model = FakeClassifier.Binary(NotGood);
        foreach (string method in (string[])["shapley", "permutation-shapley", "owen", "interactions"])
        {
            ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
                Explainer.Default.ExplainAsync(
                    model,
                    new ExplanationRequest
                    {
                        Text = text,
                        Method = method,
                        Budget = budget,
                        TargetLabel = target,
                    },
                    cancellation: TestContext.Current.CancellationToken
                )
            );
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_word_has_the_whole_difference()
    {
        FakeClassifier model = FakeClassifier.Binary(NotGood);
        foreach (string method in (string[])["shapley", "permutation-shapley", "owen"])
        {
            Explanation e = await Explainer.Default.ExplainAsync(
                model,
                new ExplanationRequest { Text = "good", Method = method },
                cancellation: TestContext.Current.CancellationToken
            );
            Assert.Equal(0.85, Assert.Single(e.Features).Score!.Value, 1e-12);
            Assert.Equal(2, e.ModelCalls);
        }
    }

    [Fact]
    public async Task Ten_thousand_words_cut_at_the_models_limit_are_estimated_over_what_it_reads()
    {
        FakeClassifier model = new(words => [0, NotGood(words)], maxTokens: 42);
        string text = string.Join(' ', Enumerable.Repeat("very good dull word", 2500));
        ExplanationRequest request = new()
        {
            Text = text,
            Method = "shapley",
            Budget = 300,
        };
        Explanation e = await Explainer.Default.ExplainAsync(
            model,
            request,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(40, e.Features.Count);
        Assert.True(e.Prediction.Truncated);
        Assert.Equal(0.4, e.Features[0].Score!.Value, 1e-9);
    }

    [Fact]
    public async Task Words_left_out_close_up()
    {
        TextGame game = await TextGame.OpenAsync(
            FakeClassifier.Binary(NotGood),
            new ExplanationRequest { Text = "not a very good movie" },
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal("a good movie", game.TextOf(Coalition.Of(5, [1, 3, 4])));
        Assert.Equal("not a very good movie", game.TextOf(Coalition.Full(5)));
        Assert.Equal("", game.TextOf(Coalition.Empty(5)));
    }
}
