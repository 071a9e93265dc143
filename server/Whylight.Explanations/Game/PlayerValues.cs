namespace Whylight.Explanations.Game;

/// <summary>One number a player, as a method found them.</summary>
/// <param name="Estimator">How: <c>enumeration</c>, <c>paired-regression</c>, <c>tree-proxy</c>, <c>kernel-proxy</c> …</param>
/// <param name="Values">One value a player.</param>
/// <param name="StandardErrors">One a player: 0 where exact, null where the sample is too small to tell.</param>
/// <param name="EmptyValue">v(empty).</param>
/// <param name="FullValue">v(N).</param>
/// <param name="Converged">Whether the largest standard error is within the tolerance; true where exact.</param>
/// <param name="ModelCalls">Distinct coalitions asked so far.</param>
public sealed record PlayerValues(
    string Estimator,
    IReadOnlyList<double> Values,
    IReadOnlyList<double?> StandardErrors,
    double EmptyValue,
    double FullValue,
    bool Converged,
    int ModelCalls
)
{
    /// <summary>Exact values: standard errors 0, converged.</summary>
    internal static PlayerValues Exact(string estimator, double[] values, double empty, double full, int calls) =>
        new(estimator, values, [.. values.Select(_ => (double?)0)], empty, full, true, calls);

    /// <summary>Whether the largest standard error is at most a share of the range of the values (Covert and Lee 2021).</summary>
    internal static bool WithinTolerance(double[] values, double[] errors, double tolerance) =>
        values.Length == 0 || errors.Max() <= tolerance * (values.Max() - values.Min());
}
