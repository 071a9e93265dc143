namespace Whylight.Models.Tokenization.Subwords;

/// <summary>What a pair becomes, and when: lower ranks are merged first.</summary>
internal readonly record struct Merge(int Rank, int Id);

/// <summary>Variants of byte-pair encoding; names as in `tokenizer.json`.</summary>
internal sealed record BpeSettings
{
    public string? UnknownToken { get; init; }

    /// <summary>`continuing_subword_prefix`: stands before every character but the first.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>`end_of_word_suffix`: stands after the last character.</summary>
    public string WordSuffix { get; init; } = "";

    /// <summary>`fuse_unk`: neighbouring unknown characters make one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>`byte_fallback`: spell unknown characters as &lt;0xNN&gt;.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>`ignore_merges`: a piece that is in the vocabulary is one token, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }
}
