using TorchSharp;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;

namespace Whylight.Models;

/// <summary>A classifier whose differentiable graph can be asked for gradients and relevance.</summary>
public interface INetworkClassifier : ITextClassifier
{
    /// <summary>The graph; touch it only inside <see cref="InferenceScheduler.RunAsync{T}"/>.</summary>
    Network Network { get; }

    /// <summary>The one owner of native work.</summary>
    InferenceScheduler Scheduler { get; }

    /// <summary>Input tensors of one text as a batch of one: ids, original positions, all-present mask, read-out.</summary>
    /// <remarks>Call on the scheduler's thread inside a dispose scope.</remarks>
    NetworkInput Prepare(TokenizedText text);

    /// <summary>
    /// Ids of the baseline text for path methods: the padding token everywhere, special tokens kept where
    /// <paramref name="keepSpecial"/> is set; null where the family's baseline is the zero vector.
    /// </summary>
    torch.Tensor? BaselineIds(TokenizedText text, bool keepSpecial);

    /// <summary>Id of the mask token, or null where the vocabulary has none.</summary>
    int? MaskTokenId => null;

    /// <summary>Id of the token that ends a text, or null where it has no such role here.</summary>
    int? EndTokenId => null;

    /// <summary>The vocabulary piece of an id as the vocabulary spells it, or null where there is none.</summary>
    string? PieceOf(int id) => null;
}
