using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>DeepLIFT (rescale) over word embeddings: one forward of input and baseline together, one backward.</summary>
internal sealed class DeepLift : IExplanationMethod
{
    /// <summary>Completeness gap over the size of the values beyond which the contributions are rounding errors.</summary>
    private const double LargestGap = 0.05;

    /// <inheritdoc/>
    public string Name => "deeplift";

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        if (request.Baseline is null && model is INetworkClassifier { Info.Family: "llama", EndTokenId: not null })
        {
            // At the zero vector an RMS norm divides by the square root of its epsilon alone, and the multipliers explode.
            request = request with
            {
                Baseline = BaselineKind.Eos,
            };
        }
        Subject subject = Subject.Of(model, request, Name, priority, cancellation);
        request.Afford(3);
        (double[][] logits, double[] tokens, TargetValue target) = await subject.RunAsync(
            (input, token) =>
            {
                Tensor x = subject.Model.Network.Embed(input.Ids!);
                Tensor b = subject.BaselineEmbeddings(input.Ids!, x);
                return Contributions(subject.Model.Network, input, x, b, subject.Target, token);
            }
        );
        Explanation explanation = subject.Explain(
            Name,
            "rescale",
            logits[0],
            target,
            tokens,
            target.Of(logits[1]),
            biasShare: 0,
            calls: 3
        ) with
        {
            Baseline = Names.Of(subject.Baseline),
        };
        double size = Math.Max(1, Math.Abs(explanation.Value!.Value) + Math.Abs(explanation.BaseValue!.Value));
        if (Math.Abs(explanation.CompletenessGap!.Value) > LargestGap * size)
        {
            // A norm that divides by almost nothing at the baseline, layer after layer: the sum drowns in rounding.
            throw new ExplanationException(
                $"'{Name}' cannot compare this text with the baseline {explanation.Baseline}, where the multipliers of {model.Info.Name} grow beyond what its arithmetic can add up: choose another baseline ({(model.Info.Family is "gpt2" or "llama" ? "eos" : "pad")}), or integrated-gradients"
            );
        }
        return explanation;
    }

    /// <summary>Logits at input and baseline, and each token's contribution to the change of the value.</summary>
    internal static (double[][] Logits, double[] Tokens, TargetValue Target) Contributions(
        Network network,
        NetworkInput input,
        Tensor x,
        Tensor baseline,
        Func<double[], TargetValue> settle,
        CancellationToken cancellation
    )
    {
        using IDisposable grad = enable_grad();
        DeepLiftRules rules = new();
        Tensor embeddings = x.detach().requires_grad_(true);
        NetworkInput pair = EmbeddingPass.Repeated(input, cat([embeddings, baseline.detach()], 0));
        Tensor logits = network.Forward(pair, rules, cancellation);
        double[] flat = EmbeddingPass.Doubles(logits);
        double[][] rows = [flat[..(flat.Length / 2)], flat[(flat.Length / 2)..]];
        TargetValue target = settle(rows[0]);
        ValueOf(target, logits, rules).narrow(0, 0, 1).sum().backward();
        double[] tokens = EmbeddingPass.Doubles(((x - baseline).detach() * embeddings.grad!).sum(-1));
        return (rows, tokens, target);
    }

    /// <summary>The value under DeepLIFT's rules, so that contributions sum through softmax and logarithm too.</summary>
    private static Tensor ValueOf(TargetValue target, Tensor logits, DeepLiftRules rules)
    {
        switch (target.Kind)
        {
            case ValueKind.Probability:
                return rules.Softmax(logits.Over(target.Temperature)).select(1, target.Target);
            case ValueKind.LogOdds:
                Tensor scaled = logits.Over(target.Temperature);
                long[] others = [.. Enumerable.Range(0, (int)logits.shape[1]).Select(i => (long)i)];
                Tensor rest = scaled.index_select(1, tensor(others.Where(i => i != target.Target).ToArray()));
                double shift = rest.detach().max().to(ScalarType.Float64).item<double>();
                Tensor sum = rules.Activation(rest.Plus(-shift), z => z.exp()).sum(-1, true);
                return scaled.select(1, target.Target) - rules.Activation(sum, z => z.log()).select(1, 0).Plus(shift);
            default:
                return target.OfGraph(logits);
        }
    }
}
