namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Applies normalizers one after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<INormalizer> steps) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        foreach (INormalizer step in steps)
        {
            text = step.Apply(text);
        }
        return text;
    }
}
