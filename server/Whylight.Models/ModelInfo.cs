namespace Whylight.Models;

/// <summary>What a loaded model is, as far as those above it need to know.</summary>
public sealed record ModelInfo
{
    /// <summary>As the user named it: <c>builtin:NAME</c>, a configured name or a folder.</summary>
    public required string Name { get; init; }

    /// <summary>Architecture family: linear, cnn, lstm, bert, distilbert, roberta, electra, gpt2, llama …</summary>
    public required string Family { get; init; }

    /// <summary>Lower-case hex SHA-256 over weights, configuration and tokenizer files.</summary>
    public required string Hash { get; init; }

    /// <summary>The labels in index order; empty for a language model.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Most tokens the model reads, special tokens included.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Temperature by which logits are divided before the softmax; 1 when not calibrated.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>How a prompt's choices are scored, in a phrase; null for models that are no choice classifier.</summary>
    public string? Scoring { get; init; }

    /// <summary>
    /// What is asked of the model where its hash does not say it all, such as the tokens that a next-token question is
    /// about; part of cache keys. Null for everything else.
    /// </summary>
    public string? Question { get; init; }

    /// <summary>
    /// Index of the label that stands for everything without a label of its own: it has its share of the probability but
    /// is never predicted. Null where the labels are all there is.
    /// </summary>
    public int? RestIndex { get; init; }

    /// <summary>Remarks of the loader (unused tensors, a fallback taken), each one sentence.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}
