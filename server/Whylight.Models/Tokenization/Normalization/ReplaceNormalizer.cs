namespace Whylight.Models.Tokenization.Normalization;

/// <summary>
/// Replaces every match of a pattern; the replacement has the range of the whole match, and where an empty match only inserts, that of the
/// character before (an empty range at the very beginning).
/// </summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        AlignedTextBuilder builder = new(text.Length);
        int done = 0;
        foreach ((int from, int to) in pattern.Matches(text.Characters))
        {
            builder.Append(text, done, from);
            (int start, int end) =
                from < to ? text.Original(from, to)
                : from > 0 ? text.Original(from - 1, from)
                : (text.StartOf(0), text.StartOf(0));
            builder.Append(content, start, end);
            done = to;
        }
        builder.Append(text, done, text.Length);
        return builder.Build();
    }
}
