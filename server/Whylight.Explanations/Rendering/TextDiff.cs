namespace Whylight.Explanations.Rendering;

/// <summary>What became of a piece of text.</summary>
internal enum DiffKind
{
    Same,
    Deleted,
    Inserted,
}

/// <summary>A piece of two texts laid over each other.</summary>
internal readonly record struct DiffPiece(DiffKind Kind, string Text);

/// <summary>The difference of two texts by words: the same pieces, without the inserted or without the deleted ones, give either text.</summary>
internal static class TextDiff
{
    /// <summary>Most cells of the table; longer middles are shown as one replacement.</summary>
    private const int MostCells = 1_000_000;

    /// <summary>The pieces in order, neighbours of one kind joined, deletions before insertions.</summary>
    public static IReadOnlyList<DiffPiece> Of(string before, string after)
    {
        string[] a = [.. Words(before)];
        string[] b = [.. Words(after)];
        int head = 0;
        while (head < a.Length && head < b.Length && a[head] == b[head])
        {
            head++;
        }
        int tail = 0;
        while (tail < a.Length - head && tail < b.Length - head && a[^(tail + 1)] == b[^(tail + 1)])
        {
            tail++;
        }
        List<DiffPiece> pieces = [];
        Add(pieces, DiffKind.Same, a.AsSpan(..head));
        Middle(a[head..^tail], b[head..^tail], pieces);
        Add(pieces, DiffKind.Same, a.AsSpan(^tail..));
        return pieces;
    }

    private static void Middle(string[] a, string[] b, List<DiffPiece> pieces)
    {
        if ((long)(a.Length + 1) * (b.Length + 1) > MostCells)
        {
            Add(pieces, DiffKind.Deleted, a);
            Add(pieces, DiffKind.Inserted, b);
            return;
        }
        // Longest common subsequence of what follows each pair of places.
        int[,] common = new int[a.Length + 1, b.Length + 1];
        for (int i = a.Length - 1; i >= 0; i--)
        {
            for (int j = b.Length - 1; j >= 0; j--)
            {
                common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }
        int x = 0;
        int y = 0;
        while (x < a.Length || y < b.Length)
        {
            if (x < a.Length && y < b.Length && a[x] == b[y])
            {
                Add(pieces, DiffKind.Same, a.AsSpan(x, 1));
                x++;
                y++;
            }
            else if (y == b.Length || (x < a.Length && common[x + 1, y] >= common[x, y + 1]))
            {
                Add(pieces, DiffKind.Deleted, a.AsSpan(x, 1));
                x++;
            }
            else
            {
                Add(pieces, DiffKind.Inserted, b.AsSpan(y, 1));
                y++;
            }
        }
    }

    private static void Add(List<DiffPiece> pieces, DiffKind kind, ReadOnlySpan<string> words)
    {
        if (words.Length == 0)
        {
            return;
        }
        string text = string.Concat(words);
        if (pieces.Count > 0 && pieces[^1].Kind == kind)
        {
            pieces[^1] = new(kind, pieces[^1].Text + text);
        }
        else
        {
            pieces.Add(new(kind, text));
        }
    }

    /// <summary>Words, blanks and other characters, nothing lost; every Han character is a word.</summary>
    private static IEnumerable<string> Words(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int end = start + 1;
            if (char.IsHighSurrogate(text[start]) && end < text.Length && char.IsLowSurrogate(text[end]))
            {
                end++;
            }
            else if (Inside(text[start]))
            {
                while (end < text.Length && Inside(text[end]))
                {
                    end++;
                }
            }
            yield return text[start..end];
            start = end;
        }
    }

    private static bool Inside(char c) =>
        (char.IsLetterOrDigit(c) || c is '\'' or '’') && c is not (>= '\u2e80' and <= '\u9fff');
}
