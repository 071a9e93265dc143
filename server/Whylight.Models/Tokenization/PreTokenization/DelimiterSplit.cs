namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>Cuts a piece at delimiters.</summary>
internal static class DelimiterSplit
{
    /// <param name="piece">The piece.</param>
    /// <param name="delimiters">Ranges of the delimiters inside the piece, in order.</param>
    /// <param name="behavior">What becomes of them.</param>
    /// <param name="invert">Treat what is between the delimiters as the delimiters.</param>
    /// <param name="result">Receives the pieces.</param>
    public static void Cut(
        Piece piece,
        List<(int From, int To)> delimiters,
        SplitBehavior behavior,
        bool invert,
        List<Piece> result
    )
    {
        List<(int From, int To, bool Delimiter)> spans = new(delimiters.Count * 2 + 1);
        int length = piece.To - piece.From;
        int done = 0;
        foreach ((int from, int to) in delimiters)
        {
            if (done < from)
            {
                spans.Add((done, from, invert));
            }
            spans.Add((from, to, !invert));
            done = to;
        }
        if (done < length)
        {
            spans.Add((done, length, invert));
        }
        foreach ((int from, int to) in Join(spans, behavior))
        {
            if (from < to)
            {
                result.Add(new Piece(piece.Text, piece.From + from, piece.From + to));
            }
        }
    }

    private static List<(int From, int To)> Join(List<(int From, int To, bool Delimiter)> spans, SplitBehavior behavior)
    {
        List<(int From, int To)> joined = new(spans.Count);
        bool previous = false;
        switch (behavior)
        {
            case SplitBehavior.Removed:
                foreach ((int from, int to, bool delimiter) in spans)
                {
                    if (!delimiter)
                    {
                        joined.Add((from, to));
                    }
                }
                break;
            case SplitBehavior.Isolated:
                foreach ((int from, int to, _) in spans)
                {
                    joined.Add((from, to));
                }
                break;
            case SplitBehavior.MergedWithNext:
                for (int i = spans.Count - 1; i >= 0; i--)
                {
                    (int from, int to, bool delimiter) = spans[i];
                    if (delimiter && !previous && joined.Count > 0)
                    {
                        joined[^1] = (from, joined[^1].To);
                    }
                    else
                    {
                        joined.Add((from, to));
                    }
                    previous = delimiter;
                }
                joined.Reverse();
                break;
            default:
                foreach ((int from, int to, bool delimiter) in spans)
                {
                    bool join = behavior == SplitBehavior.Contiguous ? delimiter == previous : delimiter && !previous;
                    if (join && joined.Count > 0)
                    {
                        joined[^1] = (joined[^1].From, to);
                    }
                    else
                    {
                        joined.Add((from, to));
                    }
                    previous = delimiter;
                }
                break;
        }
        return joined;
    }
}
