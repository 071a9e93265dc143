using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>A causal language model's graph: every token sees itself and those before it.</summary>
/// <remarks>
/// <see cref="Network.Forward"/> gives the logits at the read-out [batch, vocabulary]; without an observer its last layer
/// runs the read-out's query only, which is exact. Observed activations: "embeddings", "layer.I.attention", "layer.I",
/// and "norm" for the states after the final normalisation.
/// </remarks>
public abstract class DecoderNetwork : Network
{
    /// <summary>Width of the layers.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>Width of the feed-forward layers' inner activations.</summary>
    public abstract int InnerSize { get; }

    /// <summary>Rows of the position table, or the length the positions were trained for.</summary>
    public abstract int MaxPositions { get; }

    /// <summary>Whether positions beyond <see cref="MaxPositions"/> can be computed.</summary>
    public abstract bool Extrapolates { get; }

    /// <summary>Number of layers.</summary>
    protected abstract int LayerCount { get; }

    /// <summary>The states a token enters the first layer with [batch, length, hidden].</summary>
    protected abstract Tensor Enter(Tensor words, NetworkInput input, PropagationRules rules);

    /// <summary>What the layers need of positions, made once a call.</summary>
    protected abstract (Tensor Cosine, Tensor Sine)? Rotation(NetworkInput input, ScalarType type);

    /// <summary>One layer.</summary>
    /// <param name="index">Which.</param>
    /// <param name="hidden">States of all tokens.</param>
    /// <param name="pass">Masks, rotation and read-out.</param>
    /// <param name="rules">How operations are carried out.</param>
    /// <returns>States of all tokens, or of the read-out only [batch, 1, hidden].</returns>
    private protected abstract Tensor Layer(int index, Tensor hidden, LayerPass pass, PropagationRules rules);

    /// <summary>The normalisation after the last layer.</summary>
    protected abstract Tensor FinalNorm(Tensor hidden, PropagationRules rules);

    /// <summary>
    /// Vocabulary logits of states [..., hidden] that <see cref="HiddenStates"/> returned; a sequence classifier's label logits.
    /// </summary>
    public abstract Tensor Logits(Tensor hidden, PropagationRules rules);

