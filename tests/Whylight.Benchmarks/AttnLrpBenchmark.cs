using TorchSharp;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;

namespace Whylight.Benchmarks;

/// <summary>
/// Prediction and AttnLRP attribution from one pass, over the plain forward and backward of the same graph (gradient x
/// input, explicit attention), on the same thread.
/// </summary>
internal static class AttnLrpBenchmark
{
    public static async Task RunAsync(Report report)
    {
        foreach ((int layers, int hidden) in ((int, int)[])[(2, 128), (4, 256), (6, 768)])
        {
            using TransformerClassifier model = await SizedModels.BertAsync(layers, hidden);
            foreach (int tokens in (int[])[32, 128])
            {
                TokenizedText text = model.Tokenize(SizedModels.Text(tokens - 2));
                int rounds =
                    hidden > 500 ? 15
                    : hidden > 200 ? 40
                    : 150;
                double[][] times = await model.Scheduler.RunAsync(
                    WorkPriority.Batch,
                    _ =>
                    {
                        using DisposeScope scope = torch.NewDisposeScope();
                        NetworkInput input = model.Prepare(text);
                        void Pass(PropagationRules rules) =>
                            EmbeddingPass.Run(
                                model.Network,
                                input,
                                rules,
                                _ => new TargetValue(ValueKind.Logit, 1, -1, 1),
                                false,
                                default
                            );
                        return Timing.InTurns(
                            rounds,
                            () => Pass(new AttnLrpRules()),
                            () => Pass(PropagationRules.Plain)
                        );
                    }
                );
                double ratio = Timing.Median(times[0].Zip(times[1], (a, b) => a / b));
                report.Row(
                    $"AttnLRP with prediction / plain forward + backward, {layers}L/{hidden}, {tokens} tokens",
                    "<= 1.2x",
                    $"{ratio:0.00}x",
                    $"fastest {times[0].Min():0.00} / {times[1].Min():0.00} ms = {times[0].Min() / times[1].Min():0.00}x"
                );
            }
        }
    }
}
