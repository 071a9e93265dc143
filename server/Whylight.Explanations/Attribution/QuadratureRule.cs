namespace Whylight.Explanations.Attribution;

/// <summary>Nodes in [0, 1] and weights of a rule for the integral of a function over [0, 1].</summary>
/// <param name="Name">The rule's name with its number of nodes, as results report it.</param>
/// <param name="Nodes">Where the integrand is asked.</param>
/// <param name="Weights">What each answer counts; they sum to 1 for every rule but the defective one.</param>
public sealed record QuadratureRule(string Name, IReadOnlyList<double> Nodes, IReadOnlyList<double> Weights)
{
    /// <summary>Gauss-Legendre: exact for polynomials of degree 2n - 1; nodes by Newton's method on P_n.</summary>
    /// <param name="n">Number of nodes, 1 or more.</param>
    public static QuadratureRule GaussLegendre(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        double[] nodes = new double[n];
        double[] weights = new double[n];
        for (int i = 0; i < n; i++)
        {
            double x = -Math.Cos(Math.PI * (i + 0.75) / (n + 0.5));
            double slope = 0;
            for (int step = 0; step < 100; step++)
            {
                double before = 1;
                double value = x;
                for (int k = 2; k <= n; k++)
                {
                    (before, value) = (value, ((2 * k - 1) * x * value - (k - 1) * before) / k);
                }
                slope = n * (x * value - before) / (x * x - 1);
                double change = value / slope;
                x -= change;
                if (Math.Abs(change) < 1e-15)
                {
                    break;
                }
            }
            nodes[i] = (1 + x) / 2;
            weights[i] = 1 / ((1 - x * x) * slope * slope);
        }
        return new QuadratureRule($"gauss-legendre-{n}", nodes, weights);
    }

    /// <summary>n intervals of equal width, each asked at its left end.</summary>
    public static QuadratureRule RiemannLeft(int n) => Riemann("left", n, 0);

    /// <summary>n intervals of equal width, each asked at its right end.</summary>
    public static QuadratureRule RiemannRight(int n) => Riemann("right", n, 1);

    /// <summary>n intervals of equal width, each asked in its middle.</summary>
    public static QuadratureRule RiemannMiddle(int n) => Riemann("middle", n, 0.5);

    /// <summary>The trapezoid rule over n intervals: n + 1 nodes, the ends at half weight.</summary>
    public static QuadratureRule Trapezoid(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        return new QuadratureRule(
            $"trapezoid-{n}",
            [.. Enumerable.Range(0, n + 1).Select(k => (double)k / n)],
            [.. Enumerable.Range(0, n + 1).Select(k => (k == 0 || k == n ? 0.5 : 1.0) / n)]
        );
    }

    /// <summary>
    /// The trapezoid rule as Captum has it: n nodes k / (n - 1) with weights 1/n, so that they sum to (n - 1)/n and the
    /// integral of a constant comes out too small. Kept to compare with its numbers; nothing chooses it.
    /// </summary>
    /// <param name="n">Number of nodes, 2 or more.</param>
    public static QuadratureRule CaptumTrapezoid(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 2);
        return new QuadratureRule(
            $"captum-trapezoid-{n}",
            [.. Enumerable.Range(0, n).Select(k => (double)k / (n - 1))],
            [.. Enumerable.Range(0, n).Select(k => (k == 0 || k == n - 1 ? 0.5 : 1.0) / n)]
        );
    }

    private static QuadratureRule Riemann(string side, int n, double offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        return new QuadratureRule(
            $"riemann-{side}-{n}",
            [.. Enumerable.Range(0, n).Select(k => (k + offset) / n)],
            [.. Enumerable.Repeat(1.0 / n, n)]
        );
    }
}
