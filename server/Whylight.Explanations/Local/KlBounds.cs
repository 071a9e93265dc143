namespace Whylight.Explanations.Local;

/// <summary>Confidence bounds of a Bernoulli mean by Kullback-Leibler divergence (Kaufmann and Kalyanakrishnan 2013).</summary>
public static class KlBounds
{
    // The guards of the original Anchors code: a mean of 0 is taken as 1e-7, which widens its upper bound by up to 1.4e-6.
    private const double LeastMean = 1e-7;
    private const double MostMean = 1 - 1.2e-16;

    /// <summary>KL(p||q) of Bernoulli distributions, in nats; both means at least 1e-7 and at most the largest number below 1.</summary>
    public static double Divergence(double p, double q)
    {
        p = Math.Clamp(p, LeastMean, MostMean);
        q = Math.Clamp(q, LeastMean, MostMean);
        return p * Math.Log(p / q) + (1 - p) * Math.Log((1 - p) / (1 - q));
    }

    /// <summary>max{q >= p : KL(p||q) &lt;= level}, to 1e-12.</summary>
    public static double Upper(double p, double level) => Bisect(p, 1, p, level);

    /// <summary>min{q &lt;= p : KL(p||q) &lt;= level}, to 1e-12.</summary>
    public static double Lower(double p, double level) => Bisect(p, 0, p, level);

    /// <summary>
    /// Exploration rate of KL-LUCB: beta = T + ln T with T = ln(405.5 K t^1.1 / delta), for K arms at round t.
    /// </summary>
    public static double Beta(int arms, int round, double delta)
    {
        double t = Math.Log(405.5 * arms * Math.Pow(round, 1.1) / delta);
        return t + Math.Log(t);
    }

    private static double Bisect(double inside, double outside, double p, double level)
    {
        if (Divergence(p, outside) <= level)
        {
            return outside;
        }
        // 50 halvings of at most 1: below 1e-15.
        for (int k = 0; k < 50; k++)
        {
            double middle = (inside + outside) / 2;
            if (Divergence(p, middle) <= level)
            {
                inside = middle;
            }
            else
            {
                outside = middle;
            }
        }
        return inside;
    }
}
