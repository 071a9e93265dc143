using System.Text;

namespace Whylight.Measures;

/// <summary>Distances between sequences, and between texts as sequences of code points.</summary>
public static class EditDistance
{
    /// <summary>Levenshtein's distance (1966): fewest insertions, deletions and substitutions.</summary>
    public static int Levenshtein<T>(IReadOnlyList<T> a, IReadOnlyList<T> b)
        where T : IEquatable<T>
    {
        int[] row = Enumerable.Range(0, b.Count + 1).ToArray();
        for (int i = 1; i <= a.Count; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Count; j++)
            {
                int substitute = diagonal + (a[i - 1].Equals(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Count];
    }

    /// <summary>Levenshtein's distance of two texts in code points.</summary>
    public static int Levenshtein(string a, string b) => Levenshtein(CodePoints(a), CodePoints(b));

    /// <summary>1 - distance / length of the longer, in [0, 1]; 1 for two empty texts.</summary>
    public static double LevenshteinSimilarity(string a, string b)
    {
        int longest = Math.Max(CodePoints(a).Length, CodePoints(b).Length);
        return longest == 0 ? 1 : 1 - Levenshtein(a, b) / (double)longest;
    }

    /// <summary>
    /// Optimal string alignment: Levenshtein's edits plus the swap of two neighbours, no piece edited twice (the restricted
    /// Damerau distance).
    /// </summary>
    public static int OptimalStringAlignment(string a, string b)
    {
        Rune[] x = CodePoints(a);
        Rune[] y = CodePoints(b);
        int[,] d = new int[x.Length + 1, y.Length + 1];
        for (int i = 0; i <= x.Length; i++)
        {
            d[i, 0] = i;
        }
        for (int j = 0; j <= y.Length; j++)
        {
            d[0, j] = j;
        }
        for (int i = 1; i <= x.Length; i++)
        {
            for (int j = 1; j <= y.Length; j++)
            {
                int best = Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1);
                best = Math.Min(best, d[i - 1, j - 1] + (x[i - 1] == y[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                {
                    best = Math.Min(best, d[i - 2, j - 2] + 1);
                }
                d[i, j] = best;
            }
        }
        return d[x.Length, y.Length];
    }

    /// <summary>Jaro's similarity (1989), in [0, 1]; 1 for two empty texts.</summary>
    public static double Jaro(string a, string b)
    {
        Rune[] x = CodePoints(a);
        Rune[] y = CodePoints(b);
        if (x.Length == 0 && y.Length == 0)
        {
            return 1;
        }
        int window = Math.Max(0, Math.Max(x.Length, y.Length) / 2 - 1);
        bool[] usedX = new bool[x.Length];
        bool[] usedY = new bool[y.Length];
        double matches = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = Math.Max(0, i - window); j < Math.Min(y.Length, i + window + 1); j++)
            {
                if (!usedY[j] && x[i] == y[j])
                {
                    usedX[i] = usedY[j] = true;
                    matches++;
                    break;
                }
            }
        }
        if (matches == 0)
        {
            return 0;
        }
        double outOfOrder = 0;
        int k = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (usedX[i])
            {
                while (!usedY[k])
                {
                    k++;
                }
                outOfOrder += x[i] == y[k] ? 0 : 1;
                k++;
            }
        }
        return (matches / x.Length + matches / y.Length + (matches - Math.Floor(outOfOrder / 2)) / matches) / 3;
    }

    /// <summary>Winkler's (1990) bonus for a common prefix of up to four: jaro + prefix * 0.1 * (1 - jaro).</summary>
    public static double JaroWinkler(string a, string b, double scale = 0.1)
    {
        Rune[] x = CodePoints(a);
        Rune[] y = CodePoints(b);
        int prefix = 0;
        while (prefix < Math.Min(4, Math.Min(x.Length, y.Length)) && x[prefix] == y[prefix])
        {
            prefix++;
        }
        double jaro = Jaro(a, b);
        return jaro + prefix * scale * (1 - jaro);
    }

    private static Rune[] CodePoints(string text) => text.EnumerateRunes().ToArray();
}
