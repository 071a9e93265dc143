using TorchSharp;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>Relevance of each token after a layer.</summary>
/// <param name="Name">Name of the activation as the network gives it, such as <c>layer.0</c>.</param>
/// <param name="Tokens">One relevance a token.</param>
public sealed record LayerRelevance(string Name, IReadOnlyList<double> Tokens);

/// <summary>What one forward and one backward pass of one text gave.</summary>
/// <param name="Logits">The outputs.</param>
/// <param name="Target">The number explained.</param>
/// <param name="Tokens">One score a token: the sum over the embedding of value x gradient, or of relevance.</param>
/// <param name="BiasShare">Share of the biases, where the rules track it.</param>
/// <param name="Layers">Relevance after each named layer, where asked for.</param>
internal sealed record PassResult(
    double[] Logits,
    TargetValue Target,
    double[] Tokens,
    double BiasShare,
    IReadOnlyList<LayerRelevance> Layers
);

/// <summary>
/// Passes through a graph from word embeddings to a value and back. Runs on the inference scheduler's thread.
/// </summary>
internal static class EmbeddingPass
{
    /// <summary>Rows of a batch that run together: a fixed block, so that shapes follow from the call alone.</summary>
    public const int Block = 16;

    /// <summary>One forward and one backward pass on the text itself: its logits and its tokens' scores.</summary>
    /// <param name="network">The graph.</param>
    /// <param name="input">Ids of one text.</param>
    /// <param name="rules">Plain rules for gradient x input, relevance rules for relevance.</param>
    /// <param name="target">Settles the number explained once the logits are known.</param>
    /// <param name="layers">Whether to read the relevance of each layer too.</param>
    /// <param name="cancellation">Checked between layers.</param>
    public static PassResult Run(
        Network network,
        NetworkInput input,
        PropagationRules rules,
        Func<double[], TargetValue> target,
        bool layers,
        CancellationToken cancellation
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable grad = enable_grad();
        RelevanceRules? relevance = rules as RelevanceRules;
        List<(string Name, Tensor State)> seen = [];
        try
        {
            Tensor embeddings = network.Embed(input.Ids!).detach().requires_grad_(true);
            relevance?.TrackBiases(embeddings.dtype, scope);
            NetworkInput embedded = input with { Ids = null, Embeddings = embeddings };
            if (layers)
            {
                embedded = embedded with { Observe = (name, state) => Keep(seen, name, state, embeddings) };
            }
            Tensor logits = network.Forward(embedded, rules, cancellation);
            double[] row = Doubles(logits);
            TargetValue settled = target(row);
            bool direct = relevance is { GradientIsRelevance: true };
            if (direct)
            {
                StartAt(logits, settled).backward();
            }
            else
            {
                settled.OfGraph(logits).sum().backward();
            }
            return new PassResult(
                row,
                settled,
                Read(embeddings, direct),
                relevance?.BiasShare() ?? 0,
                [.. seen.Select(s => new LayerRelevance(s.Name, Read(s.State, direct)))]
            );
        }
        finally
        {
            foreach ((_, Tensor state) in seen)
            {
                state.Dispose();
            }
        }
    }

    /// <summary>
    /// For each point of a block of embeddings, the value there and the sum over each token's embedding of weight x
    /// gradient.
    /// </summary>
    /// <param name="network">The graph.</param>
    /// <param name="input">Ids of one text; its positions hold for every point.</param>
    /// <param name="points">[n, length, width], without a gradient; n at most <see cref="Block"/>.</param>
    /// <param name="weight">What the gradients are multiplied with: broadcasts to [n, length, width].</param>
    /// <param name="target">The number explained.</param>
    /// <param name="cancellation">Checked between layers.</param>
    public static (double[] Values, double[][] Tokens) Points(
        Network network,
        NetworkInput input,
        Tensor points,
        Tensor weight,
        TargetValue target,
        CancellationToken cancellation
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable grad = enable_grad();
        Tensor embeddings = points.detach().requires_grad_(true);
        Tensor value = target.OfGraph(
            network.Forward(Repeated(input, embeddings), PropagationRules.Plain, cancellation)
        );
        value.sum().backward();
        double[] scores = Doubles((weight * embeddings.grad!).sum(-1));
        int rows = (int)points.shape[0];
        int length = scores.Length / rows;
        return (Doubles(value), [.. Enumerable.Range(0, rows).Select(r => scores[(r * length)..((r + 1) * length)])]);
    }

    /// <summary>Logits of embeddings [n, length, width] without a gradient, one row a point.</summary>
    public static double[][] Logits(
        Network network,
        NetworkInput input,
        Tensor embeddings,
        CancellationToken cancellation
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable grad = no_grad();
        Tensor logits = network.Forward(Repeated(input, embeddings), PropagationRules.Plain, cancellation);
        double[] flat = Doubles(logits);
        int rows = (int)embeddings.shape[0];
        int width = flat.Length / rows;
        return [.. Enumerable.Range(0, rows).Select(r => flat[(r * width)..((r + 1) * width)])];
    }

    /// <summary>One text's positions, mask, types and read-out for every row of a batch of embeddings.</summary>
    public static NetworkInput Repeated(NetworkInput input, Tensor embeddings)
    {
        long rows = embeddings.shape[0];
        Tensor? Expand(Tensor? tensor) => tensor?.expand([rows, .. tensor.shape.Skip(1)]).contiguous();
        return input with
        {
            Ids = null,
            Embeddings = embeddings,
            Positions = Expand(input.Positions)!,
            Mask = Expand(input.Mask),
            TypeIds = Expand(input.TypeIds),
            ReadOut = Expand(input.ReadOut),
        };
    }

    /// <summary>All elements in row-major order, checked to be finite.</summary>
    /// <exception cref="ModelException">One is not.</exception>
    public static double[] Doubles(Tensor tensor)
    {
        using Tensor wide = tensor.detach().to(ScalarType.Float64).contiguous();
        double[] values = wide.data<double>().ToArray();
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
            {
                throw new ModelException(
                    "the model's output or its gradient is not a finite number; its weights may be damaged"
                );
            }
        }
        return values;
    }

    /// <summary>
    /// Where gradients are relevance, the pass starts from the relevance of the logits, logit x d value/d logit: a scalar
    /// whose gradient at the logits is that.
    /// </summary>
    private static Tensor StartAt(Tensor logits, TargetValue target)
    {
        Tensor leaf = logits.detach().requires_grad_(true);
        target.OfGraph(leaf).sum().backward();
        return (logits * (leaf.detach() * leaf.grad!)).sum();
    }

    private static void Keep(List<(string, Tensor)> seen, string name, Tensor state, Tensor embeddings)
    {
        // Hidden states only: [batch, length, width]. The network's own scope must not free what is read after it.
        if (state.dim() == 3 && state.shape[1] == embeddings.shape[1] && state.requires_grad)
        {
            state.retain_grad();
            seen.Add((name, state.DetachFromDisposeScope()));
        }
    }

    private static double[] Read(Tensor state, bool direct)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? gradient = state.grad;
        if (gradient is null)
        {
            // No path leads from here to the value.
            return new double[state.shape[1]];
        }
        return Doubles((direct ? gradient : state.detach() * gradient).sum(-1));
    }
}
