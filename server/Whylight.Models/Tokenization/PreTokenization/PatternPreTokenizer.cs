namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Splits at the matches of a pattern (`Split`).</summary>
internal sealed class PatternPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public List<Piece> Split(List<Piece> pieces)
    {
        List<Piece> result = new(pieces.Count * 8);
        foreach (Piece piece in pieces)
        {
            DelimiterSplit.Cut(piece, pattern.Matches(piece.Characters), behavior, invert, result);
        }
        return result;
    }
}
