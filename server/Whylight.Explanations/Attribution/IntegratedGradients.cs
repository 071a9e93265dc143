using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Integrated gradients over word embeddings, refined by nested rules until the completeness gap and the last move are both
/// at most 1e-3 of the output change and of the largest score, or the budget ends.
/// </summary>
internal sealed class IntegratedGradients : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "integrated-gradients";

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        Subject subject = Subject.Of(model, request, Name, priority, cancellation);
        request.Afford(2 + 2 * NestedQuadrature.Levels[0].Nodes.Count);
        double[][] ends = await subject.RunAsync(
            (input, token) =>
            {
                Tensor x = subject.Model.Network.Embed(input.Ids!);
                Tensor b = subject.BaselineEmbeddings(input.Ids!, x);
                return EmbeddingPass.Logits(subject.Model.Network, input, cat([x, b], 0), token);
            }
        );
        TargetValue target = subject.Target(ends[0]);
        double baseValue = target.Of(ends[1]);
        // Two forwards are spent; a node costs a forward and a backward.
        int maxNodes = (request.Budget - 2) / 2;
        PathScores path = await PathIntegral.AdaptiveAsync(
            target.Of(ends[0]) - baseValue,
            maxNodes,
            nodes => GradientsAsync(subject, nodes, target, cancellation),
            subject.Features.Sum,
            refined => progress?.Report(Explained(refined))
        );
        return Explained(path);

        Explanation Explained(PathScores scores) =>
            subject.Explain(
                Name,
                scores.Rule,
                ends[0],
                target,
                scores.Scores,
                baseValue,
                biasShare: 0,
                calls: 2 + 2 * scores.Nodes
            ) with
            {
                Converged = scores.Converged,
                Baseline = Names.Of(subject.Baseline),
            };
    }

    /// <summary>For each node, (x - b) x gradient summed over each token's embedding.</summary>
    private static async Task<double[][]> GradientsAsync(
        Subject subject,
        IReadOnlyList<double> nodes,
        TargetValue target,
        CancellationToken cancellation
    )
    {
        List<double[]> rows = [];
        for (int from = 0; from < nodes.Count; from += EmbeddingPass.Block)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] block = [.. nodes.Skip(from).Take(EmbeddingPass.Block)];
            rows.AddRange(
                await subject.RunAsync(
                    (input, token) =>
                    {
                        Tensor x = subject.Model.Network.Embed(input.Ids!);
                        Tensor b = subject.BaselineEmbeddings(input.Ids!, x);
                        Tensor path = x - b;
                        Tensor at = tensor(block, x.dtype).view(-1, 1, 1);
                        return EmbeddingPass
                            .Points(subject.Model.Network, input, b.Plus(at * path), path, target, token)
                            .Tokens;
                    }
                )
            );
        }
        return [.. rows];
    }
}
