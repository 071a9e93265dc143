using System.Globalization;

namespace Whylight.Explanations.Rendering;

/// <summary>Numbers as people read them; invariant culture, and a true minus sign (U+2212).</summary>
public static class Numbers
{
    /// <summary>With its sign, two decimals, or two significant digits where those would show zero.</summary>
    public static string WithSign(double value) => Sign(value) + Unsigned(Math.Abs(value));

    /// <summary>Two decimals, or two significant digits where those would show zero.</summary>
    public static string Plain(double value) => (value < 0 ? "−" : "") + Unsigned(Math.Abs(value));

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

    internal static string Sign(double value) =>
        value < 0 ? "−"
        : value > 0 ? "+"
        : "";

    internal static string Exponent(double size) =>
        size.ToString("0.0e+0", CultureInfo.InvariantCulture)
            .Replace("e+", "e", StringComparison.Ordinal)
            .Replace('-', '−');

    private static string Unsigned(double size) =>
        size >= 0.095 || size == 0 ? size.ToString("0.00", CultureInfo.InvariantCulture)
        : size >= 1e-4
            ? size.ToString(
                size >= 0.0095 ? "0.000"
                    : size >= 0.00095 ? "0.0000"
                    : "0.00000",
                CultureInfo.InvariantCulture
            )
        : Exponent(size);
}

/// <summary>
/// How many decimals the numbers of one explanation carry, so that they stand below each other: two, or more where the
/// largest would have too few to tell smaller ones apart.
/// </summary>
internal readonly record struct NumberScale
{
    /// <summary>Decimals beyond which numbers are written with an exponent.</summary>
    private const int MostDecimals = 6;

    private readonly int _decimals;

    private NumberScale(int decimals) => _decimals = decimals;

    /// <summary>The scale for the numbers shown side by side.</summary>
    public static NumberScale Of(IEnumerable<double> values)
    {
        double largest = values.Select(Math.Abs).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return new(largest == 0 ? 2 : Math.Max(2, 1 - (int)Math.Floor(Math.Log10(largest / 3))));
    }

    /// <summary>The scale of an explanation's scores.</summary>
    public static NumberScale Of(Explanation explanation) => Of(explanation.Features.Select(f => f.Score ?? 0));

    /// <summary>With its sign; what rounds to zero has none.</summary>
    public string Signed(double value)
    {
        string size = Plain(Math.Abs(value));
        return size.Any(c => c is >= '1' and <= '9') ? Numbers.Sign(value) + size : size;
    }

    /// <summary>With a minus where it is negative.</summary>
    public string Plain(double value)
    {
        double size = Math.Abs(value);
        string text =
            _decimals > MostDecimals && size > 0
                ? Numbers.Exponent(size)
                : size.ToString(
                    "F" + Math.Min(_decimals, MostDecimals).ToString(CultureInfo.InvariantCulture),
                    CultureInfo.InvariantCulture
                );
        return value < 0 && text.Any(c => c is >= '1' and <= '9') ? "−" + text : text;
    }

    /// <summary>A standard error: on the same scale, and never zero for what is sampled.</summary>
    public string Error(double error)
    {
        string text = Plain(error);
        return error > 0 && !text.Any(c => c is >= '1' and <= '9') ? Numbers.Plain(error) : text;
    }
}
