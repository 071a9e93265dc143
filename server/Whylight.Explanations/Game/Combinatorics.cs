namespace Whylight.Explanations.Game;

/// <summary>Counts of subsets and the weights built on them.</summary>
public static class Combinatorics
{
    /// <summary>Binomial coefficient C(n, k) as float64: exact below 2^53, infinite where it overflows, 0 outside 0..n.</summary>
    public static double Choose(int n, int k)
    {
        if (k < 0 || k > n)
        {
            return 0;
        }
        k = Math.Min(k, n - k);
        double c = 1;
        for (int i = 1; i <= k; i++)
        {
            // Multiplying before dividing keeps every intermediate a whole number.
            c = c * (n - k + i) / i;
        }
        return c;
    }

    /// <summary>Shapley kernel of one coalition of size s: (n-1) / (C(n,s) s (n-s)), 0 &lt; s &lt; n (Lundberg and Lee 2017).</summary>
    public static double ShapleyKernel(int n, int s) => (n - 1) / (Choose(n, s) * s * (n - s));

    /// <summary>Leverage score of a coalition of size s in the Shapley regression: 1 / C(n,s) (Musco and Witter 2025).</summary>
    public static double Leverage(int n, int s) => 1 / Choose(n, s);
}
