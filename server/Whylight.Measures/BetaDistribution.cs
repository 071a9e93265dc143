using MathNet.Numerics;

namespace Whylight.Measures;

/// <summary>The beta distribution's distribution function and quantiles, to about 1e-14.</summary>
/// <remarks>MathNet's inverse stops at 1e-8 and its continued fraction gives up on large parameters, hence our own.</remarks>
internal static class BetaDistribution
{
    /// <summary>The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction.</summary>
    public static double Cdf(double a, double b, double x)
    {
        if (x <= 0)
        {
            return 0;
        }
        if (x >= 1)
        {
            return 1;
        }
        double front = Math.Exp(
            SpecialFunctions.GammaLn(a + b)
                - SpecialFunctions.GammaLn(a)
                - SpecialFunctions.GammaLn(b)
                + a * Math.Log(x)
                + b * double.LogP1(-x)
        );
        return x < (a + 1) / (a + b + 2)
            ? front * ContinuedFraction(a, b, x) / a
            : 1 - front * ContinuedFraction(b, a, 1 - x) / b;
    }

    /// <summary>The value whose distribution function is <paramref name="probability"/>.</summary>
    public static double Quantile(double a, double b, double probability)
    {
        double low = 0;
        double high = 1;
        double x = a / (a + b);
        // Bisection never fails; Newton steps inside the bracket make it quick.
        for (int i = 0; i < 200 && high - low > 1e-16; i++)
        {
            double gap = Cdf(a, b, x) - probability;
            if (gap == 0)
            {
                return x;
            }
            if (gap < 0)
            {
                low = x;
            }
            else
            {
                high = x;
            }
            double logDensity =
                SpecialFunctions.GammaLn(a + b)
                - SpecialFunctions.GammaLn(a)
                - SpecialFunctions.GammaLn(b)
                + (a - 1) * Math.Log(x)
                + (b - 1) * double.LogP1(-x);
            double next = x - gap / Math.Exp(logDensity);
            if (!(next > low && next < high))
            {
                next = (low + high) / 2;
            }
            if (next == x)
            {
                return x;
            }
            x = next;
        }
        return x;
    }

    private static double ContinuedFraction(double a, double b, double x)
    {
        const double tiny = 1e-300;
        double c = 1;
        double d = 1 - (a + b) * x / (a + 1);
        d = 1 / (Math.Abs(d) < tiny ? tiny : d);
        double h = d;
        for (int m = 1; m <= 100_000; m++)
        {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 + even * d;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = 1 + even / c;
            c = Math.Abs(c) < tiny ? tiny : c;
            h *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 + odd * d;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = 1 + odd / c;
            c = Math.Abs(c) < tiny ? tiny : c;
            double step = d * c;
            h *= step;
            if (Math.Abs(step - 1) < 1e-16)
            {
                break;
            }
        }
        return h;
    }
}
