using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Attention rollout: how attention mixes positions on the way to the read-out. Shares, not contributions: they have no
/// sign, know no target and add up to 1 over all tokens.
/// </summary>
internal sealed class AttentionRollout : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "rollout";

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
        if (!RelevanceMethod.IsTransformer(model.Info.Family))
        {
            throw new ExplanationException(
                $"'{Name}' reads attention and {model.Info.Name} ({model.Info.Family}) has none: use lrp or shapley"
            );
        }
        (double[] logits, double[] shares) = await subject.RunAsync(
            (input, token) =>
            {
                using IDisposable grad = no_grad();
                RolloutRules rules = new();
                // Choices of several tokens run several texts; attention is that of the prompt, whatever follows it.
                double[] row = EmbeddingPass.Doubles(
                    subject.Model.Network.Forward(
                        input,
                        input.Continuations is null ? rules : PropagationRules.Plain,
                        token
                    )
                );
                if (input.Continuations is not null)
                {
                    subject.Model.Network.Forward(
                        input with
                        {
                            Continuations =
                            [
                                [0],
                            ],
                        },
                        rules,
                        token
                    );
                }
                bool causal = model.Info.Family is "gpt2" or "llama";
                int readOut =
                    input.ReadOut is { } position ? (int)position.to(ScalarType.Int64).item<long>()
                    : causal ? subject.Text.Tokens.Count - 1
                    : 0;
                return (row, RolloutRules.Roll(rules.Layers, readOut));
            }
        );
        return subject.Explain(
            Name,
            "rollout",
            logits,
            subject.Target(logits),
            shares,
            baseValue: null,
            biasShare: 0,
            calls: 1
        ) with
        {
            SinkShare = subject.SinkShare(shares),
        };
    }
}
