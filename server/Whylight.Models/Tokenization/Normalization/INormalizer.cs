namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Rewrites text before it is split, keeping the map to the original text.</summary>
internal interface INormalizer
{
    AlignedText Apply(AlignedText text);
}
