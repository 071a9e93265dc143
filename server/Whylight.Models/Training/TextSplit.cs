using Whylight.Measures;

namespace Whylight.Models.Training;

/// <summary>Texts parted into those to learn from and those that decide when to stop, no wording shared between them.</summary>
/// <param name="Training">What is learnt from.</param>
/// <param name="Held">What is held out.</param>
/// <param name="Dropped">Texts in neither part, because they share a run of words with one that reports.</param>
internal sealed record TextSplit(IReadOnlyList<string> Training, IReadOnlyList<string> Held, int Dropped)
{
    /// <summary>Splits texts by <see cref="TextGroups"/>: a group is learnt from, held out or, where a reporting text is in it, dropped.</summary>
    /// <param name="texts">What there is to learn from.</param>
    /// <param name="reporting">Texts that only report.</param>
    /// <param name="share">Share of the characters to hold out, in (0, 1).</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <exception cref="ModelException">Too few groups for two parts.</exception>
    public static TextSplit Of(IReadOnlyList<string> texts, IReadOnlyList<string> reporting, double share, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        int[] groups = TextGroups.Of([.. reporting, .. texts]);
        HashSet<int> reported = [.. groups.Take(reporting.Count)];
        int[] kept = [.. Enumerable.Range(0, texts.Count).Where(i => !reported.Contains(groups[reporting.Count + i]))];
        int[][] parts = [.. kept.GroupBy(i => groups[reporting.Count + i]).Select(g => g.ToArray())];
        new SeededRandom((ulong)seed).Shuffle(parts);
        double wanted = kept.Sum(i => (double)texts[i].Length) * share;
        HashSet<int> held = [];
        double size = 0;
        foreach (int[] part in parts)
        {
            double length = part.Sum(i => (double)texts[i].Length);
            // A group far larger than what is still wanted would empty the training part.
            if (size < wanted && size + length < 2 * wanted + 1)
            {
                held.UnionWith(part);
                size += length;
            }
        }
        if (held.Count == 0 && parts.Length > 1)
        {
            held.UnionWith(parts.MinBy(part => part.Sum(i => texts[i].Length))!);
        }
        if (held.Count == 0 || held.Count == kept.Length)
        {
            throw new ModelException(
                $"{texts.Count} texts, {parts.Length} of them unlike each other and what reports, leave nothing to learn from beside the held-out part; give more"
            );
        }
        return new TextSplit(
            [.. kept.Where(i => !held.Contains(i)).Select(i => texts[i])],
            [.. kept.Where(held.Contains).Select(i => texts[i]).Distinct(StringComparer.Ordinal)],
            texts.Count - kept.Length
        );
    }
}
