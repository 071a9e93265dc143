namespace Whylight.Models.Tokenization;

/// <summary>Which text gives tokens up when an input is too long.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer text first, until both are equally long.</summary>
    LongestFirst,

    /// <summary>Only the first text; refused where that is not enough.</summary>
    OnlyFirst,

    /// <summary>Only the second text; refused where that is not enough.</summary>
    OnlySecond,
}

/// <summary>How <see cref="Tokenizer.Windows"/> cuts, overlaps and pads.</summary>
public sealed record WindowOptions
{
    /// <summary>Most tokens of a window, special tokens included; null: one window with everything.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens of a text that consecutive windows share; less than the tokens a window leaves to that text.</summary>
    public int Stride { get; init; }

    /// <summary>Which text of a pair is cut.</summary>
    public TruncationStrategy Strategy { get; init; }

    /// <summary>Cut at the beginning instead of the end.</summary>
    public bool TruncateLeft { get; init; }

    /// <summary>Add the special tokens of the tokenizer's template.</summary>
    public bool AddSpecial { get; init; } = true;

    /// <summary>Fill every window up to this many tokens; null: no fixed length.</summary>
    public int? PadTo { get; init; }

    /// <summary>Fill every window up to a multiple of this; null: none.</summary>
    public int? PadToMultipleOf { get; init; }

    /// <summary>Id of the padding; null: the tokenizer's padding token.</summary>
    public int? PadId { get; init; }

    /// <summary>Segment of the padding.</summary>
    public int PadTypeId { get; init; }

    /// <summary>Pad at the beginning instead of the end.</summary>
    public bool PadLeft { get; init; }

    /// <summary>
    /// Cut each text to <see cref="MaxTokens"/> tokens before windows are made, as Hugging Face tokenizers 0.23 does; windows then do
    /// not cover a longer text. False (the default): windows cover everything.
    /// </summary>
    public bool LimitBeforeWindows { get; init; }
}
