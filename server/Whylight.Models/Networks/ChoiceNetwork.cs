using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>
/// The graph of a choice among continuations of a prompt: runs the language model over the prompt and each continuation
/// and returns one score a choice, so that gradients and relevance reach the prompt's embeddings.
/// </summary>
internal sealed class ChoiceNetwork : Network
{
    private readonly DecoderNetwork _decoder;
    private readonly bool _mean;
    private readonly double[] _bias;

    /// <summary>Puts a graph together; the decoder stays its owner's.</summary>
    /// <param name="decoder">The language model.</param>
    /// <param name="mean">Whether a choice's score is the mean over its tokens, else the sum.</param>
    /// <param name="bias">What is subtracted from each score.</param>
    public ChoiceNetwork(DecoderNetwork decoder, bool mean, double[] bias)
    {
        _decoder = decoder;
        _mean = mean;
        _bias = bias;
    }

    /// <inheritdoc/>
    public override int EmbeddingWidth => _decoder.EmbeddingWidth;

    /// <inheritdoc/>
    public override int VocabularySize => _decoder.VocabularySize;

    /// <inheritdoc/>
    public override Device Device => _decoder.Device;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => _decoder.Parameters;

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids) => _decoder.Embed(ids);

    /// <inheritdoc/>
    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope? scope = input.Observe is null ? NewDisposeScope() : null;
        IReadOnlyList<int[]> continuations =
            input.Continuations ?? throw new ArgumentException("a choice needs continuations", nameof(input));
        Tensor prompt = input.Embeddings ?? _decoder.Embed(input.Ids!);
        Tensor[] scores = new Tensor[continuations.Count];
        Action<string, Tensor>? observe = input.Observe;
        foreach (
            IGrouping<string, int> group in Enumerable
                .Range(0, continuations.Count)
                .GroupBy(c => string.Join(',', continuations[c][..^1]), StringComparer.Ordinal)
        )
        {
            int[] run = continuations[group.First()][..^1];
            Tensor logits = Read(prompt, run, input with { Observe = observe }, rules, cancellation);
            // Layers are watched once: on the first group, whose prompt part is the same in all of them.
            observe = null;
            Tensor whole = rules.LogSumExp(logits);
            foreach (int choice in group)
            {
                long[] ids = [.. continuations[choice].Select(i => (long)i)];
                Tensor index = tensor(ids, 1, ids.Length, 1, device: Device).expand(prompt.shape[0], ids.Length, 1);
                Tensor tokens = logits.gather(2, index).squeeze(-1) - whole;
                scores[choice] = (_mean ? tokens.mean([1]) : tokens.sum(1)).Plus(-_bias[choice]);
            }
        }
        Tensor all = stack(scores, 1);
        return scope is null ? all : all.MoveToOuterDisposeScope();
    }

    // Logits [batch, tokens of the continuation, vocabulary].
    private Tensor Read(
        Tensor prompt,
        int[] run,
        NetworkInput input,
        PropagationRules rules,
        CancellationToken cancellation
    )
    {
        long batch = prompt.shape[0];
        long length = prompt.shape[1];
        NetworkInput whole = input with { Ids = null, Embeddings = prompt, Continuations = null };
        if (run.Length > 0)
        {
            Tensor added = _decoder.Embed(tensor(run.Select(i => (long)i).ToArray(), 1, run.Length, device: Device));
            Tensor next = input.OriginalLength is int original
                ? tensor((long)original, device: Device).view(1, 1)
                : input.Positions.amax([1], true).Plus(1);
            Tensor positions = next.Plus(TensorArithmetic.Indices(run.Length, Device).unsqueeze(0));
            long rows = input.Positions.shape[0];
            whole = whole with
            {
                Embeddings = cat([prompt, added.expand(batch, run.Length, EmbeddingWidth)], 1),
                Positions = cat([input.Positions, positions.expand(rows, run.Length)], 1),
                Mask = input.Mask is null
                    ? null
                    : cat([input.Mask, ones(input.Mask.shape[0], run.Length, ScalarType.Bool, device: Device)], 1),
                TypeIds = null,
                ReadOut = null,
                OriginalLength = input.OriginalLength + run.Length,
            };
        }
        Tensor hidden = _decoder.HiddenStates(whole, rules, cancellation);
        Tensor last = LastPresent(input, length);
        Tensor first = hidden.gather(1, last.view(-1, 1, 1).expand(batch, 1, hidden.shape[2]));
        Tensor read = run.Length == 0 ? first : cat([first, hidden.narrow(1, length, run.Length)], 1);
        return _decoder.Logits(read, rules);
    }

    private Tensor LastPresent(NetworkInput input, long length) =>
        input.ReadOut
        ?? (
            input.Mask is null
                ? tensor(length - 1, device: Device).view(1)
                : input.Mask.to_type(ScalarType.Int64).mul(TensorArithmetic.Indices(length, Device)).argmax(-1)
        );

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) { }
}
