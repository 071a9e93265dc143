namespace Whylight.Explanations.Rendering;

/// <summary>A stretch of the explained text.</summary>
/// <param name="Text">Its characters, not escaped.</param>
/// <param name="Feature">Index of the feature it is, or -1 for what lies between.</param>
/// <param name="Score">The feature's score, 0 where there is none.</param>
internal readonly record struct Stretch(string Text, int Feature, double Score);

/// <summary>The explained text cut at its features.</summary>
internal static class ScoredText
{
    /// <summary>Stretches in order, covering the text up to a number of characters.</summary>
    /// <param name="explanation">What to cut.</param>
    /// <param name="limit">Most UTF-16 code units of text.</param>
    public static IReadOnlyList<Stretch> Of(Explanation explanation, int limit = int.MaxValue)
    {
        List<Stretch> stretches = [];
        int at = 0;
        for (int i = 0; i < explanation.Features.Count; i++)
        {
            FeatureScore feature = explanation.Features[i];
            // Tokens may share a range (the bytes of one emoji): the first shows it.
            if (feature.Start < at || feature.End <= feature.Start)
            {
                continue;
            }
            if (feature.End > limit)
            {
                return Closed(explanation, stretches, at, limit);
            }
            if (feature.Start > at)
            {
                stretches.Add(new Stretch(explanation.Text[at..feature.Start], -1, 0));
            }
            stretches.Add(new Stretch(explanation.Text[feature.Start..feature.End], i, feature.Score ?? 0));
            at = feature.End;
        }
        return Closed(explanation, stretches, at, limit);
    }

    /// <summary>Largest absolute score; 0 where there is none.</summary>
    public static double Largest(Explanation explanation) =>
        explanation.Features.Select(f => Math.Abs(f.Score ?? 0)).DefaultIfEmpty(0).Max();

    /// <summary>Indices of the features by absolute score, the largest first; ties in text order; zero scores left out.</summary>
    public static IReadOnlyList<int> Strongest(Explanation explanation, int count = int.MaxValue) =>
        [
            .. Enumerable
                .Range(0, explanation.Features.Count)
                .Where(i => explanation.Features[i].Score is not (null or 0))
                .OrderByDescending(i => Math.Abs(explanation.Features[i].Score!.Value))
                .ThenBy(i => i)
                .Take(count),
        ];

    /// <summary>Whether scores speak for and against, rather than being shares of attention.</summary>
    public static bool IsSigned(Explanation explanation) => explanation.Method != "rollout";

    /// <summary>Whether a score's 95 % interval leaves out zero; true for what has no sampling error.</summary>
    public static bool IsCertain(FeatureScore feature) =>
        feature.StandardError is not { } error || Math.Abs(feature.Score ?? 0) > Rationale.Z95 * error;

    /// <summary>Whether a score is strong enough to be written out beside its word.</summary>
    public static bool IsMarked(double score, double largest) => largest > 0 && Math.Abs(score) >= 0.15 * largest;

    /// <summary>A score with its standard error, where it has one: "+1.93 ± 0.08".</summary>
    public static string Number(FeatureScore feature, NumberScale scale, bool signed)
    {
        string score = signed ? scale.Signed(feature.Score!.Value) : scale.Plain(feature.Score!.Value);
        return feature.StandardError is > 0 and var error ? $"{score} ± {scale.Error(error)}" : score;
    }

    private static List<Stretch> Closed(Explanation explanation, List<Stretch> stretches, int at, int limit)
    {
        int end = Math.Min(limit, explanation.Text.Length);
        if (end < explanation.Text.Length && end > at && char.IsHighSurrogate(explanation.Text[end - 1]))
        {
            end--;
        }
        if (end > at)
        {
            stretches.Add(new Stretch(explanation.Text[at..end], -1, 0));
        }
        if (end < explanation.Text.Length)
        {
            stretches.Add(new Stretch(" …", -1, 0));
        }
        return stretches;
    }
}
