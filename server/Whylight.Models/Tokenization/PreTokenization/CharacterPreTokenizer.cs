using System.Text;

namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Splits at each character of a class (`Punctuation`, `Digits`, `WhitespaceSplit`, `CharDelimiterSplit`).</summary>
internal sealed class CharacterPreTokenizer(Func<Rune, bool> isDelimiter, SplitBehavior behavior) : IPreTokenizer
{
    public List<Piece> Split(List<Piece> pieces)
    {
        List<Piece> result = new(pieces.Count * 8);
        List<(int From, int To)> delimiters = [];
        foreach (Piece piece in pieces)
        {
            delimiters.Clear();
            ReadOnlySpan<char> characters = piece.Characters;
            for (int i = 0; i < characters.Length; )
            {
                Rune.DecodeFromUtf16(characters[i..], out Rune rune, out int count);
                if (isDelimiter(rune))
                {
                    delimiters.Add((i, i + count));
                }
                i += count;
            }
            DelimiterSplit.Cut(piece, delimiters, behavior, invert: false, result);
        }
        return result;
    }
}
