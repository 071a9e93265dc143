namespace Whylight.Harness.Snapshots;

/// <summary>What a snapshot store may do.</summary>
public sealed record SnapshotOptions
{
    /// <summary>Write received content as verified.</summary>
    public bool Accept { get; init; }

    /// <summary>On a build server nothing is ever accepted and no diff tool starts.</summary>
    public bool BuildServer { get; init; } = DetectBuildServer();

    /// <summary>Open the user's diff tool on a mismatch.</summary>
    public bool LaunchDiffTool { get; init; }

    /// <summary>How content is compared.</summary>
    public SnapshotRules Rules { get; init; } = new();

    // The variable that every common build service sets; DiffEngine knows those that do not.
    private static bool DetectBuildServer() =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase)
        || DiffEngine.BuildServerDetector.Detected;
}
