using Whylight.Measures;

namespace Whylight.Explanations.Evaluation;

/// <summary>How well an attribution agrees with a human's rationale; says nothing about the model's own reasons.</summary>
public static class Plausibility
{
    /// <summary>Which features lie, with at least half of their characters, in ranges that a human marked.</summary>
    public static IReadOnlyList<bool> Marked(
        IReadOnlyList<FeatureScore> features,
        IReadOnlyList<(int Start, int End)> ranges
    ) =>
        [
            .. features.Select(f =>
                2 * Enumerable.Range(f.Start, f.End - f.Start).Count(at => ranges.Any(r => at >= r.Start && at < r.End))
                >= f.End - f.Start
            ),
        ];

    /// <summary>Pointing game: whether the feature of highest attribution is in the rationale (Zhang et al. 2018).</summary>
    public static bool PointsAtRationale(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale) =>
        attribution.Count > 0 && rationale[Faithfulness.Order(attribution)[0]];

    /// <summary>Relevance rank accuracy: share of the rationale among the |rationale| features of highest attribution (Arras et al. 2022).</summary>
    public static double? RankAccuracy(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale)
    {
        int k = rationale.Count(r => r);
        return k == 0 ? null : (double)Faithfulness.Order(attribution).Take(k).Count(i => rationale[i]) / k;
    }

    /// <summary>Relevance mass accuracy: share of the positive attribution that lies in the rationale (Arras et al. 2022).</summary>
    public static double? MassAccuracy(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale)
    {
        double all = attribution.Sum(a => Math.Max(0, a));
        return all == 0 ? null : attribution.Where((_, i) => rationale[i]).Sum(a => Math.Max(0, a)) / all;
    }

    /// <summary>Area under the ROC curve of attribution as a score for rationale membership; null where only one class is there.</summary>
    public static double? Auroc(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale) =>
        rationale.Distinct().Count() < 2 ? null : ClassificationMeasures.Auroc(rationale, attribution);

    /// <summary>Average precision of attribution as a score for rationale membership (ERASER's AUPRC).</summary>
    public static double? Auprc(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale) =>
        rationale.Any(r => r) ? ClassificationMeasures.AveragePrecision(rationale, attribution) : null;

    /// <summary>F1 of the k features of highest attribution against the rationale (ERASER's token F1).</summary>
    public static double TokenF1(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale, int k)
    {
        (int both, int chosen, int wanted) = Overlap(attribution, rationale, k);
        return chosen + wanted == 0 ? 1 : 2.0 * both / (chosen + wanted);
    }

    /// <summary>Intersection over union of the k features of highest attribution and the rationale.</summary>
    public static double Iou(IReadOnlyList<double> attribution, IReadOnlyList<bool> rationale, int k)
    {
        (int both, int chosen, int wanted) = Overlap(attribution, rationale, k);
        return chosen + wanted == both ? 1 : (double)both / (chosen + wanted - both);
    }

    private static (int Both, int Chosen, int Wanted) Overlap(
        IReadOnlyList<double> attribution,
        IReadOnlyList<bool> rationale,
        int k
    )
    {
        int[] chosen = [.. Faithfulness.Order(attribution).Take(k)];
        return (chosen.Count(i => rationale[i]), chosen.Length, rationale.Count(r => r));
    }
}
