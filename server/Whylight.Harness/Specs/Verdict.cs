namespace Whylight.Harness.Specs;

/// <summary>What became of a test or a suite.</summary>
public enum Verdict
{
    /// <summary>The claim was shown to hold.</summary>
    Passed,

    /// <summary>The claim was shown not to hold.</summary>
    Failed,

    /// <summary>Neither was shown: too few examples, or too close to the threshold.</summary>
    Inconclusive,

    /// <summary>The test could not be run.</summary>
    Error,

    /// <summary>The test was left out by a filter.</summary>
    Skipped,
}
