using Whylight.Harness.Findings;
using Whylight.Harness.Search;
using Whylight.Harness.Snapshots;
using Whylight.Measures;

namespace Whylight.Harness.Specs;

/// <summary>What became of one test.</summary>
public sealed record TestResult
{
    /// <summary>The test's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its type as specs write it.</summary>
    public required string Type { get; init; }

    /// <summary>Its capability, or null.</summary>
    public string? Capability { get; init; }

    /// <summary>Only an error that fails makes the suite fail.</summary>
    public FindingSeverity Severity { get; init; }

    /// <summary>First UTF-16 offset of the test's id in the spec.</summary>
    public int Start { get; init; }

    /// <summary>One past its last offset.</summary>
    public int End { get; init; }

    /// <summary>The verdict, correction for the suite's many tests included.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Share of examples that passed, in [0, 1]; null for tests without a rate.</summary>
    public double? Rate { get; init; }

    /// <summary>The measure, for metric and calibration tests; else null.</summary>
    public double? Score { get; init; }

    /// <summary>The two one-sided bounds at the suite's confidence, or null where nothing is inferred.</summary>
    public Interval? Interval { get; init; }

    /// <summary>How the interval was made, such as <c>clopper_pearson</c>; null without one.</summary>
    public string? IntervalMethod { get; init; }

    /// <summary>The threshold that the rate or score was held against, or null.</summary>
    public double? Threshold { get; init; }

    /// <summary>Number of examples judged.</summary>
    public int N { get; init; }

    /// <summary>Examples that offered nothing to perturb and were not judged.</summary>
    public int NotApplicable { get; init; }

    /// <summary>The smallest failing case found, or null.</summary>
    public Counterexample? Counterexample { get; init; }

    /// <summary>A string that reproduces exactly this failure; null where nothing failed.</summary>
    public string? Replay { get; init; }

    /// <summary>One plain sentence; quoted example text in it is not escaped.</summary>
    public required string Message { get; init; }

    /// <summary>For a snapshot test, what the store said.</summary>
    public SnapshotResult? Snapshot { get; init; }

    /// <summary>Texts that the test asked the model about, predictions shared with other tests not counted.</summary>
    public long ModelCalls { get; init; }

    /// <summary>Wall time in milliseconds, or null with <c>--no-timing</c>.</summary>
    public double? ElapsedMs { get; init; }
}

/// <summary>What became of a suite.</summary>
public sealed record SuiteReport
{
    /// <summary>The suite's name.</summary>
    public required string Suite { get; init; }

    /// <summary>Path of its spec, as given.</summary>
    public required string SpecPath { get; init; }

    /// <summary>SHA-256 of the spec's text, lower-case hex.</summary>
    public required string SpecHash { get; init; }

    /// <summary>Failed or error where a test of severity error is; inconclusive where one is; else passed; skipped where nothing ran.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The tests in the spec's order.</summary>
    public required IReadOnlyList<TestResult> Tests { get; init; }

    /// <summary>Root of everything drawn.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Its hash.</summary>
    public required string ModelHash { get; init; }

    /// <summary>Remarks about the whole suite, such as dangling snapshots, each one sentence.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Wall time in milliseconds, or null with <c>--no-timing</c>.</summary>
    public double? ElapsedMs { get; init; }

    /// <summary>0 all passed (inconclusive allowed), 1 a test failed, 2 a run error, 3 inconclusive where strict.</summary>
    public int ExitCode(bool strict = false) =>
        Verdict switch
        {
            Verdict.Error => 2,
            Verdict.Failed => 1,
            Verdict.Inconclusive when strict => 3,
            _ => 0,
        };

    /// <summary>The exit code of several suites: an error before a failure before an inconclusive one.</summary>
    public static int ExitCode(IEnumerable<SuiteReport> reports, bool strict = false)
    {
        int[] codes = reports.Select(r => r.ExitCode(strict)).ToArray();
        return codes.Contains(2) ? 2
            : codes.Contains(1) ? 1
            : codes.Contains(3) ? 3
            : 0;
    }

    internal static Verdict Of(IReadOnlyList<TestResult> tests)
    {
        Verdict[] weighty = tests.Where(t => t.Severity == FindingSeverity.Error).Select(t => t.Verdict).ToArray();
        return tests.Any(t => t.Verdict == Verdict.Error) ? Verdict.Error
            : weighty.Contains(Verdict.Failed) ? Verdict.Failed
            : weighty.Contains(Verdict.Inconclusive) ? Verdict.Inconclusive
            : tests.All(t => t.Verdict == Verdict.Skipped) ? Verdict.Skipped
            : Verdict.Passed;
    }
}
