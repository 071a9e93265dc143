using System.Text;

namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Splits at white space, which is dropped, and makes each punctuation character a piece.</summary>
internal sealed class BertPreTokenizer : IPreTokenizer
{
    public List<Piece> Split(List<Piece> pieces)
    {
        List<Piece> result = new(pieces.Count * 16);
        foreach (Piece piece in pieces)
        {
            AlignedText text = piece.Text;
            ReadOnlySpan<char> characters = text.Characters;
            int from = piece.From;
            for (int i = piece.From; i < piece.To; )
            {
                if (char.IsAsciiLetterOrDigit(characters[i]))
                {
                    i++;
                    continue;
                }
                Rune.DecodeFromUtf16(characters[i..], out Rune rune, out int count);
                bool space = Rune.IsWhiteSpace(rune);
                if (space || CharacterClass.IsBertPunctuation(rune))
                {
                    if (from < i)
                    {
                        result.Add(new Piece(text, from, i));
                    }
                    if (!space)
                    {
                        result.Add(new Piece(text, i, i + count));
                    }
                    from = i + count;
                }
                i += count;
            }
            if (from < piece.To)
            {
                result.Add(new Piece(text, from, piece.To));
            }
        }
        return result;
    }
}
