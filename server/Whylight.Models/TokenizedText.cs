namespace Whylight.Models;

/// <summary>A text with the tokens that a model reads, special tokens included, in order.</summary>
public sealed record TokenizedText
{
    /// <summary>The original text; every token range refers to it.</summary>
    public required string Text { get; init; }

    /// <summary>The tokens in the order of the model's positions.</summary>
    public required IReadOnlyList<Token> Tokens { get; init; }

    /// <summary>Segment of each token (0 or 1); null where the text is one segment.</summary>
    public IReadOnlyList<int>? TypeIds { get; init; }

    /// <summary>For a pair: where the second text begins in <see cref="Text"/>; null for one text.</summary>
    public int? SecondStart { get; init; }

    /// <summary>UTF-16 offset from which on the text was cut to fit the model, or null where nothing was cut.</summary>
    public int? TruncatedAt { get; init; }

    /// <summary>UTF-16 offset before which the text was cut to fit the model, or null where its beginning is read.</summary>
    public int? ReadFrom { get; init; }
}
