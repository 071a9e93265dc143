using MathNet.Numerics;

namespace Whylight.Measures;

/// <summary>
/// A sequence of intervals for a pass rate that holds at all times at once, so that one may look after every case and stop
/// when one likes (Robbins 1970; Howard et al. 2021): the rates at which the beta-binomial mixture martingale
/// B(a + s, b + n - s) / (B(a, b) p^s (1 - p)^(n - s)) stays below 1 / alpha, intersected over time.
/// </summary>
public sealed class ConfidenceSequence
{
    private readonly double _logThreshold;
    private readonly double _a;
    private readonly double _b;

    /// <summary>A sequence before its first case.</summary>
    /// <param name="confidence">Chance, in (0, 1), that every interval of the sequence holds the rate.</param>
    /// <param name="a">First parameter of the mixing beta distribution, positive.</param>
    /// <param name="b">Second parameter, positive.</param>
    public ConfidenceSequence(double confidence = 0.95, double a = 1, double b = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(confidence, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(confidence, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(a, 0);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(b, 0);
        _logThreshold = -Math.Log(1 - confidence);
        (_a, _b) = (a, b);
    }

    /// <summary>Cases counted.</summary>
    public long Count { get; private set; }

    /// <summary>Cases that passed.</summary>
    public long Passed { get; private set; }

    /// <summary>The interval now; it never widens. Empty intersections (chance at most 1 - confidence) collapse to a point.</summary>
    public Interval Interval { get; private set; } = new(0, 1);

    /// <summary>Counts one case and returns the interval after it.</summary>
    public Interval Observe(bool passed)
    {
        Count++;
        Passed += passed ? 1 : 0;
        double failed = Count - Passed;
        double mixture = SpecialFunctions.BetaLn(_a + Passed, _b + failed) - SpecialFunctions.BetaLn(_a, _b);
        double estimate = Passed / (double)Count;
        double lower = Passed == 0 ? 0 : Edge(0, estimate, mixture);
        double upper = failed == 0 ? 1 : Edge(1, estimate, mixture);
        lower = Math.Max(lower, Interval.Lower);
        upper = Math.Min(upper, Interval.Upper);
        Interval = lower <= upper ? new Interval(lower, upper) : new Interval(estimate, estimate);
        return Interval;
    }

    // The martingale is log-convex in p with its minimum at the estimate, so each side has one crossing.
    private double Edge(double outside, double inside, double mixture)
    {
        for (int i = 0; i < 100; i++)
        {
            double p = (outside + inside) / 2;
            double logMartingale =
                mixture
                - (Passed == 0 ? 0 : Passed * Math.Log(p))
                - (Count == Passed ? 0 : (Count - Passed) * double.LogP1(-p));
            if (logMartingale < _logThreshold)
            {
                inside = p;
            }
            else
            {
                outside = p;
            }
        }
        return outside;
    }
}
