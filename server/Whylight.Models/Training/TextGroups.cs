using System.Runtime.InteropServices;
using System.Text;

namespace Whylight.Models.Training;

/// <summary>
/// Which texts share wording, so that near-duplicates never stand on both sides of a split: two texts are of one group when they have a
/// run of <see cref="Run"/> words in common, or are the same word for word.
/// </summary>
internal static class TextGroups
{
    /// <summary>Words in a row that make a shared run.</summary>
    public const int Run = 12;

    /// <summary>A run in more texts than this is boilerplate (a template, a signature), which joins nothing.</summary>
    private const int Boilerplate = 16;

    /// <summary>The group of each text, named by the index of its first text.</summary>
    public static int[] Of(IReadOnlyList<string> texts)
    {
        ulong[][] runs = [.. texts.Select(text => Runs(text))];
        Dictionary<ulong, int> counts = [];
        foreach (ulong[] own in runs)
        {
            foreach (ulong run in own)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, run, out _)++;
            }
        }
        int[] parent = [.. Enumerable.Range(0, texts.Count)];
        int Root(int i)
        {
            while (parent[i] != i)
            {
                i = parent[i] = parent[parent[i]];
            }
            return i;
        }
        Dictionary<ulong, int> first = [];
        for (int i = 0; i < runs.Length; i++)
        {
            foreach (ulong run in runs[i])
            {
                // A whole short text counts however often it comes.
                if (counts[run] > Boilerplate && runs[i].Length > 1)
                {
                    continue;
                }
                if (first.TryGetValue(run, out int other))
                {
                    (int a, int b) = (Root(i), Root(other));
                    parent[Math.Max(a, b)] = Math.Min(a, b);
                }
                else
                {
                    first[run] = i;
                }
            }
        }
        return [.. Enumerable.Range(0, texts.Count).Select(Root)];
    }

    // The distinct runs of a text, as hashes; a shorter text is one run. Words are lower-cased letters and digits.
    private static ulong[] Runs(string text)
    {
        List<ulong> words = [];
        ulong word = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool han = rune.Value is >= 0x3400 and <= 0x9FFF;
            if (word != 0 && (han || !Rune.IsLetterOrDigit(rune)))
            {
                words.Add(word);
                word = 0;
            }
            if (han)
            {
                words.Add(Mix(1, (ulong)rune.Value));
            }
            else if (Rune.IsLetterOrDigit(rune))
            {
                word = Mix(word + 1, (ulong)Rune.ToLowerInvariant(rune).Value);
            }
        }
        if (word != 0)
        {
            words.Add(word);
        }
        HashSet<ulong> runs = [];
        for (int start = 0; start == 0 || start + Run <= words.Count; start++)
        {
            ulong hash = 0;
            for (int i = start; i < Math.Min(words.Count, start + Run); i++)
            {
                hash = Mix(hash + 1, words[i]);
            }
            runs.Add(hash);
        }
        return [.. runs];
    }

    private static ulong Mix(ulong key, ulong value) =>
        System.Numerics.BitOperations.RotateLeft((key * 0x9E3779B97F4A7C15) ^ value, 29) * 1099511628211;
}
