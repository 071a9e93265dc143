namespace Whylight.Models.Tokenization;

/// <summary>A stretch of an input that fits the model, special tokens and padding included.</summary>
public sealed record TokenWindow
{
    /// <summary>The tokens; ranges refer to the text, or for a pair to the first text, a line feed and the second text.</summary>
    public required IReadOnlyList<Token> Tokens { get; init; }

    /// <summary>Segment of each token, 0 or 1.</summary>
    public required IReadOnlyList<int> TypeIds { get; init; }

    /// <summary>1 for each token, 0 for padding.</summary>
    public required IReadOnlyList<int> AttentionMask { get; init; }

    /// <summary>Number of the pre-tokenized piece of each token, counted from 0 in its own text; null for special tokens and padding.</summary>
    public required IReadOnlyList<int?> Words { get; init; }
}
