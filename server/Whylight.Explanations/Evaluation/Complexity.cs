namespace Whylight.Explanations.Evaluation;

/// <summary>How concentrated an attribution is; signs are dropped first.</summary>
public static class Complexity
{
    // Quantus adds this before its Gini coefficient; kept, so that figures compare.
    private const double Guard = 1e-7;

    /// <summary>Complexity: entropy of |a| / sum |a|, in nats, 0 to ln n (Bhatt, Weller and Moura 2020); null where all are 0.</summary>
    public static double? Entropy(IReadOnlyList<double> attribution)
    {
        double total = attribution.Sum(Math.Abs);
        return total == 0
            ? null
            : -attribution.Select(a => Math.Abs(a) / total).Where(p => p > 0).Sum(p => p * Math.Log(p));
    }

    /// <summary>
    /// Sparseness: Gini coefficient sum (2i - n - 1) |a|_(i) / (n sum |a|) over ascending |a|, 0 (flat) to 1 (Chalasani et al.
    /// 2020).
    /// </summary>
    public static double Gini(IReadOnlyList<double> attribution)
    {
        double[] sorted = [.. attribution.Select(a => Math.Abs(a) + Guard).Order()];
        int n = sorted.Length;
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += (2.0 * (i + 1) - n - 1) * sorted[i];
        }
        return n == 0 ? 0 : sum / (n * sorted.Sum());
    }

    /// <summary>Effective complexity: how many |a| exceed a threshold (Nguyen and Martinez 2020).</summary>
    public static int Effective(IReadOnlyList<double> attribution, double threshold = 1e-5) =>
        attribution.Count(a => Math.Abs(a) > threshold);
}
