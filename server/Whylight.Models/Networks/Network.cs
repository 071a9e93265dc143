using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>The graph of one architecture, written once for prediction, gradients and relevance alike.</summary>
/// <remarks>Weights do not require gradients; not thread-safe for disposal; call inside a dispose scope.</remarks>
public abstract class Network : IDisposable
{
    /// <summary>Width of a word-embedding row.</summary>
    public abstract int EmbeddingWidth { get; }

    /// <summary>Rows of the word-embedding table.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Where the weights are; inputs go there.</summary>
    public virtual Device Device => CPU;

    /// <summary>
    /// The weights by their checkpoint names, in checkpoint order; a weight shared by two names appears once. Training
    /// lets them require gradients and updates them in place; everyone else only reads.
    /// </summary>
    public abstract IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>Word-embedding rows of ids: [batch, length] (int64) to [batch, length, width].</summary>
    public abstract Tensor Embed(Tensor ids);

    /// <summary>Runs the graph on ids or embeddings.</summary>
    /// <param name="input">What to run it on.</param>
    /// <param name="rules">Plain arithmetic, or the relevance rules an explanation supplies.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <returns>Classifier: logits [batch, labels]. Language model: logits at the read-out [batch, vocabulary].</returns>
    public abstract Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the weights.</summary>
    protected abstract void Dispose(bool disposing);
}
