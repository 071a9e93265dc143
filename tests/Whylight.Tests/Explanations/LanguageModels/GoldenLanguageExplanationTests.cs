using System.Text.Json;
using TorchSharp;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Tests.Models;
using static TorchSharp.torch;

namespace Whylight.Tests.Explanations.LanguageModels;

/// <summary>Explanations of the golden language models against the values of the reference implementation.</summary>
public sealed class GoldenLanguageExplanationTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string> Causal() => ["gpt2-tied", "llama-gqa", "stories260K-hf"];

    private static Task<Explanation> ExplainAsync(ICausalLanguageModel model, ExplanationRequest request) =>
        Explainer.Default.ExplainAsync(model, request, cancellation: Cancellation);

    [Theory]
    [MemberData(nameof(Causal))]
    public async Task Values_and_gradients_times_embeddings_match(string name)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden);
        JsonElement gradient = golden.Expected.GetProperty("gradient");
        int target = gradient.GetProperty("target_id").GetInt32();
        JsonElement example = golden.Expected.GetProperty("examples")[0];
        string text = example.GetProperty("text").GetString()!;
        double[] logits = GoldenCheckpoint.Numbers(example.GetProperty("last_position_logits"));
        double[] expected = GoldenCheckpoint.Numbers(gradient.GetProperty("grad_dot_embedding_per_token"));
        double largest = GoldenCheckpoint.Flatten(gradient.GetProperty("gradient_f64")).Max(Math.Abs);

        Explanation explanation = await ExplainAsync(
            model,
            new()
            {
                Text = text,
                Method = "gradient-x-input",
                FeatureKind = FeatureKind.Token,
            }
        );

        Assert.Equal(target, explanation.TargetTokens![0].Id);
        Assert.Equal(logits[target], explanation.Value!.Value, 3e-4);
        double whole = Math.Log(logits.Sum(Math.Exp));
        Assert.Equal(logits[target] - whole, explanation.TargetTokens[0].LogProbability, 3e-4);
        Assert.Equal(Math.Exp(logits[target] - whole), explanation.Prediction.Confidence, 2e-5);
        // Special tokens belong to no feature: their share is the remainder.
        TokenizedText tokens = model.Tokenize(text);
        double[] scores = new double[expected.Length];
        int feature = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = tokens.Tokens[i].Special
                ? explanation.Remainder!.Value
                : explanation.Features[feature++].Score!.Value;
        }
        Assert.Equal(explanation.Features.Count, feature);
        GoldenCheckpoint.AssertClose(expected, scores, 1e-4 * Math.Max(1, largest) * 8);

        Explanation probability = await ExplainAsync(
            model,
            new()
            {
                Text = text,
                Method = "occlusion",
                ValueKind = ValueKind.Probability,
            }
        );
        Assert.Equal(Math.Exp(logits[target] - whole), probability.Value!.Value, 2e-5);
        Explanation odds = await ExplainAsync(
            model,
            new()
            {
                Text = text,
                Method = "occlusion",
                ValueKind = ValueKind.LogOdds,
            }
        );
        double p = Math.Exp(logits[target] - whole);
        Assert.Equal(Math.Log(p / (1 - p)), odds.Value!.Value, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Causal))]
    public async Task Integrated_gradients_match_by_rule_and_where_the_path_is_smooth_by_value(string name)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden);
        JsonElement integrated = golden.Expected.GetProperty("integrated_gradients");
        int target = integrated.GetProperty("target_id").GetInt32();
        string text = golden.Expected.GetProperty("examples")[0].GetProperty("text").GetString()!;
        TokenizedText prompt = model.Tokenize(text);
        double[] logits = (
            await model.EvaluateNextAsync(
                prompt,
                [
                    [.. prompt.Tokens.Select(_ => true)],
                ],
                null,
                Absence.AttentionMasked,
                cancellation: Cancellation
            )
        )[0];
        using TokenClassifier next = TokenClassifier.Next(model, prompt, logits, [target]);
        foreach (
            (string key, bool zero) in ((string, bool)[])[("baseline_zero", true), ("baseline_EOS_embedding", false)]
        )
        {
            JsonElement expected = integrated.GetProperty(key);
            double[] sums = GoldenCheckpoint.Numbers(expected.GetProperty("midpoint64_token_sums"));
            double tolerance = 1e-3 * Math.Max(1, sums.Max(Math.Abs));
            double[] actual = await next.Scheduler.RunAsync(
                WorkPriority.Batch,
                token =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    NetworkInput input = next.Prepare(prompt);
                    Tensor x = next.Network.Embed(input.Ids!);
                    Tensor b = zero
                        ? zeros_like(x)
                        : next.Network.Embed(full_like(input.Ids!, model.EndTokenId!.Value));
                    QuadratureRule rule = QuadratureRule.RiemannMiddle(64);
                    return PathIntegral.Fixed(
                        rule,
                        nodes =>
                            [
                                .. nodes
                                    .Chunk(EmbeddingPass.Block)
                                    .SelectMany(block =>
                                    {
                                        Tensor at = tensor(block, x.dtype).view(-1, 1, 1);
                                        return EmbeddingPass
                                            .Points(
                                                next.Network,
                                                input,
                                                b + at * (x - b),
                                                x - b,
                                                new TargetValue(ValueKind.Logit, 0, -1, 1),
                                                token
                                            )
                                            .Tokens;
                                    }),
                            ]
                    );
                },
                Cancellation
            );
            GoldenCheckpoint.AssertClose(sums, actual, tolerance);

            Explanation explanation = await ExplainAsync(
                model,
                new()
                {
                    Text = text,
                    Method = "integrated-gradients",
                    FeatureKind = FeatureKind.Token,
                    Baseline = zero ? null : BaselineKind.Eos,
                    Budget = 512,
                }
            );
            Assert.Equal(zero ? "zero" : "eos", explanation.Baseline);
            Assert.Equal(expected.GetProperty("f_input").GetDouble(), explanation.Value!.Value, 3e-4);
            Assert.Equal(expected.GetProperty("f_baseline").GetDouble(), explanation.BaseValue!.Value, 3e-4);
            double change = Math.Abs(explanation.Value.Value - explanation.BaseValue.Value);
            bool smooth =
                Math.Abs(expected.GetProperty("completeness_gap").GetProperty("midpoint64").GetDouble())
                < 1e-3 * Math.Max(1, change);
            Assert.Equal(!zero, smooth);
            if (smooth)
            {
                Assert.True(explanation.Converged);
                double[] words = [.. sums.Where((_, i) => !prompt.Tokens[i].Special)];
                GoldenCheckpoint.AssertClose(
                    words,
                    [.. explanation.Features.Select(f => f.Score!.Value)],
                    2 * tolerance
                );
            }
        }
    }

    [Theory]
    [MemberData(nameof(Causal))]
    public async Task A_completions_log_probabilities_and_the_greedy_continuation_match(string name)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden);
        foreach (JsonElement example in golden.Expected.GetProperty("examples").EnumerateArray())
        {
            string text = example.GetProperty("text").GetString()!;
            double[] scores = GoldenCheckpoint.Numbers(example.GetProperty("token_log_probs"));
            // The last token of the text as a place inside it.
            TokenizedText tokens = model.Tokenize(text);
            Explanation last = await ExplainAsync(
                model,
                new()
                {
                    Text = text,
                    Method = "gradient-x-input",
                    TokenIndex = tokens.Tokens.Count - 1,
                    ValueKind = ValueKind.SequenceLogProbability,
                }
            );
            Assert.Equal(scores[^1], last.Value!.Value, 3e-4);
            Assert.Equal("sequence_log_probability", last.ValueKind);
            int[] greedy = GoldenCheckpoint.Integers(example.GetProperty("greedy16"));
            // The reference does not stop where the model ends a text.
            int end = Array.IndexOf(greedy, model.EndTokenId!.Value);
            Explanation own = await ExplainAsync(
                model,
                new()
                {
                    Text = text,
                    Method = "gradient-x-input",
                    ValueKind = ValueKind.SequenceLogProbability,
                }
            );
            Assert.Equal(end < 0 ? greedy : greedy[..end], own.TargetTokens!.Select(t => t.Id));
            Assert.True(own.CompletionGenerated);
        }
    }

    [Fact]
    public async Task A_real_model_prefers_a_word_by_the_words_that_call_for_it()
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open("stories260K-hf");
        using CausalLanguageModel model = await LoadAsync(golden);
        const string Text = "Once upon a time, there was a little girl";
        Explanation named = await ExplainAsync(
            model,
            new()
            {
                Text = Text,
                Method = "shapley",
                Budget = 4096,
                TargetLabel = " named",
                ContrastLabel = " called",
                ValueKind = ValueKind.Contrast,
            }
        );
        Assert.Equal("enumeration", named.Estimator);
        Assert.Equal("girl", named.Features.MaxBy(f => f.Score)!.Text);
        Assert.Equal("contrast", named.ValueKind);
        Assert.True(named.Value > 3);
        Assert.Equal(0, named.CompletenessGap!.Value, 1e-9);
        // Label, target and exact piece name one token.
        foreach (string target in (string[])["named", " named", "▁named"])
        {
            Explanation same = await ExplainAsync(
                model,
                new()
                {
                    Text = Text,
                    Method = "attnlrp",
                    TargetLabel = target,
                }
            );
            Assert.Equal("named", same.Target);
        }
    }

    [Theory]
    [InlineData("gpt2-tied")]
    [InlineData("stories260K-hf")]
    public async Task Characters_of_several_tokens_are_never_cut(string name)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden);
        foreach (string text in (string[])["👍🏽", "a 👩‍👩‍👧 z", "x\u200b\u200by é́", "\ud800 lone", "好的"])
        {
            TokenizedText tokens = model.Tokenize(text);
            foreach (FeatureKind kind in (FeatureKind[])[FeatureKind.Word, FeatureKind.Token])
            {
                Explanation whole = await ExplainAsync(
                    model,
                    new()
                    {
                        Text = text,
                        Method = "gradient-x-input",
                        FeatureKind = kind,
                    }
                );
                Assert.All(whole.Features, f => Assert.False(Cuts(text, f.Start) || Cuts(text, f.End)));
            }
            // Every token but the first, also the middle bytes of one character.
            int first = tokens.Tokens.ToList().FindIndex(t => !t.Special);
            for (int i = first + 1; i < tokens.Tokens.Count; i++)
            {
                Explanation inside = await ExplainAsync(
                    model,
                    new()
                    {
                        Text = text,
                        Method = "gradient-x-input",
                        FeatureKind = FeatureKind.Token,
                        TokenIndex = i,
                    }
                );
                Assert.Equal(tokens.Tokens[i].Id, inside.TargetTokens![0].Id);
                Assert.Equal(text, inside.Text);
                Assert.All(inside.Features, f => Assert.False(Cuts(text, f.Start) || Cuts(text, f.End)));
            }
            TokenizedText end = model.TokenizeEnd(text, first + 2);
            Assert.False(Cuts(text, end.ReadFrom ?? 0));
        }
    }

    [Fact]
    public async Task A_mask_is_explained_over_the_vocabulary_and_is_always_present()
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open("bert-mlm");
        using TransformerClassifier model = (TransformerClassifier)
            await ModelLoader.LoadAsync(golden.Folder, cancellation: Cancellation);
        JsonElement example = golden.Expected.GetProperty("examples")[0];
        double[] logits = GoldenCheckpoint.Numbers(example.GetProperty("mask_logits_f64")[0]);
        int best = Array.IndexOf(logits, logits.Max());
        string text = example.GetProperty("text").GetString()!;
        ExplanationRequest request = new()
        {
            Text = text,
            Method = "shapley",
            Budget = 512,
        };
        Explanation logit = await Explainer.Default.ExplainAsync(model, request, cancellation: Cancellation);
        Assert.Equal(model.Info.Labels[best], logit.Target);
        Assert.Equal(logits[best], logit.Value!.Value, 5e-5);
        Assert.Equal(9 - 1, logit.Features.Count);
        Assert.DoesNotContain(logit.Features, f => f.Text.Contains("MASK", StringComparison.Ordinal));
        Assert.Equal("enumeration", logit.Estimator);
        Assert.Equal("the first mask token, which is always present", logit.ReadOut);
        double[] probabilities = Prediction.Softmax(logits);
        Explanation probability = await Explainer.Default.ExplainAsync(
            model,
            request with
            {
                ValueKind = ValueKind.Probability,
                TargetLabel = "great",
            },
            cancellation: Cancellation
        );
        int great = model.Tokenizer.IdOf("great")!.Value;
        Assert.Equal(probabilities[great], probability.Value!.Value, 2e-5);
        Assert.InRange(probability.Prediction.Labels.Count, 5, 6);
        foreach (string method in Explainer.Default.Methods)
        {
            Explanation any = await Explainer.Default.ExplainAsync(
                model,
                request with
                {
                    Method = method,
                },
                cancellation: Cancellation
            );
            Assert.Equal(model.Info.Labels[best], any.Target);
        }
        ModelException unmasked = await Assert.ThrowsAsync<ModelException>(() =>
            Explainer.Default.ExplainAsync(model, request with { Text = "no mask here" }, cancellation: Cancellation)
        );
        Assert.Contains("[MASK]", unmasked.Message, StringComparison.Ordinal);
    }

    private static async Task<CausalLanguageModel> LoadAsync(GoldenCheckpoint golden) =>
        (CausalLanguageModel)await ModelLoader.LoadAnyAsync(golden.Folder, cancellation: Cancellation);

    private static bool Cuts(string text, int at) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]);
}
