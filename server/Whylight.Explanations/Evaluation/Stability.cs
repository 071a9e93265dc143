namespace Whylight.Explanations.Evaluation;

/// <summary>How much an attribution moves when its input does.</summary>
public static class Stability
{
    private const double Least = 1e-6;

    /// <summary>||e(x') - e(x)||_2 / ||e(x)||_2 (Yeh et al. 2019); null where e(x) is all 0.</summary>
    public static double? Sensitivity(IReadOnlyList<double> attribution, IReadOnlyList<double> perturbed)
    {
        double length = Similarity.Norm(attribution);
        return length == 0 ? null : Similarity.Euclidean(attribution, perturbed) / length;
    }

    /// <summary>The largest sensitivity over perturbations: max-sensitivity.</summary>
    public static double? MaxSensitivity(
        IReadOnlyList<double> attribution,
        IEnumerable<IReadOnlyList<double>> perturbed
    ) => perturbed.Select(p => Sensitivity(attribution, p)).Max();

    /// <summary>The mean sensitivity over perturbations: avg-sensitivity.</summary>
    public static double? AverageSensitivity(
        IReadOnlyList<double> attribution,
        IEnumerable<IReadOnlyList<double>> perturbed
    ) => perturbed.Select(p => Sensitivity(attribution, p)).Average();

    /// <summary>
    /// Local Lipschitz estimate of one perturbation: sum |e - e'| / (distance of the inputs + 1e-10) (Alvarez-Melis and Jaakkola
    /// 2018, with Quantus' distances); the measure is its maximum over perturbations.
    /// </summary>
    public static double Lipschitz(
        IReadOnlyList<double> attribution,
        IReadOnlyList<double> perturbed,
        double distance
    ) => Similarity.Manhattan(attribution, perturbed) / (distance + 1e-10);

    /// <summary>
    /// Relative stability (Agarwal et al. 2022): ||(e - e')/e||_2 / max(||(x - x')/x||_2, 1e-6), zeros in denominators replaced
    /// by 1e-6. With x the input it is RIS; for outputs pass <see cref="RelativeOutput"/>.
    /// </summary>
    public static double Relative(
        IReadOnlyList<double> attribution,
        IReadOnlyList<double> perturbed,
        IReadOnlyList<double> input,
        IReadOnlyList<double> perturbedInput
    ) => RelativeChange(attribution, perturbed) / Math.Max(RelativeChange(input, perturbedInput), Least);

    /// <summary>Relative output stability, ROS: ||(e - e')/e||_2 / max(||h - h'||_2, 1e-6), h the logits.</summary>
    public static double RelativeOutput(
        IReadOnlyList<double> attribution,
        IReadOnlyList<double> perturbed,
        IReadOnlyList<double> logits,
        IReadOnlyList<double> perturbedLogits
    ) => RelativeChange(attribution, perturbed) / Math.Max(Similarity.Euclidean(logits, perturbedLogits), Least);

    private static double RelativeChange(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        Math.Sqrt(a.Zip(b, (x, y) => Math.Pow((x - y) / (x == 0 ? Least : x), 2)).Sum());
}
