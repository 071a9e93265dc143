namespace Whylight.Harness.Snapshots;

/// <summary>How far apart two numbers may lie and still count as the same: |a - b| &lt;= absolute + relative * max(|a|, |b|).</summary>
/// <param name="Absolute">Zero or more.</param>
/// <param name="Relative">Zero or more.</param>
public readonly record struct NumericTolerance(double Absolute, double Relative)
{
    /// <summary>What the same model may differ by from machine to machine: absolute 1e-5, relative 1e-4.</summary>
    public static NumericTolerance AcrossMachines { get; } = new(1e-5, 1e-4);

    /// <summary>No difference at all.</summary>
    public static NumericTolerance Exact { get; } = new(0, 0);

    /// <summary>Whether two numbers count as the same; a number that is not finite equals only itself.</summary>
    public bool Holds(double a, double b)
    {
        if (a.Equals(b))
        {
            return true;
        }
        // Infinity less anything finite is infinity, which no tolerance covers; NaN fails every comparison.
        return double.IsFinite(a)
            && double.IsFinite(b)
            && Math.Abs(a - b) <= Absolute + (Relative * Math.Max(Math.Abs(a), Math.Abs(b)));
    }
}
