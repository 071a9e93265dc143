namespace Whylight.Measures;

/// <summary>Sample quantiles.</summary>
public static class Quantiles
{
    /// <summary>The quantile of ascending values with linear interpolation (type 7 of Hyndman and Fan, 1996); NaN without values.</summary>
    /// <param name="sorted">Values in ascending order.</param>
    /// <param name="level">In [0, 1].</param>
    public static double OfSorted(IReadOnlyList<double> sorted, double level)
    {
        if (sorted.Count == 0)
        {
            return double.NaN;
        }
        double position = Math.Clamp(level, 0, 1) * (sorted.Count - 1);
        int below = (int)Math.Floor(position);
        int above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The quantile of values in any order.</summary>
    public static double Of(IEnumerable<double> values, double level) => OfSorted(values.Order().ToArray(), level);

    /// <summary>The median of values in any order.</summary>
    public static double Median(IEnumerable<double> values) => Of(values, 0.5);
}
