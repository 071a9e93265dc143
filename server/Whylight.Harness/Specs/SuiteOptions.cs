namespace Whylight.Harness.Specs;

/// <summary>How a suite is run.</summary>
public sealed record SuiteOptions
{
    /// <summary>Runs only tests whose id, type or capability contains this, whatever its case; null: all.</summary>
    public string? Filter { get; init; }

    /// <summary>Runs only the test with this id; null: all.</summary>
    public string? Test { get; init; }

    /// <summary>Seed instead of the spec's; null: the spec's.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Write received snapshots as verified (never on a build server).</summary>
    public bool Accept { get; init; }

    /// <summary>Open the user's diff tool on a snapshot mismatch (never on a build server).</summary>
    public bool Interactive { get; init; }

    /// <summary>Tests run at a time; a limit on model calls makes it one, so that the order decides what is run.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Whether reports carry times.</summary>
    public bool Timing { get; init; } = true;

    /// <summary>Folder of <c>.whylight</c>, where failures are remembered; null: nothing is remembered.</summary>
    public string? StateFolder { get; init; }
}

/// <summary>How far a suite has come.</summary>
/// <param name="Suite">The suite's name.</param>
/// <param name="Test">The test at work.</param>
/// <param name="Done">Its examples judged.</param>
/// <param name="Total">Its examples in all; 0 where not known.</param>
/// <param name="Result">The result once the test is over; correction for many tests comes only with the report.</param>
public sealed record SuiteProgress(string Suite, string Test, int Done, int Total, TestResult? Result = null);
