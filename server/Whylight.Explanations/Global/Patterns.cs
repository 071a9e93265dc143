using MathNet.Numerics;
using Whylight.Measures;

namespace Whylight.Explanations.Global;

/// <summary>A word or n-gram that goes with a label.</summary>
/// <param name="Text">The word or words.</param>
/// <param name="ChiSquare">Chi-square of its counts against the labels.</param>
/// <param name="PValue">Its p-value, labels - 1 degrees of freedom, not corrected for the number of patterns looked at.</param>
/// <param name="AdjustedPValue">The same corrected by Holm's method for all the patterns looked at, listed or not.</param>
/// <param name="MutualInformation">Of presence and label, in nats.</param>
/// <param name="Texts">Texts that contain it.</param>
/// <param name="Label">The label most over-represented among them.</param>
/// <param name="Share">Share of those texts with that label.</param>
/// <param name="Lift">That share over the label's share of all texts.</param>
public sealed record Pattern(
    string Text,
    double ChiSquare,
    double PValue,
    double AdjustedPValue,
    double MutualInformation,
    int Texts,
    int Label,
    double Share,
    double Lift
);

/// <summary>A rule "texts with these words have this label".</summary>
/// <param name="Words">The words, sorted.</param>
/// <param name="Label">The label.</param>
/// <param name="SupportCount">Texts with all the words.</param>
/// <param name="Support">Their share of all texts.</param>
/// <param name="Confidence">Share of them with the label.</param>
/// <param name="Lift">Confidence over the label's share of all texts.</param>
/// <param name="Leverage">Share with words and label, less the product of the shares.</param>
public sealed record AssociationRule(
    IReadOnlyList<string> Words,
    int Label,
    int SupportCount,
    double Support,
    double Confidence,
    double Lift,
    double Leverage
);

/// <summary>Words and n-grams that go with labels.</summary>
public static class Patterns
{
    /// <summary>
    /// Chi-square of a feature's counts against labels: sum over labels of (observed - expected)^2 / expected, expected by each label's
    /// share of the texts; labels that no text has are left out.
    /// </summary>
    /// <param name="observed">The feature's count in the texts of each label.</param>
    /// <param name="totals">Texts of each label.</param>
    public static (double ChiSquare, double PValue) ChiSquare(IReadOnlyList<double> observed, IReadOnlyList<int> totals)
    {
        double total = observed.Sum();
        double texts = totals.Sum();
        double chi = 0;
        int used = 0;
        for (int l = 0; l < totals.Count; l++)
        {
            double expected = totals[l] / texts * total;
            if (expected == 0)
            {
                continue;
            }
            used++;
            chi += (observed[l] - expected) * (observed[l] - expected) / expected;
        }
        // The upper tail by the incomplete gamma function: 1 - CDF would end at 1e-16.
        return (chi, used < 2 ? 1 : SpecialFunctions.GammaUpperRegularized((used - 1) / 2.0, chi / 2));
    }

    /// <summary>Mutual information of presence and label, in nats.</summary>
    /// <param name="present">Texts of each label that have the feature.</param>
    /// <param name="totals">Texts of each label.</param>
    public static double MutualInformation(IReadOnlyList<int> present, IReadOnlyList<int> totals)
    {
        double n = totals.Sum();
        double with = present.Sum();
        double information = 0;
        for (int l = 0; l < totals.Count; l++)
        {
            information += Term(present[l], with, totals[l]) + Term(totals[l] - present[l], n - with, totals[l]);
        }
        return Math.Max(0, information);

        double Term(double both, double side, double label) =>
            both == 0 ? 0 : both / n * Math.Log(both * n / (side * label));
    }

