namespace Whylight.Harness.Snapshots;

/// <summary>What became of a received snapshot.</summary>
public enum SnapshotOutcome
{
    /// <summary>It agrees with the verified one, which is left as it is.</summary>
    Matched,

    /// <summary>It was written as the verified one, because the user said so.</summary>
    Accepted,

    /// <summary>There is no verified one yet.</summary>
    Missing,

    /// <summary>It differs from the verified one.</summary>
    Mismatched,
}

/// <summary>The outcome of holding received content against its verified snapshot.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="VerifiedPath">Full path of the verified file, whether or not it exists.</param>
/// <param name="ReceivedPath">Full path of the received file, or null where none was kept.</param>
/// <param name="Message">Empty when matched or accepted; otherwise what differs and how to accept it.</param>
/// <param name="Diff">Unified diff of the two, or empty.</param>
public sealed record SnapshotResult(
    SnapshotOutcome Outcome,
    string VerifiedPath,
    string? ReceivedPath,
    string Message,
    string Diff
)
{
    /// <summary>Whether the snapshot holds.</summary>
    public bool Holds => Outcome is SnapshotOutcome.Matched or SnapshotOutcome.Accepted;
}
