namespace Whylight.Models.Tokenization.PostProcessing;

/// <summary>Takes the white space a byte-level token begins or ends with out of its range (`trim_offsets`).</summary>
internal static class OffsetTrimming
{
    private const char Space = '\u0120';

    /// <param name="tokens">Tokens of one text.</param>
    /// <param name="text">That text.</param>
    /// <param name="textOf">Vocabulary piece of an id.</param>
    /// <param name="addedPrefixSpace">True where the pre-tokenizer put a space before the text, which has no range to give up.</param>
    public static void Apply(List<EncodedToken> tokens, string text, Func<int, string?> textOf, bool addedPrefixSpace)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            EncodedToken token = tokens[i];
            string piece = textOf(token.Id) ?? "";
            int leading = 0;
            while (leading < piece.Length && IsSpace(piece[leading]))
            {
                leading++;
            }
            int trailing = 0;
            while (trailing < piece.Length && IsSpace(piece[^(trailing + 1)]))
            {
                trailing++;
            }
            int start = token.Start;
            int end = token.End;
            // A single space before the first token is taken for the one the pre-tokenizer put there, even where the text has it; of more
            // than one, none is.
            if (leading == 1 && addedPrefixSpace && (i == 0 || start == 0))
            {
                leading = 0;
            }
            // A space the pre-tokenizer put before a section is not in the text, so only white space that is there is given up.
            for (; leading > 0 && start < end && char.IsWhiteSpace(text[start]); leading--)
            {
                start++;
            }
            for (; trailing > 0 && end > start && char.IsWhiteSpace(text[end - 1]); trailing--)
            {
                end--;
            }
            tokens[i] = token with { Start = start, End = end };
        }
    }

    private static bool IsSpace(char c) => c == Space || char.IsWhiteSpace(c);
}
