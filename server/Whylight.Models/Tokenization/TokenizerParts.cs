using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PostProcessing;
using Whylight.Models.Tokenization.PreTokenization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Models.Tokenization;

/// <summary>What a <see cref="Tokenizer"/> is made of.</summary>
internal sealed record TokenizerParts
{
    public required ITokenModel Model { get; init; }

    public INormalizer? Normalizer { get; init; }

    public IPreTokenizer? PreTokenizer { get; init; }

    public IDecoder? Decoder { get; init; }

    public Template Template { get; init; } = Template.None;

    /// <summary>Take white space out of byte-level ranges.</summary>
    public bool TrimOffsets { get; init; }

    /// <summary>The pre-tokenizer puts a space before the text, which trimming must not take from the range.</summary>
    public bool AddedPrefixSpace { get; init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    public SpecialTokens Special { get; init; } = new();

    public int? ModelMaxLength { get; init; }

    /// <summary>The truncation and padding that the files declare.</summary>
    public WindowOptions Declared { get; init; } = new();

    /// <summary>Special tokens written in a text are text (`split_special_tokens`).</summary>
    public bool SpecialAsText { get; init; }

    /// <summary>Name of the file the vocabulary comes from.</summary>
    public string Source { get; init; } = "vocabulary";

    public IReadOnlyList<string> Notes { get; init; } = [];
}
