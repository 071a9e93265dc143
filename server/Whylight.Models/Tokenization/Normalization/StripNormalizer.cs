namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Takes white space from the ends of the text.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        ReadOnlySpan<char> characters = text.Characters;
        int from = left ? text.Length - characters.TrimStart().Length : 0;
        int to = right ? characters.TrimEnd().Length : text.Length;
        AlignedTextBuilder builder = new(text.Length);
        builder.Append(text, from, Math.Max(from, to));
        return builder.Build();
    }
}
