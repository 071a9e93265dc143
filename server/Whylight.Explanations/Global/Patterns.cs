using MathNet.Numerics.Distributions;

namespace Whylight.Explanations.Global;

/// <summary>A word or n-gram that goes with a label.</summary>
/// <param name="Text">The word or words.</param>
/// <param name="ChiSquare">Chi-square of its counts against the labels.</param>
/// <param name="PValue">Its p-value, labels - 1 degrees of freedom, not corrected for the number of patterns looked at.</param>
/// <param name="MutualInformation">Of presence and label, in nats.</param>
/// <param name="Texts">Texts that contain it.</param>
/// <param name="Label">The label most over-represented among them.</param>
/// <param name="Share">Share of those texts with that label.</param>
public sealed record Pattern(
    string Text,
    double ChiSquare,
    double PValue,
    double MutualInformation,
    int Texts,
    int Label,
    double Share
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
    /// share of the texts.
    /// </summary>
    /// <param name="counts">The feature's count in each text.</param>
    /// <param name="labels">Label of each text.</param>
    /// <param name="labelCount">Number of labels.</param>
    public static (double ChiSquare, double PValue) ChiSquare(
        IReadOnlyList<double> counts,
        IReadOnlyList<int> labels,
        int labelCount
    )
    {
        double total = counts.Sum();
        double chi = 0;
        int used = 0;
        for (int l = 0; l < labelCount; l++)
        {
            double share = labels.Count(x => x == l) / (double)labels.Count;
            double expected = share * total;
            if (expected == 0)
            {
                continue;
            }
            used++;
            double observed = 0;
            for (int i = 0; i < counts.Count; i++)
            {
                observed += labels[i] == l ? counts[i] : 0;
            }
            chi += (observed - expected) * (observed - expected) / expected;
        }
        return (chi, used < 2 ? 1 : 1 - ChiSquared.CDF(used - 1, chi));
    }

    /// <summary>Mutual information of presence and label, in nats.</summary>
    public static double MutualInformation(IReadOnlyList<bool> present, IReadOnlyList<int> labels, int labelCount)
    {
        double n = present.Count;
        double information = 0;
        foreach (bool side in (bool[])[false, true])
        {
            double sideCount = present.Count(p => p == side);
            for (int l = 0; l < labelCount; l++)
            {
                double both = 0;
                double label = 0;
                for (int i = 0; i < present.Count; i++)
                {
                    label += labels[i] == l ? 1 : 0;
                    both += labels[i] == l && present[i] == side ? 1 : 0;
                }
                information += both == 0 ? 0 : both / n * Math.Log(both * n / (sideCount * label));
            }
        }
        return Math.Max(0, information);
    }

    /// <summary>Patterns of tokenised texts, the strongest by chi-square first.</summary>
    /// <param name="texts">Words of each text.</param>
    /// <param name="labels">Label of each.</param>
    /// <param name="labelCount">Number of labels.</param>
    /// <param name="longest">Longest n-gram.</param>
    /// <param name="leastTexts">Fewest texts that a pattern stands in.</param>
    /// <param name="most">Most patterns returned.</param>
    public static IReadOnlyList<Pattern> Mine(
        IReadOnlyList<IReadOnlyList<string>> texts,
        IReadOnlyList<int> labels,
        int labelCount,
        int longest = 2,
        int leastTexts = 2,
        int most = 50
    )
    {
        SortedDictionary<string, Dictionary<int, int>> counts = new(StringComparer.Ordinal);
        for (int t = 0; t < texts.Count; t++)
        {
            for (int length = 1; length <= longest; length++)
            {
                for (int at = 0; at + length <= texts[t].Count; at++)
                {
                    string gram = string.Join(' ', texts[t].Skip(at).Take(length));
                    if (!counts.TryGetValue(gram, out Dictionary<int, int>? places))
                    {
                        counts[gram] = places = [];
                    }
                    places[t] = places.GetValueOrDefault(t) + 1;
                }
            }
        }
        List<Pattern> patterns = [];
        foreach ((string gram, Dictionary<int, int> places) in counts)
        {
            if (places.Count < leastTexts)
            {
                continue;
            }
            double[] count = new double[texts.Count];
            bool[] present = new bool[texts.Count];
            foreach ((int t, int c) in places)
            {
                count[t] = c;
                present[t] = true;
            }
            (double chi, double p) = ChiSquare(count, labels, labelCount);
            int label = Enumerable.Range(0, labelCount).MaxBy(l => Lift(present, labels, l));
            double share = places.Keys.Count(t => labels[t] == label) / (double)places.Count;
            patterns.Add(
                new Pattern(gram, chi, p, MutualInformation(present, labels, labelCount), places.Count, label, share)
            );
        }
        return [.. patterns.OrderByDescending(p => p.ChiSquare).ThenBy(p => p.Text, StringComparer.Ordinal).Take(most)];
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

    private static double Lift(bool[] present, IReadOnlyList<int> labels, int label)
    {
        double share = labels.Count(l => l == label) / (double)labels.Count;
        int with = present.Count(p => p);
        int both = present.Where((p, i) => p && labels[i] == label).Count();
        return share == 0 ? 0 : both / (double)with / share;
    }
}
