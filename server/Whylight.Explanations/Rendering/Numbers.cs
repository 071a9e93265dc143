using System.Globalization;

namespace Whylight.Explanations.Rendering;

/// <summary>Numbers as people read them; invariant culture.</summary>
public static class Numbers
{
    /// <summary>With its sign, two decimals, or two significant digits where those would show zero.</summary>
    public static string WithSign(double value) => (value < 0 ? "-" : "+") + Plain(Math.Abs(value));

    /// <summary>Two decimals, or two significant digits where those would show zero.</summary>
    public static string Plain(double value)
    {
        double size = Math.Abs(value);
        if (size >= 0.095 || size == 0)
        {
            return value.ToString("0.00", CultureInfo.InvariantCulture);
        }
        return size >= 1e-4
            ? value.ToString(
                size >= 0.0095 ? "0.00#"
                    : size >= 0.00095 ? "0.00##"
                    : "0.00###",
                CultureInfo.InvariantCulture
            )
            : value.ToString("0.0e+0", CultureInfo.InvariantCulture);
    }

    /// <summary>A share as a percentage without its sign: never 100 for less than all, nor 0 for more than none.</summary>
    public static string Percent(double share)
    {
        double percent = share * 100;
        if (share is > 0 and < 1)
        {
            percent = Math.Clamp(percent, 0.1, 99.9);
        }
        return percent.ToString(percent is >= 99 or <= 1 ? "0.#" : "0", CultureInfo.InvariantCulture);
    }
}
