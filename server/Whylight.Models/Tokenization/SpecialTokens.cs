namespace Whylight.Models.Tokenization;

/// <summary>Ids of the tokens that have a role of their own; null where the vocabulary has none for it.</summary>
public sealed record SpecialTokens
{
    /// <summary>Fills a batch up ([PAD], &lt;pad&gt;).</summary>
    public int? Pad { get; init; }

    /// <summary>Stands for what the vocabulary cannot spell ([UNK], &lt;unk&gt;).</summary>
    public int? Unknown { get; init; }

    /// <summary>Opens the input ([CLS], &lt;s&gt;, bos).</summary>
    public int? Start { get; init; }

    /// <summary>Closes or separates texts ([SEP], &lt;/s&gt;, eos).</summary>
    public int? End { get; init; }

    /// <summary>Hides a token from the model ([MASK], &lt;mask&gt;).</summary>
    public int? Mask { get; init; }
}
