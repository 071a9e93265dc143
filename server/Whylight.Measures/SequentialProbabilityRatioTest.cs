namespace Whylight.Measures;

/// <summary>Where a sequential test stands.</summary>
public enum SequentialDecision
{
    /// <summary>More cases are needed.</summary>
    Undecided,

    /// <summary>The good rate is accepted over the bad.</summary>
    Good,

    /// <summary>The bad rate is accepted: the good one was not shown.</summary>
    Bad,
}

/// <summary>
/// Wald's (1945) test of a bad against a good pass rate: stops at ln(1/alpha) for good and ln(beta) for bad, which keeps
/// both errors at most alpha and beta whatever the overshoot.
/// </summary>
public sealed class SequentialProbabilityRatioTest
{
    private readonly double _pass;
    private readonly double _fail;
    private readonly double _goodAt;
    private readonly double _badAt;

    /// <summary>A test before its first case.</summary>
    /// <param name="bad">Pass rate that must not be accepted, in (0, 1).</param>
    /// <param name="good">Pass rate that should be, in (bad, 1].</param>
    /// <param name="alpha">Chance of calling the bad rate good, in (0, 1).</param>
    /// <param name="beta">Chance of calling the good rate bad, in (0, 1).</param>
    public SequentialProbabilityRatioTest(double bad, double good, double alpha = 0.05, double beta = 0.05)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(bad, 0);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(good, bad);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(good, 1);
        _pass = Math.Log(good / bad);
        _fail = Math.Log((1 - good) / (1 - bad));
        _goodAt = Math.Log(1 / alpha);
        _badAt = Math.Log(beta);
    }

    /// <summary>Log-likelihood ratio of good over bad so far.</summary>
    public double LogLikelihoodRatio { get; private set; }

    /// <summary>Cases counted; cases after a decision are not.</summary>
    public long Count { get; private set; }

    /// <summary>The decision so far.</summary>
    public SequentialDecision Decision { get; private set; }

    /// <summary>Counts one case and says where the test stands.</summary>
    public SequentialDecision Observe(bool passed)
    {
        if (Decision == SequentialDecision.Undecided)
        {
            Count++;
            LogLikelihoodRatio += passed ? _pass : _fail;
            Decision =
                LogLikelihoodRatio >= _goodAt ? SequentialDecision.Good
                : LogLikelihoodRatio <= _badAt ? SequentialDecision.Bad
                : SequentialDecision.Undecided;
        }
        return Decision;
    }
}
