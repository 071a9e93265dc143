using TorchSharp;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Benchmarks;

/// <summary>
/// Integrated gradients over 50 fixed midpoints, on the shipped model and real sentences: the first refined answer (11
/// nodes), and the one that is known to be converged. The errors are against 400 Gauss-Legendre nodes.
/// </summary>
internal static class IntegratedGradientsBenchmark
{
    private static readonly string[] s_sentences =
    [
        "it never quite works but the two leads are a joy to watch",
        "a dull and lifeless film that wastes a good cast",
        "not bad at all",
        "one of the funniest and most moving films of the year",
        "the plot is thin , the acting is worse , and the ending is an insult",
        "i did not expect to like it , and i am still not sure that i did",
        "beautifully shot and completely empty",
        "a warm , wise and gently funny story about growing old",
        "there is nothing here that you have not seen done better elsewhere",
        "smart , tense and superbly acted from the first scene to the last",
    ];

    public static async Task RunAsync(Report report)
    {
        using INetworkClassifier model = (INetworkClassifier)await ModelLoader.LoadAsync("builtin:sentiment");
        List<double> firstRatios = [];
        List<double> ratios = [];
        List<double> firstErrors = [];
        List<double> errors = [];
        List<double> fixedErrors = [];
        List<int> nodes = [];
        int converged = 0;
        foreach (string sentence in s_sentences)
        {
            ExplanationRequest request = new()
            {
                Text = sentence,
                Method = "integrated-gradients",
                FeatureKind = FeatureKind.Token,
            };
            Explanation ours = await Explainer.Default.ExplainAsync(model, request);
            converged += ours.Converged == true ? 1 : 0;
            nodes.Add((ours.ModelCalls - 2) / 2);
            // 2 calls for the ends, 2 for each of 11 nodes.
            ExplanationRequest brief = request with
            {
                Budget = 24,
            };
            Explanation first = await Explainer.Default.ExplainAsync(model, brief);
            double[] exact = await FixedAsync(model, sentence, QuadratureRule.GaussLegendre(400));
            firstErrors.Add(PathIntegral.Move([.. first.Features.Select(f => f.Score!.Value)], exact[1..^1]));
            errors.Add(PathIntegral.Move([.. ours.Features.Select(f => f.Score!.Value)], exact[1..^1]));
            fixedErrors.Add(
                PathIntegral.Move(await FixedAsync(model, sentence, QuadratureRule.RiemannMiddle(50)), exact)
            );
            double[][] times = await Timing.InTurnsAsync(
                9,
                () => Explainer.Default.ExplainAsync(model, request),
                () => Explainer.Default.ExplainAsync(model, brief),
                () => FixedAsync(model, sentence, QuadratureRule.RiemannMiddle(50))
            );
            ratios.Add(times[2].Min() / times[0].Min());
            firstRatios.Add(times[2].Min() / times[1].Min());
        }
        report.Row(
            "integrated gradients to 1e-3, 50 fixed steps / our first refined answer, `sentiment`, 10 sentences",
            ">= 4x",
            $"{Timing.Median(firstRatios):0.0}x",
            $"11 nodes, {firstErrors.Count(e => e <= 1e-3)} of {s_sentences.Length} within 1e-3, largest error {firstErrors.Max():0.0e0}; 50 midpoints {fixedErrors.Max():0.0e0}"
        );
        report.Row(
            "the same until both conditions of convergence hold",
            "-",
            $"{Timing.Median(ratios):0.0}x",
            $"{converged} of {s_sentences.Length} converged, {Timing.Median(nodes.Select(n => (double)n)):0} nodes, largest error {errors.Max():0.0e0}"
        );
    }

    private static Task<double[]> FixedAsync(INetworkClassifier model, string text, QuadratureRule rule) =>
        model.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using DisposeScope scope = NewDisposeScope();
                TokenizedText tokens = model.Tokenize(text);
                NetworkInput input = model.Prepare(tokens);
                Tensor x = model.Network.Embed(input.Ids!);
                Tensor b = model.Network.Embed(model.BaselineIds(tokens, true)!);
                double[][] ends = EmbeddingPass.Logits(model.Network, input, cat([x, b], 0), default);
                int label = ends[0][1] > ends[0][0] ? 1 : 0;
                return PathIntegral.Fixed(
                    rule,
                    all =>
                        [
                            .. all.Chunk(EmbeddingPass.Block)
                                .SelectMany(block =>
                                    EmbeddingPass
                                        .Points(
                                            model.Network,
                                            input,
                                            b + tensor(block, x.dtype).view(-1, 1, 1) * (x - b),
                                            x - b,
                                            new TargetValue(ValueKind.Logit, label, -1, 1),
                                            default
                                        )
                                        .Tokens
                                ),
                        ]
                );
            }
        );
}
