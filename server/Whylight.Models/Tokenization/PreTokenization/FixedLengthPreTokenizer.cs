namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Cuts into pieces of so many characters (`FixedLength`); the last may be shorter.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : IPreTokenizer
{
    public List<Piece> Split(List<Piece> pieces)
    {
        List<Piece> result = new(pieces.Count * 4);
        foreach (Piece piece in pieces)
        {
            ReadOnlySpan<char> characters = piece.Characters;
            int from = 0;
            int count = 0;
            for (int i = 0; i < characters.Length; )
            {
                i += char.IsHighSurrogate(characters[i]) ? 2 : 1;
                if (++count == length || i == characters.Length)
                {
                    result.Add(new Piece(piece.Text, piece.From + from, piece.From + i));
                    from = i;
                    count = 0;
                }
            }
        }
        return result;
    }
}
