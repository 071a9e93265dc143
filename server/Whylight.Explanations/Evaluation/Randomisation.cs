using Whylight.Measures;

namespace Whylight.Explanations.Evaluation;

/// <summary>Sanity checks: an explanation of the model must change when the model does (Adebayo et al. 2018).</summary>
public static class Randomisation
{
    /// <summary>
    /// Spearman correlation of an attribution with those after randomising more and more layers, on the values and on the
    /// absolute values; both are given because they can disagree.
    /// </summary>
    public static IReadOnlyList<(double Signed, double Absolute)> Similarities(
        IReadOnlyList<double> attribution,
        IEnumerable<IReadOnlyList<double>> randomised
    ) =>
        [
            .. randomised.Select(r =>
                (
                    RankCorrelation.Spearman(attribution, r),
                    RankCorrelation.Spearman([.. attribution.Select(Math.Abs)], [.. r.Select(Math.Abs)])
                )
            ),
        ];

    /// <summary>Divides by the largest |a|; all 0 stays.</summary>
    public static double[] NormaliseByMax(IReadOnlyList<double> attribution)
    {
        double most = attribution.Select(Math.Abs).DefaultIfEmpty().Max();
        return [.. attribution.Select(a => most == 0 ? 0 : a / most)];
    }

    /// <summary>Divides positive scores by the largest and negative ones by the size of the most negative.</summary>
    public static double[] NormaliseBySign(IReadOnlyList<double> attribution)
    {
        double most = attribution.DefaultIfEmpty().Max();
        double least = attribution.DefaultIfEmpty().Min();
        return
        [
            .. attribution.Select(a =>
                a > 0 ? a / most
                : a < 0 ? a / -least
                : 0
            ),
        ];
    }
}
