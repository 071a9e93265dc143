namespace Whylight.Measures;

/// <summary>Adjusted p-values for many tests at once, in the order given; reject where adjusted is at most alpha.</summary>
public static class MultipleTesting
{
    /// <summary>Bonferroni: p times the number of tests.</summary>
    public static double[] Bonferroni(IReadOnlyList<double> p) => p.Select(x => Math.Min(1, x * p.Count)).ToArray();

    /// <summary>Holm (1979): step-down; controls the chance of any false rejection under every dependence.</summary>
    public static double[] Holm(IReadOnlyList<double> p)
    {
        int[] order = Order(p);
        double[] adjusted = new double[p.Count];
        double running = 0;
        for (int i = 0; i < order.Length; i++)
        {
            running = Math.Max(running, Math.Min(1, p[order[i]] * (order.Length - i)));
            adjusted[order[i]] = running;
        }
        return adjusted;
    }

    /// <summary>Benjamini and Hochberg (1995): step-up; controls the false discovery rate of independent tests.</summary>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> p) => StepUp(p, 1);

    /// <summary>Benjamini and Yekutieli (2001): the same under every dependence.</summary>
    public static double[] BenjaminiYekutieli(IReadOnlyList<double> p) =>
        StepUp(p, Enumerable.Range(1, p.Count).Sum(i => 1.0 / i));

    private static double[] StepUp(IReadOnlyList<double> p, double factor)
    {
        int[] order = Order(p);
        double[] adjusted = new double[p.Count];
        double running = 1;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            running = Math.Min(running, p[order[i]] * factor * order.Length / (i + 1));
            adjusted[order[i]] = running;
        }
        return adjusted;
    }

    private static int[] Order(IReadOnlyList<double> p) => Enumerable.Range(0, p.Count).OrderBy(i => p[i]).ToArray();
}
