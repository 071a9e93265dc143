using Whylight.Documents;

namespace Whylight.Models.Training;

/// <summary>Groups texts that are nearly the same, so that no split puts one of them on either side.</summary>
public static class NearDuplicates
{
    /// <summary>Two texts are nearly the same from this share of their different words on (Jaccard).</summary>
    public const double SharedWords = 0.5;

    /// <summary>Or when the shorter, of at least <see cref="FewestWords"/> different words, has this share of its words in the other.</summary>
    public const double ContainedWords = 0.9;

    /// <summary>Shorter texts are not compared by containment.</summary>
    public const int FewestWords = 8;

    /// <summary>A group for each text: the index of the first text that it is linked to, over any number of steps.</summary>
    public static int[] Of(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        HashSet<string>[] words =
        [
            .. texts.Select(text =>
                Words
                    .Split(text)
                    .Where(w => w.Kind is not WordKind.Punctuation)
                    .Select(w => w.In(text).ToLowerInvariant())
                    .ToHashSet(StringComparer.Ordinal)
            ),
        ];
        int[] group = [.. Enumerable.Range(0, texts.Count)];
        for (int i = 0; i < group.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (Root(i) != Root(j) && Alike(words[i], words[j]))
                {
                    (int low, int high) = (Math.Min(Root(i), Root(j)), Math.Max(Root(i), Root(j)));
                    group[high] = low;
                }
            }
        }
        return [.. Enumerable.Range(0, group.Length).Select(Root)];

        int Root(int i)
        {
            while (group[i] != i)
            {
                i = group[i];
            }
            return i;
        }
    }

    private static bool Alike(HashSet<string> a, HashSet<string> b)
    {
        (HashSet<string> small, HashSet<string> large) = a.Count <= b.Count ? (a, b) : (b, a);
        // Sizes alone rule most pairs out.
        bool contained = small.Count >= FewestWords;
        if (small.Count == 0 || (!contained && small.Count < SharedWords * large.Count))
        {
            return false;
        }
        int shared = small.Count(large.Contains);
        return shared >= SharedWords * (small.Count + large.Count - shared)
            || (contained && shared >= ContainedWords * small.Count);
    }
}
