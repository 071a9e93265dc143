namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>When <see cref="MetaspacePreTokenizer"/> puts its mark before a text.</summary>
internal enum PrependScheme
{
    Never,

    /// <summary>Only at the very beginning of the input.</summary>
    First,

    /// <summary>Before every section between added tokens.</summary>
    Always,
}

/// <summary>Writes spaces as a visible mark (U+2581), as SentencePiece does, and splits before each.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    public List<Piece> Split(List<Piece> pieces)
    {
        List<Piece> result = new(pieces.Count * 8);
        foreach (Piece piece in pieces)
        {
            int length = piece.To - piece.From;
            AlignedTextBuilder builder = new(length + 1);
            char first = piece.Characters[0];
            bool prepend =
                scheme == PrependScheme.Always
                || (scheme == PrependScheme.First && piece.Text.StartOf(piece.From) == 0);
            if (prepend && first != ' ' && first != replacement)
            {
                builder.Append(replacement, piece.Text.StartOf(piece.From), piece.Text.EndOf(piece.From));
            }
            for (int i = piece.From; i < piece.To; i++)
            {
                char c = piece.Text.Characters[i];
                builder.Append(c == ' ' ? replacement : c, piece.Text.StartOf(i), piece.Text.EndOf(i));
            }
            AlignedText marked = builder.Build();
            int from = 0;
            for (int i = 1; split && i < marked.Length; i++)
            {
                if (marked.Characters[i] == replacement)
                {
                    result.Add(new Piece(marked, from, i));
                    from = i;
                }
            }
            result.Add(new Piece(marked, from, marked.Length));
        }
        return result;
    }
}
