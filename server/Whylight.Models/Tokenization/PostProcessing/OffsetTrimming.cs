namespace Whylight.Models.Tokenization.PostProcessing;

/// <summary>Takes the white space a byte-level token begins or ends with out of its range (`trim_offsets`).</summary>
internal static class OffsetTrimming
{
    private const char Space = '\u0120';

    /// <param name="tokens">Tokens of one text.</param>
    /// <param name="textOf">Vocabulary piece of an id.</param>
    /// <param name="addedPrefixSpace">True where the pre-tokenizer put a space before the text, which has no range to give up.</param>
    public static void Apply(List<EncodedToken> tokens, Func<int, string?> textOf, bool addedPrefixSpace)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            EncodedToken token = tokens[i];
            string text = textOf(token.Id) ?? "";
            int leading = 0;
            while (leading < text.Length && IsSpace(text[leading]))
            {
                leading++;
            }
            int trailing = 0;
            while (trailing < text.Length && IsSpace(text[^(trailing + 1)]))
            {
                trailing++;
            }
            int start = token.Start;
            int end = token.End;
            if (leading > 0)
            {
                bool first = i == 0 || start == 0;
                if (first && addedPrefixSpace)
                {
                    leading--;
                }
                start = Math.Min(start + leading, end);
            }
            if (trailing > 0 && end >= trailing)
            {
                end = Math.Max(end - trailing, start);
            }
            tokens[i] = token with { Start = start, End = end };
        }
    }

    private static bool IsSpace(char c) => c == Space || char.IsWhiteSpace(c);
}
