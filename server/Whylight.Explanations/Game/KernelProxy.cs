namespace Whylight.Explanations.Game;

/// <summary>Kernel ridge regression of a game's odd part: a smooth function on the hypercube plus a free linear trend.</summary>
/// <remarks>
/// Kernel of two pairs at Hamming distance d: rho^d - rho^(n-d), whose weight on interactions falls geometrically with
/// their order; rho and the ridge are chosen by leave-one-pair-out error, which has a closed form. The proxy's Shapley
/// values are closed form as well, for any number of players, because rho^d(S,T) treats all members of T alike.
/// </remarks>
internal static class KernelProxy
{
    /// <summary>Most rows: beyond, the cubic cost outweighs a few more model calls.</summary>
    public const int MostRows = 600;

    // (1-rho)/(1+rho): how much weight an interaction of one more order has.
    private static readonly double[] OrderRatios = [0.45, 0.3, 0.2, 0.13, 0.08];
    private static readonly double[] Ridges = [1e-4, 0.03, 0.3];

    public static OddPartProxy? Fit(PairedSample sample)
    {
        OddPartProxy? best = null;
        double least = double.PositiveInfinity;
        double scale = 0;
        for (int r = 0; r < sample.Rows; r++)
        {
            scale += sample.Target[r] * sample.Target[r];
        }
        if (sample.Rows > MostRows || sample.Players > byte.MaxValue || scale == 0)
        {
            return null;
        }
        Geometry geometry = new(sample);
        double bestRatio = OrderRatios[0];
        foreach (double ratio in OrderRatios)
        {
            Try(ratio, Ridges[0]);
        }
        double chosen = bestRatio;
        foreach (double ridge in Ridges.AsSpan(1))
        {
            Try(chosen, ridge);
        }
        return best;

        void Try(double ratio, double ridge)
        {
            if (Fit(sample, geometry, ratio, ridge) is { } fit && fit.Error < least)
            {
                (best, least) = fit;
                bestRatio = ratio;
            }
        }
    }

    private static (OddPartProxy Proxy, double Error)? Fit(
        PairedSample sample,
        Geometry geometry,
        double ratio,
        double ridge
    )
    {
        int n = sample.Players;
        int rows = sample.Rows;
        double rho = (1 - ratio) / (1 + ratio);
        double[] byDistance = new double[n + 1];
        for (int d = 0; d <= n; d++)
        {
            byDistance[d] = Math.Pow(rho, d) - Math.Pow(rho, n - d);
        }
        double trend = 100.0 / n;
        double[] kernel = new double[rows * rows];
        for (int r = 0; r < rows; r++)
        {
            for (int q = 0; q <= r; q++)
            {
                int at = r * rows + q;
                kernel[at] = byDistance[geometry.Distance[at]] + trend * geometry.Product[at];
            }
            kernel[r * rows + r] += ridge;
        }
        SymmetricSystem? system = SymmetricSystem.Factor(rows, kernel);
        if (system is null)
        {
            return null;
        }
        double[] alpha = system.Solve(sample.Target);
        double[] diagonal = system.InverseDiagonal();
        double[] fitted = new double[rows];
        double[] crossFitted = new double[rows];
        double error = 0;
        for (int r = 0; r < rows; r++)
        {
            fitted[r] = sample.Target[r] - ridge * alpha[r];
            crossFitted[r] = alpha[r] / diagonal[r];
            error += (1 - sample.Fraction[sample.Stratum[r]]) * sample.Weight[r] * crossFitted[r] * crossFitted[r];
        }
        return (new OddPartProxy(Solution(sample, rho, trend, alpha), fitted, crossFitted), error);
    }

    // What every choice of rho and ridge shares.
    private sealed class Geometry
    {
        public Geometry(PairedSample sample)
        {
            int rows = sample.Rows;
            Distance = new byte[rows * rows];
            Product = new double[rows * rows];
            for (int r = 0; r < rows; r++)
            {
                for (int q = 0; q <= r; q++)
                {
                    int d = sample.Coalitions[r].Distance(sample.Coalitions[q]);
                    int s = sample.Stratum[r] + 1;
                    int t = sample.Stratum[q] + 1;
                    Distance[r * rows + q] = (byte)d;
                    // Centred memberships: |S and T| - st/n, and |S and T| = (s + t - d)/2.
                    Product[r * rows + q] = (s + t - d) / 2.0 - (double)s * t / sample.Players;
                }
            }
        }

        public byte[] Distance { get; }

        public double[] Product { get; }
    }

    private static double[] Solution(PairedSample sample, double rho, double trend, double[] alpha)
    {
        int n = sample.Players;
        (double In, double Out)[] byMember = new (double, double)[n + 1];
        for (int t = 0; t <= n; t++)
        {
            byMember[t] = MemberValues(n, t, rho);
        }
        double[] x = new double[n];
        for (int r = 0; r < sample.Rows; r++)
        {
            int size = sample.Stratum[r] + 1;
            ReadOnlySpan<double> a = sample.Row(r);
            for (int i = 0; i < n; i++)
            {
                double own = sample.Coalitions[r][i]
                    ? byMember[size].In - byMember[n - size].Out
                    : byMember[size].Out - byMember[n - size].In;
                x[i] += alpha[r] * (own + trend * a[i]);
            }
        }
        double mean = x.Sum() / n;
        for (int i = 0; i < n; i++)
        {
            x[i] -= mean;
        }
        return x;
    }

    /// <summary>Shapley values of the game S -> rho^d(S,T) with |T| = t, for a member of T and for another player.</summary>
    internal static (double In, double Out) MemberValues(int n, int t, double rho)
    {
        double inside = 0;
        double outside = 0;
        for (int a = 0; a <= t; a++)
        {
            for (int b = 0; b <= n - t; b++)
            {
                double power = Math.Pow(rho, t - a + b);
                if (a < t)
                {
                    // a others of T and b outsiders came first; the member brings the coalition one step nearer to T.
                    double ways = Ways(t - 1, a, n - t, b, n);
                    inside += ways * power / rho * (1 - rho);
                }
                if (b < n - t)
                {
                    double ways = Ways(t, a, n - t - 1, b, n);
                    outside -= ways * power * (1 - rho);
                }
            }
        }
        return (inside, outside);
    }

    // C(p,a) C(q,b) (a+b)! (n-a-b-1)! / n!  =  C(p,a) C(q,b) / (n C(n-1, a+b))
    private static double Ways(int p, int a, int q, int b, int n) =>
        Math.Exp(LogChoose(p, a) + LogChoose(q, b) - LogChoose(n - 1, a + b)) / n;

    private static double LogChoose(int n, int k)
    {
        double sum = 0;
        for (int i = 1; i <= Math.Min(k, n - k); i++)
        {
            sum += Math.Log((double)(n - Math.Min(k, n - k) + i) / i);
        }
        return sum;
    }
}
