using System.Globalization;

namespace Whylight.Models.Tokenization;

/// <summary>Token ranges fit for showing.</summary>
public static class TokenRanges
{
    /// <summary>
    /// The range of each token widened to whole graphemes (UAX #29). Token ranges themselves are exact to the character, so a vocabulary
    /// without a base character's accent yields a token of the accent alone; marking that in an editor would cut what the reader sees as
    /// one character. Neighbouring tokens may then share a range; empty ranges stay empty.
    /// </summary>
    /// <param name="text">A tokenized text.</param>
    public static IReadOnlyList<(int Start, int End)> OnGraphemes(TokenizedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int[] begins = new int[text.Text.Length + 1];
        int[] ends = new int[text.Text.Length + 1];
        for (int i = 0; i < text.Text.Length; )
        {
            int length = StringInfo.GetNextTextElementLength(text.Text.AsSpan(i));
            for (int k = i; k < i + length; k++)
            {
                begins[k] = i;
                ends[k + 1] = i + length;
            }
            i += length;
        }
        return [.. text.Tokens.Select(t => t.Start < t.End ? (begins[t.Start], ends[t.End]) : (t.Start, t.End))];
    }
}