    /// <summary>Patterns of tokenised texts, the strongest by chi-square first.</summary>
    /// <param name="texts">Words of each text.</param>
    /// <param name="labels">Label of each.</param>
    /// <param name="labelCount">Number of labels.</param>
    /// <param name="longest">Longest n-gram.</param>
    /// <param name="leastTexts">Fewest texts that a pattern stands in.</param>
    /// <param name="most">Most patterns returned; all are tested.</param>
    public static IReadOnlyList<Pattern> Mine(
        IReadOnlyList<IReadOnlyList<string>> texts,
        IReadOnlyList<int> labels,
        int labelCount,
        int longest = 2,
        int leastTexts = 2,
        int most = 50
    )
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        List<string> words = [];
        int[][] numbered =
        [
            .. texts.Select(text =>
                text.Select(word =>
                    {
                        if (ids.TryAdd(word, words.Count))
                        {
                            words.Add(word);
                        }
                        return ids[word];
                    })
                    .ToArray()
            ),
        ];
        return [.. Mine(words, numbered, labels, labelCount, longest, leastTexts).Take(most)];
    }

    /// <summary>The same over numbered words; all patterns that stand in enough texts.</summary>
    internal static IReadOnlyList<Pattern> Mine(
        IReadOnlyList<string> words,
        IReadOnlyList<int[]> texts,
        IReadOnlyList<int> labels,
        int labelCount,
        int longest,
        int leastTexts,
        CancellationToken cancellation = default
    )
    {
        int[] totals = new int[labelCount];
        foreach (int label in labels)
        {
            totals[label]++;
        }
        // An n-gram stands in no more texts than the n-gram it begins with, so longer ones grow from the frequent ones only.
        List<(string Text, double[] Observed, int[] Present)> found = [];
        int[][]? prefixes = null;
        for (int length = 1; length <= longest; length++)
        {
            Dictionary<long, (double[] Observed, int[] Present, int Last)> counts = [];
            int[][] next = new int[texts.Count][];
            for (int t = 0; t < texts.Count; t++)
            {
                cancellation.ThrowIfCancellationRequested();
                int[] text = texts[t];
                for (int at = 0; at + length <= text.Length; at++)
                {
                    int prefix = prefixes is null ? 0 : prefixes[t][at];
                    if (prefix < 0)
                    {
                        continue;
                    }
                    long key = ((long)prefix << 32) | (uint)text[at + length - 1];
                    if (!counts.TryGetValue(key, out var count))
                    {
                        count = (new double[labelCount], new int[labelCount], -1);
                    }
                    count.Observed[labels[t]]++;
                    count.Present[labels[t]] += count.Last == t ? 0 : 1;
                    counts[key] = (count.Observed, count.Present, t);
                }
            }
            Dictionary<long, int> numbers = [];
            Dictionary<int, string> names = [];
            int number = 0;
            foreach ((long key, var count) in counts)
            {
                if (count.Present.Sum() >= leastTexts)
                {
                    numbers[key] = number++;
                }
            }
            for (int t = 0; t < texts.Count; t++)
            {
                int[] text = texts[t];
                next[t] = new int[Math.Max(0, text.Length - length + 1)];
                for (int at = 0; at + length <= text.Length; at++)
                {
                    int prefix = prefixes is null ? 0 : prefixes[t][at];
                    long key = ((long)prefix << 32) | (uint)text[at + length - 1];
                    next[t][at] = prefix >= 0 && numbers.TryGetValue(key, out int n) ? n : -1;
                    if (next[t][at] >= 0 && !names.ContainsKey(next[t][at]))
                    {
                        names[next[t][at]] = Joined(text.Skip(at).Take(length).Select(w => words[w]));
                    }
                }
            }
            foreach ((long key, int n) in numbers)
            {
                found.Add((names[n], counts[key].Observed, counts[key].Present));
            }
            prefixes = next;
        }
        double all = Math.Max(1, texts.Count);
        List<Pattern> patterns = [];
        foreach ((string text, double[] observed, int[] present) in found)
        {
            (double chi, double p) = ChiSquare(observed, totals);
            double with = present.Sum();
            double Lift(int l) => totals[l] == 0 ? 0 : present[l] / with / (totals[l] / all);
            int label = Enumerable.Range(0, labelCount).MaxBy(Lift);
            patterns.Add(
                new Pattern(
                    text,
                    chi,
                    p,
                    p,
                    MutualInformation(present, totals),
                    (int)with,
                    label,
                    present[label] / with,
                    Lift(label)
                )
            );
        }
        double[] adjusted = MultipleTesting.Holm([.. patterns.Select(p => p.PValue)]);
        return
        [
            .. patterns
                .Select((p, k) => p with { AdjustedPValue = adjusted[k] })
                .OrderByDescending(p => p.ChiSquare)
                .ThenBy(p => p.Text, StringComparer.Ordinal),
        ];
    }

    // Words of scripts without spaces stand side by side.
    private static string Joined(IEnumerable<string> words)
    {
        System.Text.StringBuilder text = new();
        foreach (string word in words)
        {
            bool han = text.Length > 0 && Han(text[^1]) && Han(word[0]);
            text.Append(text.Length == 0 || han ? "" : " ").Append(word);
        }
        return text.ToString();

        static bool Han(char c) => c is >= '\u3400' and <= '\u9FFF';
    }

    /// <summary>All rules of up to some words, by number of words, then words, then label.</summary>
    public static IReadOnlyList<AssociationRule> Rules(
        IReadOnlyList<IReadOnlySet<string>> texts,
        IReadOnlyList<int> labels,
        int labelCount,
        int mostWords = 2,
        int leastTexts = 2
    )
    {
        string[] vocabulary =
        [
            .. texts
                .SelectMany(t => t)
                .GroupBy(w => w, StringComparer.Ordinal)
                .Where(g => g.Count() >= leastTexts)
                .Select(g => g.Key)
                .Order(StringComparer.Ordinal),
        ];
        double n = texts.Count;
        List<AssociationRule> rules = [];
        List<(string[] Words, int[] Texts)> level =
        [
            .. vocabulary.Select(w =>
                ((string[])[w], Enumerable.Range(0, texts.Count).Where(t => texts[t].Contains(w)).ToArray())
            ),
        ];
        for (int length = 1; length <= mostWords; length++)
        {
            foreach ((string[] words, int[] with) in level)
            {
                for (int l = 0; l < labelCount; l++)
                {
                    double both = with.Count(t => labels[t] == l);
                    if (both == 0)
                    {
                        continue;
                    }
                    double share = labels.Count(x => x == l) / n;
                    rules.Add(
                        new AssociationRule(
                            words,
                            l,
                            with.Length,
                            with.Length / n,
                            both / with.Length,
                            both / with.Length / share,
                            both / n - with.Length / n * share
                        )
                    );
                }
            }
            level =
            [
                .. level
                    .SelectMany(r =>
                        vocabulary
                            .Where(w => string.CompareOrdinal(w, r.Words[^1]) > 0)
                            .Select(w =>
                                ((string[])[.. r.Words, w], r.Texts.Where(t => texts[t].Contains(w)).ToArray())
                            )
                    )
                    .Where(r => r.Item2.Length >= leastTexts),
            ];
        }
        return rules;
    }
}
