using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>What a graph runs on. Positions are explicit, so that leaving tokens out never re-counts them.</summary>
public sealed record NetworkInput
{
    /// <summary>Token ids [batch, length], int64; null when <see cref="Embeddings"/> is given.</summary>
    public Tensor? Ids { get; init; }

    /// <summary>Word-embedding rows [batch, length, width] in place of ids, before positions, types and normalisation.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>Original index of each token in its text [batch, length], int64, from 0; families add their own offset.</summary>
    public required Tensor Positions { get; init; }

    /// <summary>True where a token takes part [batch, length], bool; null when all do.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Segment of each token [batch, length], int64; null for all zero.</summary>
    public Tensor? TypeIds { get; init; }

    /// <summary>Index along length that a language model reads its answer from [batch], int64; null for the last present.</summary>
    public Tensor? ReadOut { get; init; }

    /// <summary>Told each named activation as it is made ("embeddings", "layer.0", …), for hidden states and layer-wise relevance.</summary>
    public Action<string, Tensor>? Observe { get; init; }

    /// <summary>Tokens of the whole text before any were left out, for rotary scalings that depend on it; null: the largest position + 1.</summary>
    public int? OriginalLength { get; init; }

    /// <summary>Ids by which the text may go on, where the answer is a choice among them; null for all other graphs.</summary>
    public IReadOnlyList<int[]>? Continuations { get; init; }
}
