using TorchSharp;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Rendering;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Tests.Models;
using static TorchSharp.torch;
using static Whylight.Tests.Explanations.Attribution.FunctionNetwork;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>The methods on whole tiny classifiers: identities, refusals, the same bytes twice, no memory left behind.</summary>
public sealed class TransformerAttributionTests
{
    private const string Text = "the movie was not good, i loved the acting!";

    private static readonly string[] s_methods =
    [
        "gradient-x-input",
        "integrated-gradients",
        "deeplift",
        "smoothgrad",
        "expected-gradients",
        "lrp",
        "attnlrp",
        "cp-lrp",
        "occlusion",
        "rollout",
        "auto",
    ];

    public static TheoryData<string> Methods() => [.. s_methods];

    private static Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress = null
    ) => Explainer.Default.ExplainAsync(model, request, progress, cancellation: TestContext.Current.CancellationToken);

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task AddsUpAndRepeatsToTheByte(string method)
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        ExplanationRequest request = new() { Text = Text, Method = method };
        Explanation one = await ExplainAsync(model, request);
        Explanation two = await ExplainAsync(model, request);
        Assert.Equal(ExplanationJson.Write(one, timing: false), ExplanationJson.Write(two, timing: false));
        Assert.Equal(method, one.Method);
        Assert.Equal(11, one.Features.Count);
        Assert.All(one.Features, f => Assert.Equal(Text[f.Start..f.End], f.Text));
        Assert.True(one.ModelCalls > 0);
        Assert.Contains(one.Features, f => f.Score is not (null or 0));
        if (one.BaseValue is { } b)
        {
            double sum = b + one.Features.Sum(f => f.Score!.Value) + one.Remainder!.Value + one.CompletenessGap!.Value;
            Assert.Equal(one.Value!.Value, sum, 1e-9);
        }
        Prediction prediction = (await model.PredictAsync([Text], cancellation: TestContext.Current.CancellationToken))[
            0
        ];
        Assert.Equal(prediction.Label, one.Prediction.Label);
        for (int i = 0; i < prediction.Logits.Count; i++)
        {
            Assert.Equal(prediction.Logits[i], one.Prediction.Logits[i], 1e-4);
        }
    }

    [Theory]
    [InlineData(ValueKind.Logit)]
    [InlineData(ValueKind.Probability)]
    [InlineData(ValueKind.LogOdds)]
    [InlineData(ValueKind.Contrast)]
    public async Task PathMethodsAreCompleteForEveryValue(ValueKind kind)
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Roberta, seed: 3);
        foreach (BaselineKind baseline in Enum.GetValues<BaselineKind>().Except([BaselineKind.Mask, BaselineKind.Eos]))
        {
            ExplanationRequest request = new()
            {
                Text = Text,
                ValueKind = kind,
                Baseline = baseline,
                TargetLabel = "L1",
            };
            Explanation path = await ExplainAsync(model, request with { Method = "integrated-gradients" });
            double change = Math.Abs(path.Value!.Value - path.BaseValue!.Value);
            Assert.True(
                path.Converged == false || Math.Abs(path.CompletenessGap!.Value) <= 1e-3 * change + 1e-6,
                $"{baseline}: gap {path.CompletenessGap} of {change}"
            );
            Explanation lift = await ExplainAsync(model, request with { Method = "deeplift" });
            Assert.Equal(0, lift.CompletenessGap!.Value, 1e-3 * Math.Max(1, change));
            Assert.Equal("L1", lift.Target);
        }
    }

    [Fact]
    public async Task CpLrpConservesWithBiasesAndPositionsCounted()
    {
        // Attention probabilities and deviations count as constants, so nothing is lost: a check on every share.
        foreach (EncoderFamily family in Enum.GetValues<EncoderFamily>())
        {
            await RunAsync(() =>
            {
                using EncoderNetwork network = Double(TinyModels.Config(family));
                PassResult pass = EmbeddingPass.Run(
                    network,
                    Input(7, tensor([2L, 5, 7, 9, 15, 12, 3]).view(1, -1)),
                    new CpLrpRules(),
                    _ => new TargetValue(ValueKind.Logit, 1, -1, 1),
                    false,
                    default
                );
                Assert.Equal(pass.Logits[1], pass.Tokens.Sum() + pass.BiasShare, 1e-6);
                Assert.NotEqual(0, pass.BiasShare);
                return true;
            });
        }
    }

    [Fact]
    public async Task RelevanceRulesKeepTheForwardValue()
    {
        await RunAsync(() =>
        {
            using EncoderNetwork network = Double(TinyModels.Config(EncoderFamily.Bert));
            NetworkInput input = Input(5, tensor([2L, 7, 15, 12, 3]).view(1, -1));
            double[] plain = EmbeddingPass.Doubles(network.Forward(input, PropagationRules.Plain, default));
            foreach (
                PropagationRules rules in new PropagationRules[]
                {
                    new AttnLrpRules(),
                    new CpLrpRules(),
                    new GatingRules(),
                }
            )
            {
                double[] shaped = EmbeddingPass.Doubles(network.Forward(input, rules, default));
                Assert.All(plain.Zip(shaped), p => Assert.Equal(p.First, p.Second, 1e-8));
            }
            return true;
        });
    }

    [Fact]
    public async Task AttnLrpEqualsItsSlowTwin()
    {
        await RunAsync(() =>
        {
            EncoderConfig config = TinyModels.Config(EncoderFamily.Bert);
            using EncoderNetwork network = Double(config);
            long[] ids = [2, 7, 9, 15, 12, 3];
            PassResult pass = EmbeddingPass.Run(
                network,
                Input(ids.Length, tensor(ids).view(1, -1)),
                new AttnLrpRules(),
                _ => new TargetValue(ValueKind.Logit, 2, -1, 1),
                true,
                default
            );
            SlowAttnLrp twin = new(config, network, ids);
            Assert.Equal(twin.Logits.Length, pass.Logits.Length);
            Assert.All(twin.Logits.Zip(pass.Logits), p => Assert.Equal(p.First, p.Second, 1e-9));
            double[] relevance = twin.Relevance(2);
            Assert.All(relevance.Zip(pass.Tokens), p => Assert.Equal(p.First, p.Second, 1e-7));
            return true;
        });
    }

    [Fact]
    public async Task LayersAreGivenOnRequest()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        Explanation e = await ExplainAsync(
            model,
            new()
            {
                Text = Text,
                Method = "attnlrp",
                Layers = true,
            }
        );
        Assert.Equal(["embeddings", "layer.0", "layer.1"], e.Layers!.Select(l => l.Name));
        Assert.All(e.Layers!, l => Assert.Equal(model.Tokenize(Text).Tokens.Count, l.Tokens.Count));
        // After the last layer only [CLS] counts.
        Assert.NotEqual(0, e.Layers![^1].Tokens[0]);
        Assert.All(e.Layers![^1].Tokens.Skip(1), r => Assert.Equal(0, r));
    }

    [Fact]
    public async Task AutoAnswersAtOnceThenRefinesAndComparesTheTwo()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.DistilBert);
        List<Explanation> seen = [];
        Explanation final = await ExplainAsync(model, new() { Text = "the movie was not good" }, new Collector(seen));
        Assert.Equal("attnlrp/attnlrp", seen[0].Estimator);
        Assert.Equal("shapley/enumeration", final.Estimator);
        Assert.Equal("attnlrp", final.Agreement!.With);
        Assert.InRange(final.Agreement.Spearman!.Value, -1, 1);
        Assert.Equal(0, final.CompletenessGap!.Value, 1e-6);
        Explanation quick = await ExplainAsync(model, new() { Text = "the movie was not good", Budget = 3 });
        Assert.Equal("attnlrp/attnlrp", quick.Estimator);
    }

    [Fact]
    public async Task TheBudgetIsKept()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        foreach (string method in s_methods.Except(["occlusion"]))
        {
            foreach (int budget in new[] { 24, 100 })
            {
                Explanation e = await ExplainAsync(
                    model,
                    new()
                    {
                        Text = Text,
                        Method = method,
                        Budget = budget,
                    }
                );
                Assert.True(e.ModelCalls <= budget, $"{method}: {e.ModelCalls} of {budget}");
            }
        }
    }

    [Theory]
    [InlineData("", "attnlrp", null, "empty")]
    [InlineData(" \n", "attnlrp", null, "empty")]
    [InlineData("good", "atnlrp", null, "did you mean 'attnlrp'")]
    [InlineData("good", "attnlrp", "L9", "L0, L1, L2")]
    public async Task RefusesWhatMakesNoSense(string text, string method, string? label, string says)
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        ExplanationException refusal = await Assert.ThrowsAsync<ExplanationException>(() =>
            ExplainAsync(
                model,
                new()
                {
                    Text = text,
                    Method = method,
                    TargetLabel = label,
                }
            )
        );
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OcclusionOverItsBudgetNamesTheBudgetThatWouldDo()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        ExplanationException refusal = await Assert.ThrowsAsync<ExplanationException>(() =>
            ExplainAsync(
                model,
                new()
                {
                    Text = Text,
                    Method = "occlusion",
                    Budget = 5,
                }
            )
        );
        Assert.Contains("--budget 12", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoTensorIsLeftBehind()
    {
        // A thread of its own: tensors are counted a thread, and other tests make theirs on the shared one.
        using InferenceScheduler scheduler = new();
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, scheduler: scheduler);
        async Task<long> LiveAsync()
        {
            foreach (string method in s_methods)
            {
                await ExplainAsync(
                    model,
                    new()
                    {
                        Text = Text,
                        Method = method,
                        Layers = true,
                        Budget = 64,
                    }
                );
            }
            return await model.Scheduler.RunAsync(
                WorkPriority.Batch,
                _ => DisposeScopeManager.Statistics.ThreadTotalLiveCount,
                TestContext.Current.CancellationToken
            );
        }
        await LiveAsync();
        long before = await LiveAsync();
        Assert.Equal(before, await LiveAsync());
    }

    private static EncoderNetwork Double(EncoderConfig config)
    {
        WeightSet weights = WeightSet.Random(EncoderNetwork.Specs(config), 0.4, 7);
        foreach ((string name, Tensor tensor) in weights.All)
        {
            // Biases begin at zero; here they must count.
            if (name.EndsWith(".bias", StringComparison.Ordinal))
            {
                tensor.normal_(0, 0.3);
            }
        }
        weights.To(ScalarType.Float64, CPU);
        return GoldenTransformers.Make<EncoderNetwork>(config, weights);
    }

    private sealed class Collector(List<Explanation> seen) : IProgress<Explanation>
    {
        public void Report(Explanation value) => seen.Add(value);
    }
}
