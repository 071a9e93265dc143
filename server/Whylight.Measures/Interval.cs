namespace Whylight.Measures;

/// <summary>A closed range of plausible values.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end, at least <paramref name="Lower"/>.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>Upper end minus lower end.</summary>
    public double Width => Upper - Lower;

    /// <summary>Whether a value lies within, ends included.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;
}