    /// <summary>States of every token after the final normalisation [batch, length, hidden].</summary>
    /// <inheritdoc cref="Network.Forward"/>
    public Tensor HiddenStates(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope? scope = input.Observe is null ? NewDisposeScope() : null;
        Tensor hidden = FinalNorm(RunLayers(input, false, rules, cancellation), rules);
        input.Observe?.Invoke("norm", hidden);
        return scope is null ? hidden : hidden.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope? scope = input.Observe is null ? NewDisposeScope() : null;
        Tensor hidden;
        if (input.Observe is null && LayerCount > 0)
        {
            hidden = FinalNorm(RunLayers(input, true, rules, cancellation), rules);
        }
        else
        {
            Tensor all = HiddenStates(input, rules, cancellation);
            hidden = AtIndex(all, ReadOut(input, all.shape[0], all.shape[1]));
        }
        Tensor logits = Logits(hidden.squeeze(1), rules);
        return scope is null ? logits : logits.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Logits [batch, vocabulary] of what follows the last token of an input that goes on where <paramref name="cache"/> ends; only the
    /// new tokens are run, and the cache then holds them too.
    /// </summary>
    /// <param name="input">All tokens new and present, with the positions that follow the cached ones.</param>
    /// <param name="cache">Keys and values of the tokens before; empty at the start of a text.</param>
    /// <param name="cancellation">Checked between layers. A cancelled call leaves the cache unusable.</param>
    internal Tensor Next(NetworkInput input, KeyValueCache cache, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = RunLayers(input, true, PropagationRules.Plain, cancellation, cache);
        Tensor last = FinalNorm(hidden, PropagationRules.Plain).narrow(1, hidden.shape[1] - 1, 1);
        return Logits(last.squeeze(1), PropagationRules.Plain).MoveToOuterDisposeScope();
    }

    private Tensor RunLayers(
        NetworkInput input,
        bool readOutOnly,
        PropagationRules rules,
        CancellationToken cancellation,
        KeyValueCache? cache = null
    )
    {
        Tensor words =
            input.Embeddings
            ?? Embed(input.Ids ?? throw new ArgumentException("ids or embeddings are needed", nameof(input)));
        if (words.shape[2] != EmbeddingWidth || input.Positions.shape[1] != words.shape[1])
        {
            throw new ModelException(
                $"embeddings [{string.Join(",", words.shape)}] and positions [{string.Join(",", input.Positions.shape)}] do not fit a width of {EmbeddingWidth}"
            );
        }
        Tensor hidden = Enter(words, input, rules);
        input.Observe?.Invoke("embeddings", hidden);
        long batch = hidden.shape[0];
        long length = hidden.shape[1];
        (Tensor Cosine, Tensor Sine)? rotation = Rotation(input, hidden.dtype);
        long before = cache?.Length ?? 0;
        Tensor forbidden = ones(length, before + length, ScalarType.Bool, device: hidden.device)
            .triu(before + 1)
            .unsqueeze(0)
            .unsqueeze(0);
        Tensor? absent = input.Mask?.logical_not().unsqueeze(1).unsqueeze(1);
        LayerPass pass = new(absent is null ? forbidden : forbidden.logical_or(absent), rotation, null, input.Observe)
        {
            Cache = cache,
        };
        for (int i = 0; i < LayerCount; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (readOutOnly && i == LayerCount - 1)
            {
                Tensor readOut = ReadOut(input, batch, length);
                Tensor later = TensorArithmetic
                    .Indices(before + length, hidden.device)
                    .unsqueeze(0)
                    .gt(readOut.Plus(before).unsqueeze(1));
                Tensor unseen = later.unsqueeze(1).unsqueeze(1);
                pass = pass with { Forbidden = absent is null ? unseen : unseen.logical_or(absent), ReadOut = readOut };
            }
            using DisposeScope? scope = input.Observe is null ? NewDisposeScope() : null;
            hidden = Layer(i, hidden, pass, rules);
            input.Observe?.Invoke($"layer.{i}", hidden);
            hidden = scope is null ? hidden : hidden.MoveToOuterDisposeScope();
        }
        return hidden;
    }

    private static Tensor ReadOut(NetworkInput input, long batch, long length)
    {
        if (input.ReadOut is not null)
        {
            return input.ReadOut.expand(batch);
        }
        Device device = input.Positions.device;
        Tensor index = TensorArithmetic.Indices(length, device);
        return input.Mask is null
            ? zeros([batch], ScalarType.Int64, device: device).Plus(length - 1)
            : input.Mask.to_type(ScalarType.Int64).mul(index).argmax(-1).expand(batch);
    }

    /// <summary>The state at one index of each row, [batch, 1, hidden].</summary>
    private protected static Tensor AtIndex(Tensor hidden, Tensor index) =>
        hidden.gather(1, index.view(-1, 1, 1).expand(hidden.shape[0], 1, hidden.shape[2]));

    /// <summary>Attention of queries over keys and values, all [batch, heads, length, width], as [batch, queries, heads x width].</summary>
    private protected static Tensor Attention(
        int index,
        Tensor query,
        Tensor key,
        Tensor value,
        LayerPass pass,
        double dropout,
        PropagationRules rules
    )
    {
        if (pass.Cache is { } cache)
        {
            (key, value) = cache.Append(index, key, value);
        }
        Tensor scores = rules.AttentionScores(query, key);
        scores = scores.Masked(pass.Forbidden, EncoderNetwork.Lowest(scores.dtype));
        Tensor probabilities = rules.Softmax(scores);
        pass.Observe?.Invoke($"layer.{index}.attention", probabilities);
        // Only what the configuration wants dropped here: drawing a mask of queries x keys costs as much as the attention.
        Tensor kept = dropout > 0 ? rules.Dropout(probabilities, dropout) : probabilities;
        Tensor context = rules.Attend(kept, value).transpose(1, 2);
        return context.reshape(context.shape[0], context.shape[1], -1);
    }

    /// <summary>[batch, length, heads x width] as [batch, heads, length, width].</summary>
    private protected static Tensor Heads(Tensor x, int heads) =>
        x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] / heads).transpose(1, 2);

    /// <summary>What one layer is told.</summary>
    /// <param name="Forbidden">True where a query may not see a key, broadcast to [batch, heads, queries, keys].</param>
    /// <param name="Rotation">Rotary tables [batch, length, width], or null.</param>
    /// <param name="ReadOut">The one query each row runs, or null for all.</param>
    /// <param name="Observe">The observer, or null.</param>
    private protected sealed record LayerPass(
        Tensor Forbidden,
        (Tensor Cosine, Tensor Sine)? Rotation,
        Tensor? ReadOut,
        Action<string, Tensor>? Observe
    )
    {
        /// <summary>Keys and values of tokens before those run, or null where all are run.</summary>
        public KeyValueCache? Cache { get; init; }
    }
}
