using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>
/// The graph of a question about one token of the vocabulary: the raw logits of some tokens, and one logit for all others
/// together, their logarithm of summed exponentials, so that a softmax over the answer is that over the vocabulary.
/// </summary>
/// <remarks>
/// Answers [batch, tokens + 2]: the tokens; <see cref="Absent"/>, because the best of the others counts among the others here;
/// all others.
/// </remarks>
internal sealed class TokenNetwork : Network
{
    /// <summary>A logit whose exponential is zero in every precision, and which is still a number.</summary>
    public const double Absent = -1e9;

    private readonly Network _inner;
    private readonly long[] _ids;
    private readonly long[] _others;

    /// <summary>Puts a graph together; the inner one stays its owner's.</summary>
    /// <param name="inner">A graph that answers with logits [batch, vocabulary].</param>
    /// <param name="ids">Rows of the vocabulary, each once.</param>
    public TokenNetwork(Network inner, IReadOnlyList<int> ids)
    {
        _inner = inner;
        _ids = [.. ids.Select(i => (long)i)];
        HashSet<int> known = [.. ids];
        _others = [.. Enumerable.Range(0, inner.VocabularySize).Where(i => !known.Contains(i)).Select(i => (long)i)];
    }

    /// <inheritdoc/>
    public override int EmbeddingWidth => _inner.EmbeddingWidth;

    /// <inheritdoc/>
    public override int VocabularySize => _inner.VocabularySize;

    /// <inheritdoc/>
    public override Device Device => _inner.Device;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => _inner.Parameters;

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids) => _inner.Embed(ids);

    /// <inheritdoc/>
    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope? scope = input.Observe is null ? NewDisposeScope() : null;
        Tensor logits = _inner.Forward(input, rules, cancellation);
        Tensor named = logits.index_select(1, tensor(_ids, device: logits.device));
        Tensor others = logits.index_select(1, tensor(_others, device: logits.device));
        Tensor best = logits.new_zeros([logits.shape[0], 1]).Plus(Absent);
        Tensor answer = cat([named, best, rules.LogSumExp(others).unsqueeze(1)], 1);
        return scope is null ? answer : answer.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) { }
}
