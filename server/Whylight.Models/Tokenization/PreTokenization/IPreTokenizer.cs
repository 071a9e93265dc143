namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Splits normalised text into pieces that no token may cross.</summary>
internal interface IPreTokenizer
{
    /// <summary>Splits each piece further; empty pieces are left out.</summary>
    List<Piece> Split(List<Piece> pieces);
}
