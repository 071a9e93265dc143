using System.Globalization;

namespace Whylight.Models.Tokenization.Subwords;

/// <summary>Reads merge rules.</summary>
internal static class MergeTable
{
    /// <summary>The rules in order, as ids.</summary>
    /// <param name="pairs">Left and right piece, best first.</param>
    /// <param name="vocabulary">Must hold the pieces and what they make.</param>
    /// <param name="continuingPrefix">Taken off the right piece where the two are joined.</param>
    /// <param name="source">Names the file in messages.</param>
    /// <exception cref="ModelException">A piece is not in the vocabulary.</exception>
    public static Dictionary<long, Merge> Build(
        IEnumerable<(string Left, string Right)> pairs,
        Vocabulary vocabulary,
        string continuingPrefix,
        string source
    )
    {
        Dictionary<long, Merge> table = [];
        int rank = 0;
        foreach ((string left, string right) in pairs)
        {
            string tail =
                continuingPrefix.Length > 0 && right.StartsWith(continuingPrefix, StringComparison.Ordinal)
                    ? right[continuingPrefix.Length..]
                    : right;
            int Find(string piece) =>
                vocabulary.IdOf(piece)
                ?? throw new ModelException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{source}: merge {rank + 1} ('{left}' '{right}') needs '{piece}', which the vocabulary lacks: the two files do not belong together"
                    )
                );
            // Where a rule stands twice, the reference keeps the last.
            table[BpeModel.Key(Find(left), Find(right))] = new Merge(rank, Find(left + tail));
            rank++;
        }
        return table;
    }

    /// <summary>The rules of a `merges.txt`: one pair a line after an optional `#version` line.</summary>
    /// <exception cref="ModelException">A line is not two pieces with a space between.</exception>
    public static List<(string Left, string Right)> ReadText(string text, string source)
    {
        List<(string Left, string Right)> pairs = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }
            pairs.Add(
                Pair(line)
                    ?? throw new ModelException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{source} line {i + 1}: '{line}' must be two pieces with one space between"
                        )
                    )
            );
        }
        return pairs;
    }

    /// <summary>Two pieces with one space between, or null.</summary>
    public static (string Left, string Right)? Pair(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && space < line.Length - 1 && line.IndexOf(' ', space + 1) < 0
            ? (line[..space], line[(space + 1)..])
            : null;
    }
}
