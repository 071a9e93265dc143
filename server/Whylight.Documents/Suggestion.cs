namespace Whylight.Documents;

/// <summary>Finds the name that was probably meant.</summary>
public static class Suggestion
{
    /// <summary>
    /// The candidate with the smallest edit distance to a word (insertions, deletions, substitutions and swaps of
    /// neighbours; case counts for nothing), or null where none is near: at most a third of the word's length, at least 1; of equals, the one that begins like it.
    /// </summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        if (word.Length is 0 or > 100)
        {
            return null;
        }
        string? best = null;
        int bestDistance = Math.Max(1, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            if (Math.Abs(candidate.Length - word.Length) > bestDistance)
            {
                continue;
            }
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (
                distance < bestDistance
                || distance == bestDistance && best is not null && Shared(candidate) > Shared(best)
            )
            {
                (best, bestDistance) = (candidate, distance);
            }
        }
        return best;

        int Shared(string name) =>
            name.Zip(word).TakeWhile(c => char.ToLowerInvariant(c.First) == char.ToLowerInvariant(c.Second)).Count();
    }

    /// <summary>" (did you mean 'X'?)", or nothing.</summary>
    public static string Phrase(string word, IEnumerable<string> candidates) =>
        For(word, candidates) is { } found ? $" (did you mean '{found}'?)" : "";

    // Optimal string alignment distance.
    private static int Distance(string a, string b)
    {
        int[] before = new int[b.Length + 1];
        int[] last = new int[b.Length + 1];
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }
}
