namespace Whylight.Measures;

/// <summary>Distances between two distributions over the same outcomes, in nats where a logarithm is taken.</summary>
public static class Divergence
{
    /// <summary>Shannon entropy, in nats.</summary>
    public static double Entropy(IReadOnlyList<double> p) => -p.Where(x => x > 0).Sum(x => x * Math.Log(x));

    /// <summary>Kullback-Leibler divergence of q from p; infinite where q denies what p allows.</summary>
    public static double KullbackLeibler(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        Check(p, q);
        double sum = 0;
        for (int i = 0; i < p.Count; i++)
        {
            if (p[i] > 0)
            {
                sum += p[i] * Math.Log(p[i] / q[i]);
            }
        }
        return sum;
    }

    /// <summary>Jensen-Shannon divergence (Lin 1991), in [0, ln 2].</summary>
    public static double JensenShannon(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        Check(p, q);
        double[] middle = p.Zip(q, (x, y) => (x + y) / 2).ToArray();
        return (KullbackLeibler(p, middle) + KullbackLeibler(q, middle)) / 2;
    }

    /// <summary>Half the sum of absolute differences, in [0, 1].</summary>
    public static double TotalVariation(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        Check(p, q);
        return p.Zip(q, (x, y) => Math.Abs(x - y)).Sum() / 2;
    }

    /// <summary>Hellinger's distance, in [0, 1].</summary>
    public static double Hellinger(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        Check(p, q);
        return Math.Sqrt(p.Zip(q, (x, y) => Math.Pow(Math.Sqrt(x) - Math.Sqrt(y), 2)).Sum() / 2);
    }

    /// <summary>Wasserstein's first distance with outcomes at 0, 1, 2, ...</summary>
    public static double Wasserstein(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        Check(p, q);
        double carried = 0;
        double sum = 0;
        for (int i = 0; i < p.Count; i++)
        {
            carried += p[i] - q[i];
            sum += Math.Abs(carried);
        }
        return sum;
    }

    private static void Check(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        if (p.Count != q.Count)
        {
            throw new ArgumentException("distributions over the same outcomes are needed", nameof(q));
        }
    }
}
