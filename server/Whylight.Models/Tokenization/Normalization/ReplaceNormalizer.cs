namespace Whylight.Models.Tokenization.Normalization;

/// <summary>Replaces every match of a pattern; the replacement has the range of the whole match.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        AlignedTextBuilder builder = new(text.Length);
        int done = 0;
        foreach ((int from, int to) in pattern.Matches(text.Characters))
        {
            builder.Append(text, done, from);
            if (from < to)
            {
                (int start, int end) = text.Original(from, to);
                builder.Append(content, start, end);
            }
            done = to;
        }
        builder.Append(text, done, text.Length);
        return builder.Build();
    }
}
