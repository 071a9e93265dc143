namespace Whylight.Models;

/// <summary>Token ids as another program made them, for models that read ids.</summary>
public sealed record EncodedInput
{
    /// <summary>Token ids, at least one.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>1 where a token takes part, 0 for padding; null: all take part. As long as <see cref="Ids"/>.</summary>
    public IReadOnlyList<int>? AttentionMask { get; init; }

    /// <summary>Segment of each token; null: all 0. As long as <see cref="Ids"/>.</summary>
    public IReadOnlyList<int>? TypeIds { get; init; }

    /// <summary>Checks lengths and ranges, which the native code does not.</summary>
    /// <param name="vocabularySize">Ids must be below it.</param>
    /// <param name="maxTokens">Most tokens the model reads.</param>
    /// <param name="typeVocabularySize">Segments must be below it; null: segments are ignored.</param>
    /// <exception cref="ModelException">Something does not fit.</exception>
    internal void Check(int vocabularySize, int maxTokens, int? typeVocabularySize)
    {
        if (Ids.Count == 0)
        {
            throw new ModelException("input ids are empty; at least one is needed");
        }
        if (Ids.Count > maxTokens)
        {
            throw new ModelException($"{Ids.Count} input ids are more than the {maxTokens} tokens the model reads");
        }
        foreach (int id in Ids)
        {
            if (id < 0 || id >= vocabularySize)
            {
                throw new ModelException($"input id {id} is outside the model's vocabulary 0..{vocabularySize - 1}");
            }
        }
        if (AttentionMask is not null)
        {
            if (AttentionMask.Count != Ids.Count)
            {
                throw new ModelException(
                    $"the attention mask has {AttentionMask.Count} entries for {Ids.Count} input ids"
                );
            }
            if (AttentionMask.Any(m => m is not (0 or 1)))
            {
                throw new ModelException("the attention mask must hold 0 and 1 only");
            }
            if (AttentionMask.All(m => m == 0))
            {
                throw new ModelException("the attention mask hides every token");
            }
        }
        if (TypeIds is not null)
        {
            if (TypeIds.Count != Ids.Count)
            {
                throw new ModelException($"there are {TypeIds.Count} token type ids for {Ids.Count} input ids");
            }
            if (typeVocabularySize is int types && TypeIds.Any(t => t < 0 || t >= types))
            {
                throw new ModelException($"token type ids must lie in 0..{types - 1}");
            }
        }
    }
}
