using Whylight.Measures;

namespace Whylight.Explanations.Evaluation;

/// <summary>Whether an attribution says what the model does, from attribution sums and changes of the value.</summary>
public static class Faithfulness
{
    /// <summary>
    /// Faithfulness correlation: Pearson correlation over random sets S of one size of sum of a over S with f(x) - f(x without S)
    /// (Bhatt, Weller and Moura 2020). Also the faithfulness estimate, with all single features as the sets (Alvarez-Melis and
    /// Jaakkola 2018). Null where one side does not vary.
    /// </summary>
    public static double? Correlation(IReadOnlyList<double> sums, IReadOnlyList<double> changes) =>
        Defined(RankCorrelation.Pearson(sums, changes), sums.Count);

    /// <summary>Monotonicity correlation: Spearman of |a_i| with |f(x) - f(x without i)| (Nguyen and Martinez 2020).</summary>
    public static double? Monotonicity(IReadOnlyList<double> attribution, IReadOnlyList<double> changes) =>
        Defined(
            RankCorrelation.Spearman([.. attribution.Select(Math.Abs)], [.. changes.Select(Math.Abs)]),
            attribution.Count
        );

    /// <summary>Kendall's tau-b of a_i with f(x) - f(x without i): leave-one-out agreement (ferret).</summary>
    public static double? LeaveOneOutTau(IReadOnlyList<double> attribution, IReadOnlyList<double> changes) =>
        Defined(RankCorrelation.KendallTauB(attribution, changes), attribution.Count);

    /// <summary>Features by descending attribution, ties in text order: the order of every curve and of ERASER's bins.</summary>
    public static int[] Order(IReadOnlyList<double> attribution) =>
        [.. Enumerable.Range(0, attribution.Count).OrderByDescending(i => attribution[i])];

    /// <summary>
    /// Area under a deletion or insertion curve: trapezoid rule over n + 1 values at equal steps from 0 to 1 (Petsiuk, Das and
    /// Saenko 2018).
    /// </summary>
    public static double Area(IReadOnlyList<double> curve)
    {
        if (curve.Count < 2)
        {
            return curve.Count == 1 ? curve[0] : 0;
        }
        double sum = (curve[0] + curve[^1]) / 2;
        for (int k = 1; k < curve.Count - 1; k++)
        {
            sum += curve[k];
        }
        return sum / (curve.Count - 1);
    }

    /// <summary>
    /// Infidelity: mean over perturbations I of (I.a - (f(x) - f(x - I)))^2 (Yeh et al. 2019). With I the membership of a removed set,
    /// I.a is the sum of the attributions removed.
    /// </summary>
    /// <param name="sums">I.a of each perturbation.</param>
    /// <param name="changes">f(x) - f(x - I) of each.</param>
    /// <param name="normalised">Scale a by the factor that fits best first.</param>
    public static double? Infidelity(IReadOnlyList<double> sums, IReadOnlyList<double> changes, bool normalised = false)
    {
        if (sums.Count == 0)
        {
            return null;
        }
        double scale = 1;
        if (normalised)
        {
            double squares = sums.Sum(s => s * s);
            if (squares == 0)
            {
                return null;
            }
            scale = sums.Zip(changes, (s, c) => s * c).Sum() / squares;
        }
        return sums.Zip(changes, (s, c) => (scale * s - c) * (scale * s - c)).Average();
    }

    private static double? Defined(double value, int count) => count < 2 || double.IsNaN(value) ? null : value;
}
