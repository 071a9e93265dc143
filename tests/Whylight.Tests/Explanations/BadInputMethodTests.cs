using TorchSharp;
using Whylight.Explanations;
using Whylight.Models;
using Whylight.Tests.Explanations.Game;
using Whylight.Tests.Models;

namespace Whylight.Tests.Explanations;

/// <summary>Odd and bad input to every method on every family: exact, or refused in a sentence; never a silent wrong number.</summary>
public sealed class BadInputMethodTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Families() => [.. TinyFamilies.Names];

    private static async Task<Explanation?> TryAsync(ITextClassifier model, ExplanationRequest request)
    {
        try
        {
            Explanation e = await Explainer.Default.ExplainAsync(model, request, cancellation: Cancellation);
            Check(e, request);
            return e;
        }
        catch (ExplanationException refused)
        {
            Sentence(refused.Message);
            return null;
        }
    }

    private static void Sentence(string message)
    {
        Assert.NotEmpty(message);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
    }

    private static void Check(Explanation e, ExplanationRequest request)
    {
        string context = $"{request.Method} with a budget of {request.Budget} on {request.Text.Length} characters";
        Assert.True(e.ModelCalls <= request.Budget, $"{context}: {e.ModelCalls} calls");
        Assert.True(e.ModelCalls >= 1, context);
        int end = 0;
        foreach (FeatureScore f in e.Features)
        {
            Assert.True(f.Start >= end && f.End > f.Start, context);
            Assert.Equal(request.Text[f.Start..f.End], f.Text);
            Assert.False(char.IsLowSurrogate(request.Text[f.Start]));
            Assert.False(char.IsHighSurrogate(request.Text[f.End - 1]));
            Assert.True(f.Score is null || double.IsFinite(f.Score.Value), context);
            Assert.True(f.StandardError is null || double.IsFinite(f.StandardError.Value), context);
            end = f.End;
        }
        if (e.CompletenessGap is { } gap)
        {
            double total = e.BaseValue!.Value + e.Features.Sum(f => f.Score ?? 0) + e.Remainder!.Value + gap;
            Assert.True(Math.Abs(e.Value!.Value - total) <= 1e-8 * Math.Max(1, Math.Abs(e.Value.Value)), context);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Odd_texts(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 61);
        string[] texts =
        [
            "good",
            "g",
            ".",
            "zzz qqq xyzzy",
            "\u200b",
            "\u200d\ufe0f",
            "e\u0301\u0327 good a\u030a\u0302\u0301",
            "\U0001F469\u200D\U0001F4BB good \U0001F44D\U0001F3FD \U0001F1E9\U0001F1EA",
            "好电影 good 很好",
            "the\tmovie\n\nwas\r\ngood",
            "\u202eevil\u202c good",
            "good\0bad",
        ];
        foreach (string method in Explainer.Default.Methods)
        {
            int answered = 0;
            foreach (string text in texts)
            {
                foreach (FeatureKind kind in (FeatureKind[])[FeatureKind.Word, FeatureKind.Token, FeatureKind.Sentence])
                {
                    Explanation? e = await TryAsync(
                        model,
                        new ExplanationRequest
                        {
                            Text = text,
                            Method = method,
                            FeatureKind = kind,
                            Budget = 64,
                        }
                    );
                    answered += e is null ? 0 : 1;
                }
            }
            bool graph =
                method
                is "gradient-x-input"
                    or "integrated-gradients"
                    or "deeplift"
                    or "smoothgrad"
                    or "expected-gradients"
                    or "attnlrp"
                    or "cp-lrp"
                    or "rollout";
            bool none =
                graph && family == "linear"
                || family is "cnn" or "lstm" && method is "attnlrp" or "cp-lrp" or "rollout";
            Assert.Equal(none, answered == 0);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Ten_thousand_words(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 62);
        string text = TinyFamilies.Text(new Whylight.Measures.SeededRandom(7), 10_000);
        foreach (string method in Explainer.Default.Methods)
        {
            Explanation? e = await TryAsync(model, new ExplanationRequest { Text = text, Method = method });
            if (e is not null && family != "linear")
            {
                // Language models keep the end of a text, classifiers its beginning.
                if (family is "gpt2" or "llama")
                {
                    Assert.NotNull(e.Prediction.ReadFrom);
                    Assert.True(e.Features[0].Start >= e.Prediction.ReadFrom);
                }
                else
                {
                    Assert.NotNull(e.Prediction.TruncatedAt);
                    Assert.True(e.Features[^1].End <= e.Prediction.TruncatedAt);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Budgets_from_none_to_few(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 63);
        foreach (string method in Explainer.Default.Methods)
        {
            foreach (int budget in (int[])[int.MinValue, -1, 0, 1, 2, 3, 5, 7, 12, 16, 20, 33])
            {
                ExplanationRequest request = new()
                {
                    Text = "the movie was not very good but i loved it",
                    Method = method,
                    Budget = budget,
                };
                Explanation? e = await TryAsync(model, request);
                Assert.True(budget > 0 || e is null);
                await TryAsync(model, request with { Exact = true });
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Absences_that_mean_something_answer_and_the_others_are_refused(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 64);
        foreach (Absence absence in Enum.GetValues<Absence>())
        {
            foreach (string method in Explainer.Default.Methods)
            {
                Explanation? e = await TryAsync(
                    model,
                    new ExplanationRequest
                    {
                        Text = "the movie was not good",
                        Method = method,
                        Absence = absence,
                    }
                );
                if (!model.Absences.Contains(absence))
                {
                    Assert.Null(e);
                }
                else if (method is "shapley" or "occlusion" or "lime" or "anchors" or "owen")
                {
                    Assert.Equal(Names.Of(absence), e!.Absence);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Labels_that_do_not_exist(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 65);
        foreach (string method in Explainer.Default.Methods)
        {
            foreach (string label in (string[])["", "positive?", "l0", "L0 "])
            {
                ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
                    Explainer.Default.ExplainAsync(
                        model,
                        new ExplanationRequest
                        {
                            Text = "good",
                            Method = method,
                            TargetLabel = label,
                        },
                        cancellation: Cancellation
                    )
                );
                Sentence(refused.Message);
                Assert.Contains(model.Info.Labels[0], refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task A_model_that_answers_no_number(string family)
    {
        using ITextClassifier model =
            family == "linear"
                ? TinyFamilies.Linear(66, weight => float.NaN)
                : await TinyFamilies.MakeAsync(family, 66);
        if (model is INetworkClassifier network)
        {
            await network.Scheduler.RunAsync(
                WorkPriority.Batch,
                _ =>
                {
                    using DisposeScope scope = torch.NewDisposeScope();
                    using IDisposable noGradient = torch.no_grad();
                    // The last weight that is no bias: in every family it reaches the answer.
                    network.Network.Parameters.Last(p => p.Value.dim() == 2).Value.fill_(float.NaN);
                    return true;
                },
                Cancellation
            );
        }
        foreach (string method in Explainer.Default.Methods)
        {
            try
            {
                Explanation e = await Explainer.Default.ExplainAsync(
                    model,
                    new ExplanationRequest { Text = "the movie was not good", Method = method },
                    cancellation: Cancellation
                );
                Assert.Fail($"{method} on {family} answered {e.Value}");
            }
            catch (Exception refused) when (refused is ModelException or ExplanationException)
            {
                Sentence(refused.Message);
            }
        }
    }

    [Fact]
    public async Task Cancelled_work_stops_within_a_block()
    {
        foreach (
            string method in (string[])
                ["shapley", "permutation-shapley", "owen", "interactions", "lime", "anchors", "counterfactual"]
        )
        {
            using CancellationTokenSource source = new();
            int asked = 0;
            FakeClassifier model = FakeClassifier.Binary(words =>
            {
                if (++asked == 5)
                {
                    source.Cancel();
                }
                // Not additive, so that no estimate is sure after a few calls.
                int present = 0;
                for (int i = 0; i < words.Count; i++)
                {
                    present |= words[i] is null ? 0 : 1 << i;
                }
                return Math.Sin(present * 1.7);
            });
            Exception? stopped = await Record.ExceptionAsync(() =>
                Explainer.Default.ExplainAsync(
                    model,
                    new ExplanationRequest
                    {
                        Text = "a b c d e f g h i j k l m",
                        Method = method,
                        Budget = 4000,
                    },
                    cancellation: source.Token
                )
            );
            Assert.True(stopped is OperationCanceledException, $"{method}: {stopped?.Message ?? "an answer"}");
            Assert.InRange(asked, 5, 5 + 64);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Work_cancelled_before_it_begins_asks_nothing(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 67);
        foreach (string method in Explainer.Default.Methods)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                Explainer.Default.ExplainAsync(
                    model,
                    new ExplanationRequest { Text = $"the movie was {method}", Method = method },
                    cancellation: new CancellationToken(true)
                )
            );
        }
    }
}
