using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>A user's own TorchSharp module as a graph: its own arithmetic, so relevance rules do not reach inside.</summary>
internal sealed class ModuleNetwork : Network
{
    private readonly nn.Module _module;
    private readonly Func<Tensor, Tensor> _embed;
    private readonly Func<Tensor, Tensor, Tensor> _logits;
    private readonly int _labels;

    /// <summary>Wraps a module, which this graph then owns.</summary>
    public ModuleNetwork(
        nn.Module module,
        Func<Tensor, Tensor> embed,
        Func<Tensor, Tensor, Tensor> logits,
        int vocabularySize,
        int labels
    )
    {
        _module = module;
        _embed = embed;
        _logits = logits;
        _labels = labels;
        VocabularySize = vocabularySize;
        Parameters =
        [
            .. module.named_parameters().Select(p => KeyValuePair.Create<string, Tensor>(p.name, p.parameter)),
        ];
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        EmbeddingWidth = (int)Embed(zeros(1, 1, ScalarType.Int64, device: Device)).shape[2];
    }

    /// <inheritdoc/>
    public override int EmbeddingWidth { get; }

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <inheritdoc/>
    public override Device Device => Parameters.Count == 0 ? CPU : Parameters[0].Value.device;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids)
    {
        Tensor words = _embed(ids);
        return words.dim() == 3 && words.shape[0] == ids.shape[0] && words.shape[1] == ids.shape[1]
            ? words
            : throw new ModelException(
                $"the embedding function made [{string.Join(",", words.shape)}] of ids [{string.Join(",", ids.shape)}]; it must make [batch, length, width]"
            );
    }

    /// <inheritdoc/>
    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        if (rules.GetType() != typeof(PropagationRules))
        {
            throw new ModelException(
                "relevance rules do not reach into a user's own module; use integrated-gradients, gradient-x-input or a method that only asks for predictions"
            );
        }
        cancellation.ThrowIfCancellationRequested();
        Tensor words = input.Embeddings ?? Embed(input.Ids!);
        Tensor mask = input.Mask ?? ones(words.shape[0], words.shape[1], ScalarType.Bool, device: words.device);
        Tensor logits = _logits(words, mask);
        return logits.dim() == 2 && logits.shape[0] == words.shape[0] && logits.shape[1] == _labels
            ? logits
            : throw new ModelException(
                $"the module answered [{string.Join(",", logits.shape)}]; it must answer [{words.shape[0]},{_labels}], one logit a label"
            );
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _module.Dispose();
        }
    }
}
