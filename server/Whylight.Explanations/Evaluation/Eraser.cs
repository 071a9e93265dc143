namespace Whylight.Explanations.Evaluation;

/// <summary>
/// Comprehensiveness and sufficiency as ERASER defines them (DeYoung et al. 2020). Not the Sufficiency of Quantus, which compares
/// neighbours with like explanations (Dasgupta, Frost and Moshkovitz 2022).
/// </summary>
public static class Eraser
{
    /// <summary>The shares of features that are averaged over: 1, 5, 10, 20 and 50 %.</summary>
    public static IReadOnlyList<double> Bins { get; } = [0.01, 0.05, 0.1, 0.2, 0.5];

    /// <summary>Features in a bin: max(1, ceil(share n)).</summary>
    public static int Size(double share, int features) =>
        Math.Min(features, Math.Max(1, (int)Math.Ceiling(share * features)));

    /// <summary>Area over the perturbation curve: the mean over bins of f(x) - f(x changed).</summary>
    public static double Aopc(double whole, IReadOnlyList<double> changed) => changed.Average(c => whole - c);

    /// <summary>
    /// (AOPC - lower) / (upper - lower), with the least and the greatest AOPC that any order of the features reaches: comparable
    /// between texts and models where AOPC is not (Edin et al. 2024). Null where all orders are alike.
    /// </summary>
    public static double? Normalised(double aopc, double lower, double upper) =>
        upper - lower <= 1e-12 ? null : Math.Clamp((aopc - lower) / (upper - lower), 0, 1);

    /// <summary>Least and greatest sum over bins that nested sets reach, exactly, by dynamic programming over all sets.</summary>
    /// <param name="table">Value of the text with set m changed, for all 2^n sets m.</param>
    /// <param name="sizes">Set sizes of the bins, with repeats.</param>
    public static (double Least, double Greatest) Extremes(IReadOnlyList<double> table, IReadOnlyList<int> sizes)
    {
        int n = System.Numerics.BitOperations.Log2((uint)Math.Max(1, table.Count));
        double[] least = new double[table.Count];
        double[] greatest = new double[table.Count];
        for (int m = 0; m < table.Count; m++)
        {
            int size = System.Numerics.BitOperations.PopCount((uint)m);
            double own = sizes.Count(s => s == size) * table[m];
            (least[m], greatest[m]) = m == 0 ? (0, 0) : (double.PositiveInfinity, double.NegativeInfinity);
            for (int rest = m; rest != 0; rest &= rest - 1)
            {
                int before = m & ~(rest & -rest);
                least[m] = Math.Min(least[m], least[before]);
                greatest[m] = Math.Max(greatest[m], greatest[before]);
            }
            least[m] += own;
            greatest[m] += own;
        }
        return n == 0 ? (0, 0) : (least[^1], greatest[^1]);
    }
}
