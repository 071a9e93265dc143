namespace Whylight.Models.Tokenization;

/// <summary>Settings of BERT's tokenizer, with BERT's defaults; names in `tokenizer_config.json` in brackets.</summary>
public sealed record WordPieceOptions
{
    /// <summary>Lower-case the text (`do_lower_case`).</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Strip accents (`strip_accents`); null: as <see cref="LowerCase"/>.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Make each Han character a word (`tokenize_chinese_chars`).</summary>
    public bool SpaceChineseCharacters { get; init; } = true;

    /// <summary>Longer words become one unknown token; counted in Unicode characters.</summary>
    public int MaxCharactersPerWord { get; init; } = 100;

    /// <summary>Longest input of the model in tokens (`model_max_length`), or null.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>Padding token.</summary>
    public string PadToken { get; init; } = "[PAD]";

    /// <summary>Unknown token.</summary>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>Token that opens the input.</summary>
    public string StartToken { get; init; } = "[CLS]";

    /// <summary>Token that closes a text.</summary>
    public string EndToken { get; init; } = "[SEP]";

    /// <summary>Masking token.</summary>
    public string MaskToken { get; init; } = "[MASK]";

    internal IReadOnlyList<AddedToken> ExtraAddedTokens { get; init; } = [];

    internal IReadOnlyList<string> Notes { get; init; } = [];

    internal WindowOptions Declared { get; init; } = new();

    internal bool SpecialAsText { get; init; }
}
