namespace Whylight.Models;

/// <summary>Who waits for a piece of native work; the scheduler runs the lower value first.</summary>
public enum WorkPriority
{
    /// <summary>Someone looks at the place where the answer will stand (a hover).</summary>
    Interactive = 0,

    /// <summary>What is visible in an editor.</summary>
    Visible = 1,

    /// <summary>Command line and suites.</summary>
    Batch = 2,

    /// <summary>A sweep nobody waits for.</summary>
    Background = 3,
}
