namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Applies pre-tokenizers one after the other.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public List<Piece> Split(List<Piece> pieces)
    {
        foreach (IPreTokenizer step in steps)
        {
            pieces = step.Split(pieces);
        }
        return pieces;
    }
}
