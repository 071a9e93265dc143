namespace Whylight.Explanations.Global;

/// <summary>Submodular pick (SP-LIME: Ribeiro, Singh and Guestrin 2016): few texts whose explanations cover the important words.</summary>
public static class Representatives
{
    /// <summary>Greedily picks texts; the coverage reached is at least 1 - 1/e of the best possible.</summary>
    /// <param name="weights">For each text, word to explanation weight.</param>
    /// <param name="count">Most texts picked.</param>
    /// <returns>
    /// Indices in the order picked, each with the share of all importance covered so far and the words it adds, the most
    /// important first.
    /// </returns>
    public static IReadOnlyList<(int Text, double Coverage, IReadOnlyList<string> Words)> Pick(
        IReadOnlyList<IReadOnlyDictionary<string, double>> weights,
        int count
    )
    {
        SortedDictionary<string, double> sums = new(StringComparer.Ordinal);
        foreach (IReadOnlyDictionary<string, double> text in weights)
        {
            foreach ((string word, double weight) in text)
            {
                sums[word] = sums.GetValueOrDefault(word) + Math.Abs(weight);
            }
        }
        // Importance of a word: the square root of its total absolute weight.
        Dictionary<string, double> importance = sums.ToDictionary(
            s => s.Key,
            s => Math.Sqrt(s.Value),
            StringComparer.Ordinal
        );
        double all = importance.Values.Sum();
        bool[] taken = new bool[weights.Count];
        HashSet<string> covered = [];
        List<(int Text, double, IReadOnlyList<string>)> picked = [];
        double reached = 0;
        while (picked.Count < Math.Min(count, weights.Count))
        {
            int best = -1;
            double most = -1;
            for (int t = 0; t < weights.Count; t++)
            {
                double gain = weights[t]
                    .Where(w => w.Value != 0 && !covered.Contains(w.Key))
                    .Sum(w => importance[w.Key]);
                if (gain > most && !taken[t])
                {
                    (best, most) = (t, gain);
                }
            }
            if (most <= 0 && picked.Count > 0)
            {
                break;
            }
            string[] added =
            [
                .. weights[best]
                    .Where(w => w.Value != 0 && !covered.Contains(w.Key))
                    .Select(w => w.Key)
                    .OrderByDescending(w => importance[w])
                    .ThenBy(w => w, StringComparer.Ordinal),
            ];
            taken[best] = true;
            covered.UnionWith(added);
            reached += most;
            picked.Add((best, all == 0 ? 0 : reached / all, added));
        }
        return picked;
    }
}
