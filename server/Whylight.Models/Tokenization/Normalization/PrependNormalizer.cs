namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Puts a prefix before text that is not empty; the prefix has the range of the first character.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        if (text.Length == 0)
        {
            return text;
        }
        AlignedTextBuilder builder = new(text.Length + prefix.Length);
        builder.Append(prefix, text.StartOf(0), text.EndOf(0));
        builder.Append(text, 0, text.Length);
        return builder.Build();
    }
}
