using System.Text;

namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Runs of word characters and runs of everything else but white space, which is dropped (`\w+|[^\w\s]+`).</summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    private enum Kind
    {
        Space,
        Word,
        Other,
    }

    public List<Piece> Split(List<Piece> pieces)
    {
        List<Piece> result = new(pieces.Count * 8);
        foreach (Piece piece in pieces)
        {
            int from = piece.From;
            Kind kind = Kind.Space;
            for (int i = piece.From; i < piece.To; )
            {
                Rune.DecodeFromUtf16(piece.Text.Characters[i..piece.To], out Rune rune, out int count);
                Kind next =
                    CharacterClass.IsWord(rune) ? Kind.Word
                    : Rune.IsWhiteSpace(rune) ? Kind.Space
                    : Kind.Other;
                if (next != kind)
                {
                    if (kind != Kind.Space)
                    {
                        result.Add(new Piece(piece.Text, from, i));
                    }
                    from = i;
                    kind = next;
                }
                i += count;
            }
            if (kind != Kind.Space)
            {
                result.Add(new Piece(piece.Text, from, piece.To));
            }
        }
        return result;
    }
}
