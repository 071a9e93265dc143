using Whylight.Measures;

namespace Whylight.Harness.Specs;

/// <summary>What a rate or score says of its threshold, before correction for many tests.</summary>
/// <param name="Verdict">Passed, failed or inconclusive.</param>
/// <param name="Interval">The one-sided bounds, or null where nothing is inferred.</param>
/// <param name="Method">How they were made.</param>
/// <param name="PassP">p-value against "the claim does not hold"; null where correction does not apply.</param>
/// <param name="FailP">p-value against "the claim holds".</param>
/// <param name="Note">A remark for the reader, or null.</param>
internal sealed record Judgement(
    Verdict Verdict,
    Interval? Interval,
    string? Method,
    double? PassP = null,
    double? FailP = null,
    string? Note = null
);

/// <summary>Counts examples and says whether enough of them passed.</summary>
internal sealed class RateJudge
{
    private readonly SuiteStatistics _statistics;
    private readonly double _least;
    private readonly ConfidenceSequence? _sequence;
    private readonly SequentialProbabilityRatioTest? _ratio;

    public RateJudge(SuiteStatistics statistics, RateTest test)
    {
        _statistics = statistics;
        _least = test.MinPassRate;
        double alpha = 1 - statistics.Confidence;
        // At 1 the claim is about the examples at hand, and every one of them must be seen.
        if (_least < 1)
        {
            _sequence =
                statistics.Sequential == SequentialRule.ConfidenceSequence
                    ? new ConfidenceSequence(statistics.Confidence)
                    : null;
            _ratio =
                statistics.Sequential == SequentialRule.Sprt
                    ? new SequentialProbabilityRatioTest(_least, Math.Min(1, _least + test.Indifference), alpha, alpha)
                    : null;
        }
    }

    public int Count { get; private set; }

    public int Passed { get; private set; }

    /// <summary>Counts an example; true where the test may stop.</summary>
    public bool Observe(bool passed)
    {
        Count++;
        Passed += passed ? 1 : 0;
        if (_sequence is not null)
        {
            Interval interval = _sequence.Observe(passed);
            return interval.Lower >= _least || interval.Upper < _least;
        }
        return _ratio is not null && _ratio.Observe(passed) != SequentialDecision.Undecided;
    }

    public Judgement Judge()
    {
        if (Count == 0)
        {
            return new Judgement(Verdict.Inconclusive, null, null, Note: "there was no example to judge");
        }
        if (_least >= 1)
        {
            return new Judgement(Passed == Count ? Verdict.Passed : Verdict.Failed, null, null);
        }
        if (_sequence is not null)
        {
            Interval interval = _sequence.Interval;
            return new Judgement(Against(interval), interval, "confidence_sequence");
        }
        Interval bounds = Bounds(Passed, Count, _statistics);
        Verdict verdict = Against(bounds);
        if (_ratio is not null)
        {
            bool good = _ratio.Decision == SequentialDecision.Good;
            return new Judgement(
                good ? Verdict.Passed
                    : verdict == Verdict.Failed ? Verdict.Failed
                    : Verdict.Inconclusive,
                bounds,
                $"{_statistics.Interval}, unadjusted for stopping early",
                Note: good ? null : "the good rate was not shown"
            );
        }
        return new Judgement(
            verdict,
            bounds,
            _statistics.Interval,
            ProportionIntervals.UpperTail(Passed, Count, _least),
            ProportionIntervals.LowerTail(Passed, Count, _least)
        );
    }

    /// <summary>The two one-sided bounds of a share.</summary>
    public static Interval Bounds(int passed, int count, SuiteStatistics statistics) =>
        statistics.Interval == "wilson"
            ? ProportionIntervals.Wilson(passed, count, 2 * statistics.Confidence - 1)
            : new Interval(
                ProportionIntervals.LowerBound(passed, count, statistics.Confidence),
                ProportionIntervals.UpperBound(passed, count, statistics.Confidence)
            );

    private Verdict Against(Interval bounds) =>
        bounds.Lower >= _least ? Verdict.Passed
        : bounds.Upper < _least ? Verdict.Failed
        : Verdict.Inconclusive;
}
