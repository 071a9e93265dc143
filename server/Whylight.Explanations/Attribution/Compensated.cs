namespace Whylight.Explanations.Attribution;

/// <summary>Sums that do not lose small terms to large ones.</summary>
internal static class Compensated
{
    /// <summary>Neumaier's compensated sum.</summary>
    public static double Sum(IEnumerable<double> values)
    {
        double sum = 0;
        double lost = 0;
        foreach (double value in values)
        {
            double next = sum + value;
            lost += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
            sum = next;
        }
        return sum + lost;
    }
}
