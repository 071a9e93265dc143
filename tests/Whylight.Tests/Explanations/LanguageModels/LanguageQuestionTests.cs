using FsCheck.Xunit;
using TorchSharp;
using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Explanations.Rendering;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Tests.Models;
using static TorchSharp.torch;
using ScoredText = Whylight.Models.ScoredText;

namespace Whylight.Tests.Explanations.LanguageModels;

/// <summary>Explanations of tiny causal language models, against slow twins that read the whole vocabulary.</summary>
public sealed class LanguageQuestionTests
{
    private const string Text = "the movie was not good";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string> Families() => ["gpt2", "llama"];

    private static Task<CausalLanguageModel> ModelAsync(string family) =>
        TinyModels.LanguageModelAsync(() =>
            family == "gpt2" ? Gpt2Network.Create(TinyModels.Gpt2(), 5) : LlamaNetwork.Create(TinyModels.Llama(), 5)
        );

    private static Task<Explanation> ExplainAsync(
        ICausalLanguageModel model,
        ExplanationRequest request,
        IProgress<Explanation>? progress = null
    ) => Explainer.Default.ExplainAsync(model, request, progress, cancellation: Cancellation);

    public static TheoryData<string, ValueKind> FamiliesAndValues()
    {
        TheoryData<string, ValueKind> data = [];
        foreach (string family in (string[])["gpt2", "llama"])
        {
            foreach (
                ValueKind kind in (ValueKind[])
                    [ValueKind.Logit, ValueKind.Probability, ValueKind.LogOdds, ValueKind.Contrast]
            )
            {
                data.Add(family, kind);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(FamiliesAndValues))]
    public async Task Shapley_values_are_those_of_the_game_over_the_whole_vocabulary(string family, ValueKind kind)
    {
        using CausalLanguageModel model = await ModelAsync(family);
        Explanation explanation = await ExplainAsync(
            model,
            new()
            {
                Text = Text,
                Method = "shapley",
                ValueKind = kind,
                TargetLabel = "great",
                ContrastLabel = kind == ValueKind.Contrast ? "awful" : null,
            }
        );

        // Slow: every coalition's logits over the vocabulary, and the definition of Shapley values.
        TokenizedText tokens = model.Tokenizer.Encode(Text);
        int[] words = [.. Enumerable.Range(0, tokens.Tokens.Count).Where(i => !tokens.Tokens[i].Special)];
        int n = words.Length;
        bool[][] present =
        [
            .. Enumerable
                .Range(0, 1 << n)
                .Select(m =>
                    tokens.Tokens.Select((t, i) => t.Special || ((m >> Array.IndexOf(words, i)) & 1) != 0).ToArray()
                ),
        ];
        IReadOnlyList<double[]> logits = await model.EvaluateNextAsync(
            tokens,
            present,
            null,
            Absence.AttentionMasked,
            cancellation: Cancellation
        );
        double[] values = [.. logits.Select(l => Value(l, kind, 11, 14))];
        Assert.Equal(n, explanation.Features.Count);
        Assert.Equal(values[^1], explanation.Value!.Value, 1e-5);
        Assert.Equal(values[0], explanation.BaseValue!.Value, 1e-5);
        double[] exact = Shapley(n, values);
        for (int i = 0; i < n; i++)
        {
            Assert.Equal(exact[i], explanation.Features[i].Score!.Value, 1e-5);
        }
        // Efficiency.
        Assert.Equal(values[^1] - values[0], explanation.Features.Sum(f => f.Score!.Value), 1e-5);
        Assert.Equal("enumeration", explanation.Estimator);
        Assert.Equal(1 << n, explanation.ModelCalls);
    }

    [Theory]
    [MemberData(nameof(FamiliesAndValues))]
    public async Task The_graph_gives_the_value_that_coalitions_give(string family, ValueKind kind)
    {
        using CausalLanguageModel model = await ModelAsync(family);
        ExplanationRequest request = new()
        {
            Text = Text,
            ValueKind = kind,
            TargetLabel = "great",
        };
        Explanation graph = await ExplainAsync(model, request with { Method = "gradient-x-input" });
        Explanation game = await ExplainAsync(model, request with { Method = "occlusion" });
        Assert.Equal(game.Value!.Value, graph.Value!.Value, 1e-4);
        Assert.NotEqual(0, graph.Features.Max(f => Math.Abs(f.Score!.Value)));
        Explanation path = await ExplainAsync(
            model,
            request with
            {
                Method = "integrated-gradients",
                Baseline = BaselineKind.Eos,
                Budget = 1024,
            }
        );
        double change = Math.Abs(path.Value!.Value - path.BaseValue!.Value);
        Assert.True(path.Converged == false || Math.Abs(path.CompletenessGap!.Value) <= 1e-3 * change + 1e-6);
        Explanation lift = await ExplainAsync(model, request with { Method = "deeplift", Baseline = BaselineKind.Eos });
        Assert.Equal(0, lift.CompletenessGap!.Value, 2e-3 * Math.Max(1, change));
    }

    [Property(MaxTest = 300)]
    public bool A_handful_of_numbers_stands_for_the_whole_vocabulary(int seed)
    {
        Random random = new(seed);
        double[] logits = [.. Enumerable.Range(0, random.Next(5, 40)).Select(_ => 20 * random.NextDouble() - 10)];
        int[] ids = [.. Enumerable.Range(0, logits.Length).OrderBy(_ => random.Next()).Take(random.Next(1, 4))];
        double[] summary = TokenClassifier.Summary(logits, ids);
        double[] whole = Prediction.Softmax(logits);
        double[] few = Prediction.Softmax(summary);
        int best = Array.IndexOf(logits, logits.Max());
        int kept = TextGame.Best(summary, summary.Length - 1);
        return ids.Select((id, i) => Math.Abs(whole[id] - few[i]) < 1e-12 && logits[id] == summary[i]).All(x => x)
            && (kept < ids.Length ? ids[kept] == best : !ids.Contains(best))
            && Math.Abs(few.Sum() - 1) < 1e-12;
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task A_completion_is_the_sum_of_its_tokens_with_teacher_forcing(string family)
    {
        using CausalLanguageModel model = await ModelAsync(family);
        Explanation explanation = await ExplainAsync(
            model,
            new()
            {
                Text = "the movie was",
                Method = "shapley",
                ValueKind = ValueKind.SequenceLogProbability,
                Completion = "not very good",
            }
        );
        Assert.Equal("sequence_log_probability", explanation.ValueKind);
        Assert.Equal("not very good", explanation.Completion);
        Assert.False(explanation.CompletionGenerated);
        Assert.Equal(["not", "very", "good"], explanation.TargetTokens!.Select(t => t.Text));
        Assert.Equal(explanation.TargetTokens!.Sum(t => t.LogProbability), explanation.Value!.Value, 1e-9);

        // Slow: the whole row at full length with absent words masked, one softmax a token.
        TokenizedText prompt = model.Tokenizer.Encode("the movie was");
        int[] completion = [15, 16, 12];
        int[] words = [.. Enumerable.Range(0, prompt.Tokens.Count).Where(i => !prompt.Tokens[i].Special)];
        double[] values = new double[1 << words.Length];
        for (int m = 0; m < values.Length; m++)
        {
            bool[] mask =
            [
                .. prompt.Tokens.Select((t, i) => t.Special || ((m >> Array.IndexOf(words, i)) & 1) != 0),
                .. completion.Select(_ => true),
            ];
            values[m] = await MaskedLogProbabilityAsync(model, prompt, completion, mask);
        }
        double[] exact = Shapley(words.Length, values);
        Assert.Equal(words.Length, explanation.Features.Count);
        for (int i = 0; i < words.Length; i++)
        {
            Assert.Equal(exact[i], explanation.Features[i].Score!.Value, 1e-5);
        }
        Explanation graph = await ExplainAsync(
            model,
            new()
            {
                Text = "the movie was",
                Method = "attnlrp",
                Completion = "not very good",
            }
        );
        Assert.Equal(explanation.Value!.Value, graph.Value!.Value, 1e-4);
        Assert.Contains(graph.Features, f => f.Score is not (null or 0));
    }

    [Fact]
    public async Task A_contrast_of_completions_is_the_difference_of_theirs_and_of_tokens_that_of_their_logits()
    {
        using CausalLanguageModel model = await ModelAsync("gpt2");
        ExplanationRequest request = new() { Text = "the movie was", Method = "shapley" };
        Explanation good = await ExplainAsync(model, request with { Completion = "very good" });
        Explanation bad = await ExplainAsync(model, request with { Completion = "bad" });
        Explanation both = await ExplainAsync(
            model,
            request with
            {
                Completion = "very good",
                ContrastLabel = "bad",
                ValueKind = ValueKind.Contrast,
            }
        );
        Assert.Equal("contrast", both.ValueKind);
        Assert.Equal("bad", both.ContrastLabel);
        Assert.Equal(["bad"], both.ContrastTokens!.Select(t => t.Text));
        Assert.Equal(good.Value!.Value - bad.Value!.Value, both.Value!.Value, 1e-6);
        for (int i = 0; i < both.Features.Count; i++)
        {
            Assert.Equal(
                good.Features[i].Score!.Value - bad.Features[i].Score!.Value,
                both.Features[i].Score!.Value,
                1e-6
            );
        }
        // A target of several tokens in a contrast is a completion, whatever the option is called.
        Explanation named = await ExplainAsync(
            model,
            request with
            {
                TargetLabel = "very good",
                ContrastLabel = "bad",
                ValueKind = ValueKind.Contrast,
            }
        );
        Assert.Equal(both.Value, named.Value);
        Explanation tokens = await ExplainAsync(
            model,
            request with
            {
                TargetLabel = "good",
                ContrastLabel = "bad",
                ValueKind = ValueKind.Contrast,
            }
        );
        Explanation one = await ExplainAsync(model, request with { Completion = "good" });
        Assert.Equal(one.Value!.Value - bad.Value!.Value, tokens.Value!.Value, 1e-5);
    }

    [Fact]
    public async Task Without_a_completion_the_models_own_continuation_is_explained()
    {
        using CausalLanguageModel model = await ModelAsync("llama");
        GeneratedText generated = await model.GenerateAsync("the movie", 16, cancellation: Cancellation);
        Explanation explanation = await ExplainAsync(
            model,
            new()
            {
                Text = "the movie",
                Method = "shapley",
                ValueKind = ValueKind.SequenceLogProbability,
            }
        );
        Assert.True(explanation.CompletionGenerated);
        Assert.Equal(generated.Text, explanation.Completion);
        Assert.Equal(generated.Ids, explanation.TargetTokens!.Select(t => t.Id));
        Assert.InRange(explanation.TargetTokens!.Count, 1, 16);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task A_token_inside_the_text_is_explained_by_what_stands_before_it(string family)
    {
        using CausalLanguageModel model = await ModelAsync(family);
        const string Whole = "the movie was not good , it was bad";
        int offset = Whole.IndexOf("good", StringComparison.Ordinal);
        Explanation at = await ExplainAsync(
            model,
            new()
            {
                Text = Whole,
                Method = "occlusion",
                At = offset + 1,
            }
        );
        Assert.Equal("good", at.Target);
        Assert.Equal(Whole, at.Text);
        Assert.Equal(["the", "movie", "was", "not"], at.Features.Select(f => f.Text));
        Assert.Equal((offset, offset + 4), (at.TargetTokens![0].Start, at.TargetTokens[0].End));
        ScoredText scored = (await model.ScoreAsync([Whole], cancellation: Cancellation))[0];
        int index = scored.Tokens.ToList().FindIndex(t => t.Token.Start == offset && !t.Token.Special);
        Assert.Equal(scored.Tokens[index].LogProbability!.Value, at.TargetTokens[0].LogProbability, 1e-5);
        Explanation byIndex = await ExplainAsync(
            model,
            new()
            {
                Text = Whole,
                Method = "occlusion",
                TokenIndex = index,
            }
        );
        Assert.Equal(ExplanationJson.Write(at, timing: false), ExplanationJson.Write(byIndex, timing: false));
        // The space before a token belongs to none and counts to it.
        Explanation before = await ExplainAsync(
            model,
            new()
            {
                Text = Whole,
                Method = "occlusion",
                At = offset - 1,
            }
        );
        Assert.Equal("good", before.Target);
        Explanation rather = await ExplainAsync(
            model,
            new()
            {
                Text = Whole,
                Method = "gradient-x-input",
                At = offset,
                ContrastLabel = "bad",
                ValueKind = ValueKind.Contrast,
            }
        );
        Assert.Equal(("good", "bad"), (rather.Target, rather.ContrastLabel));
    }

    public static TheoryData<string, string> FamiliesAndMethods()
    {
        TheoryData<string, string> data = [];
        foreach (string method in Explainer.Default.Methods)
        {
            data.Add("gpt2", method);
            data.Add("llama", method);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(FamiliesAndMethods))]
    public async Task Every_method_answers_with_an_account_that_adds_up_and_repeats_to_the_byte(
        string family,
        string method
    )
    {
        using CausalLanguageModel model = await ModelAsync(family);
        ExplanationRequest request = new()
        {
            Text = Text,
            Method = method,
            Baseline = method == "deeplift" ? BaselineKind.Eos : null,
        };
        Explanation one = await ExplainAsync(model, request);
        Explanation two = await ExplainAsync(model, request);
        string json = ExplanationJson.Write(one, timing: false);
        Assert.Equal(json, ExplanationJson.Write(two, timing: false));
        Assert.Equal(json, ExplanationJson.Write(ExplanationJson.Read(json), timing: false));
        Assert.Equal(method, one.Method);
        ScoredText scored = (await model.ScoreAsync([Text], cancellation: Cancellation))[0];
        Assert.Equal(scored.Next[0].Text, one.Prediction.Label);
        Assert.Equal(Math.Exp(scored.Next[0].LogProbability), one.Prediction.Confidence, 1e-6);
        Assert.Equal(scored.Next[0].Text, one.Target);
        Assert.Equal(model.Info.Hash, one.ModelHash);
        Assert.StartsWith("the last present token", one.ReadOut, StringComparison.Ordinal);
        if (one is { BaseValue: { } b, Remainder: { } remainder, CompletenessGap: { } gap })
        {
            Assert.Equal(one.Value!.Value, b + one.Features.Sum(f => f.Score!.Value) + remainder + gap, 1e-9);
        }
        Assert.NotEmpty(TerminalRenderer.Render(one, Messages.ForLocale(null), TerminalColour.None));
    }

    [Fact]
    public async Task Deeplift_starts_where_an_rms_norm_is_smooth_unless_told_otherwise()
    {
        using CausalLanguageModel model = await ModelAsync("llama");
        ExplanationRequest request = new() { Text = Text, Method = "deeplift" };
        Explanation chosen = await ExplainAsync(model, request);
        Assert.Equal("eos", chosen.Baseline);
        Explanation named = await ExplainAsync(model, request with { Baseline = BaselineKind.Eos });
        Assert.Equal(ExplanationJson.Write(named, timing: false), ExplanationJson.Write(chosen, timing: false));
        // What the contract says of the other methods stays, and what is asked for is not replaced.
        Explanation path = await ExplainAsync(model, request with { Method = "integrated-gradients" });
        Assert.Equal("zero", path.Baseline);
        Exception? asked = await Record.ExceptionAsync(async () =>
            Assert.Equal("zero", (await ExplainAsync(model, request with { Baseline = BaselineKind.Zero })).Baseline)
        );
        Assert.True(asked is null or ExplanationException, asked?.ToString());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Every_method_answers_on_a_completion_or_says_why_not(string family)
    {
        using CausalLanguageModel model = await ModelAsync(family);
        foreach (string method in Explainer.Default.Methods)
        {
            ExplanationRequest request = new()
            {
                Text = "the movie was",
                Method = method,
                Completion = "very bad",
                Baseline = method == "deeplift" ? BaselineKind.Eos : null,
            };
            if (method is "anchors" or "counterfactual" or "prime-implicants")
            {
                ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
                    ExplainAsync(model, request)
                );
                Assert.Contains("leave out the completion", refused.Message, StringComparison.Ordinal);
                continue;
            }
            Explanation explanation = await ExplainAsync(model, request);
            Assert.Equal("very bad", explanation.Target);
            Assert.Equal(3, explanation.Features.Count);
            if (method == "rollout")
            {
                // Shares of the prompt's attention, which add up whatever follows the prompt.
                Assert.InRange(explanation.Features.Sum(f => f.Score!.Value), 0.05, 1.0000001);
                continue;
            }
            Assert.Equal(explanation.TargetTokens!.Sum(t => t.LogProbability), explanation.Value!.Value, 1e-4);
        }
    }

    [Fact]
    public async Task Auto_streams_relevance_first_and_shapley_values_after()
    {
        using CausalLanguageModel model = await ModelAsync("llama");
        List<Explanation> seen = [];
        Explanation last = await ExplainAsync(
            model,
            new() { Text = "the movie was not good , it was very bad and the film is awful", Budget = 200 },
            new Collect(seen)
        );
        Assert.Equal("attnlrp/attnlrp", seen[0].Estimator);
        Assert.StartsWith("shapley/", last.Estimator, StringComparison.Ordinal);
        Assert.True(seen.Count >= 2);
        Assert.All(seen, s => Assert.Equal(last.Prediction.Label, s.Prediction.Label));
        Assert.All(seen, s => Assert.NotNull(s.TargetTokens));
        Assert.NotNull(last.Agreement);
    }

    [Fact]
    public async Task A_cancelled_explanation_stops()
    {
        using CausalLanguageModel model = await ModelAsync("gpt2");
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Explainer.Default.ExplainAsync(
                model,
                new() { Text = "the movie was not good , it was very bad and the film is awful", Budget = 100_000 },
                new Act(stop.Cancel),
                cancellation: stop.Token
            )
        );
    }

    [Fact]
    public async Task Relevance_with_layers_and_biases_counted_is_conserved_under_cp_lrp()
    {
        foreach (string family in (string[])["gpt2", "llama"])
        {
            using CausalLanguageModel model = await ModelAsync(family);
            Explanation explanation = await ExplainAsync(
                model,
                new()
                {
                    Text = Text,
                    Method = "cp-lrp",
                    Layers = true,
                }
            );
            Assert.Equal(0, explanation.CompletenessGap!.Value, 1e-4);
            Assert.NotNull(explanation.SinkShare);
            Assert.Contains(explanation.Layers!, l => l.Name == "layer.1");
            Assert.All(explanation.Layers!, l => Assert.Equal(model.Tokenize(Text).Tokens.Count, l.Tokens.Count));
        }
    }

    public static TheoryData<string, ExplanationRequest> Senseless() =>
        new()
        {
            {
                "the text is empty",
                new() { Text = " " }
            },
            {
                "a budget of 0 model calls",
                new() { Text = Text, Budget = 0 }
            },
            {
                "there is no method 'shaply'",
                new() { Text = Text, Method = "shaply" }
            },
            {
                "cannot spell the target 'xyzzy'",
                new() { Text = Text, TargetLabel = "xyzzy" }
            },
            {
                "the target 'very good' is 2 tokens",
                new() { Text = Text, TargetLabel = "very good" }
            },
            {
                "the target is empty",
                new() { Text = Text, TargetLabel = "" }
            },
            {
                "the completion is empty",
                new() { Text = Text, Completion = "" }
            },
            {
                "leave out one of the two",
                new()
                {
                    Text = Text,
                    Completion = "good",
                    TargetLabel = "bad",
                }
            },
            {
                "lies outside the text",
                new() { Text = Text, At = 400 }
            },
            {
                "is the text's first token",
                new() { Text = Text, At = 1 }
            },
            {
                "there is no token 99",
                new() { Text = Text, TokenIndex = 99 }
            },
            {
                "which the tokenizer added",
                new() { Text = Text, TokenIndex = 0 }
            },
            {
                "not both",
                new()
                {
                    Text = Text,
                    TokenIndex = 2,
                    At = 5,
                }
            },
            {
                "is itself the target",
                new()
                {
                    Text = Text,
                    At = 5,
                    TargetLabel = "good",
                }
            },
            {
                "needs another token",
                new()
                {
                    Text = Text,
                    TargetLabel = "good",
                    ContrastLabel = "good",
                    ValueKind = ValueKind.Contrast,
                }
            },
            {
                "is the value contrast",
                new() { Text = Text, ContrastLabel = "good" }
            },
            {
                "the absence 'padding' means nothing",
                new() { Text = Text, Absence = Absence.Padding }
            },
            {
                "no template fields",
                new() { Text = Text, FeatureKind = FeatureKind.Field }
            },
            {
                "leaves no room for a prompt",
                new() { Text = Text, Completion = string.Concat(Enumerable.Repeat("good ", 60)) }
            },
        };

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task What_makes_no_sense_is_refused_in_a_sentence(string part, ExplanationRequest request)
    {
        using CausalLanguageModel model = await ModelAsync("gpt2");
        ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            ExplainAsync(model, request)
        );
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_classifier_has_no_completions()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            Explainer.Default.ExplainAsync(
                model,
                new ExplanationRequest { Text = Text, Completion = "good" },
                cancellation: Cancellation
            )
        );
        Assert.Contains("causal language models", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_prompt_keeps_its_end_and_says_so()
    {
        using CausalLanguageModel model = await ModelAsync("gpt2");
        string text = string.Join(' ', Enumerable.Repeat("the movie was not good", 20));
        Explanation explanation = await ExplainAsync(model, new() { Text = text, Method = "gradient-x-input" });
        int from = explanation.Prediction.ReadFrom!.Value;
        Assert.True(explanation.Prediction.Truncated);
        Assert.Null(explanation.Prediction.TruncatedAt);
        Assert.Equal(38, explanation.Features.Count);
        Assert.Equal(from, explanation.Features[0].Start);
        Assert.Equal(text.Length, explanation.Features[^1].End);
        // The same as the end alone.
        Explanation end = await ExplainAsync(model, new() { Text = text[from..], Method = "gradient-x-input" });
        Assert.Equal(end.Value, explanation.Value);
        Assert.Equal(end.Features.Select(f => f.Score), explanation.Features.Select(f => f.Score));
        Explanation completion = await ExplainAsync(
            model,
            new()
            {
                Text = text,
                Method = "gradient-x-input",
                Completion = "very good",
            }
        );
        Assert.Equal(37, completion.Features.Count);
    }

    [Fact]
    public async Task Damaged_weights_are_an_error_not_a_number()
    {
        using CausalLanguageModel model = await TinyModels.LanguageModelAsync(() =>
        {
            Gpt2Network network = Gpt2Network.Create(TinyModels.Gpt2(), 5);
            using IDisposable plain = no_grad();
            network.Parameters[^1].Value.fill_(double.NaN);
            return network;
        });
        foreach (string method in (string[])["shapley", "attnlrp", "auto"])
        {
            ModelException refused = await Assert.ThrowsAsync<ModelException>(() =>
                ExplainAsync(model, new() { Text = Text, Method = method })
            );
            Assert.Contains("not a finite number", refused.Message, StringComparison.Ordinal);
        }
    }

    private static double Value(double[] logits, ValueKind kind, int target, int contrast)
    {
        double p = Prediction.Softmax(logits)[target];
        return kind switch
        {
            ValueKind.Probability => p,
            ValueKind.LogOdds => Math.Log(p) - Math.Log(1 - p),
            ValueKind.Contrast => logits[target] - logits[contrast],
            _ => logits[target],
        };
    }

    private static double[] Shapley(int n, double[] values)
    {
        double Factorial(int x) => x <= 1 ? 1 : x * Factorial(x - 1);
        double[] shapley = new double[n];
        for (int m = 0; m < values.Length; m++)
        {
            int size = System.Numerics.BitOperations.PopCount((uint)m);
            for (int i = 0; i < n; i++)
            {
                if (((m >> i) & 1) == 0)
                {
                    double weight = Factorial(size) * Factorial(n - size - 1) / Factorial(n);
                    shapley[i] += weight * (values[m | (1 << i)] - values[m]);
                }
            }
        }
        return shapley;
    }

    private static Task<double> MaskedLogProbabilityAsync(
        CausalLanguageModel model,
        TokenizedText prompt,
        int[] completion,
        bool[] mask
    ) =>
        model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGradient = no_grad();
                long[] ids = [.. prompt.Tokens.Select(t => (long)t.Id), .. completion.Select(i => (long)i)];
                DecoderNetwork network = (DecoderNetwork)model.Network;
                Tensor hidden = network.HiddenStates(
                    new NetworkInput
                    {
                        Ids = tensor(ids, 1, ids.Length),
                        Positions = arange(ids.Length).unsqueeze(0),
                        Mask = tensor(mask, 1, mask.Length),
                        OriginalLength = ids.Length - 1,
                    },
                    PropagationRules.Plain,
                    token
                );
                Tensor all = nn.functional.log_softmax(
                    network.Logits(hidden, PropagationRules.Plain).to(ScalarType.Float64),
                    -1
                );
                int last = Enumerable.Range(0, prompt.Tokens.Count).Last(i => mask[i]);
                double sum = 0;
                for (int k = 0; k < completion.Length; k++)
                {
                    int read = k == 0 ? last : prompt.Tokens.Count + k - 1;
                    sum += all[0, read, completion[k]].item<double>();
                }
                return sum;
            },
            Cancellation
        );

    private sealed class Collect(List<Explanation> seen) : IProgress<Explanation>
    {
        public void Report(Explanation value) => seen.Add(value);
    }

    private sealed class Act(Action act) : IProgress<Explanation>
    {
        public void Report(Explanation value) => act();
    }
}
