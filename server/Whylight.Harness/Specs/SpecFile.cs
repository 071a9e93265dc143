using Whylight.Documents;

namespace Whylight.Harness.Specs;

/// <summary>A dataset that a spec names.</summary>
/// <param name="Name">Its name in the spec.</param>
/// <param name="Path">Full path of the file.</param>
/// <param name="Options">How to read it.</param>
/// <param name="Start">First UTF-16 offset of the name in the spec.</param>
/// <param name="End">One past its last offset.</param>
public sealed record DatasetSpec(string Name, string Path, ReadOptions Options, int Start, int End);

/// <summary>How far a suite may go.</summary>
public sealed record SuiteLimits
{
    /// <summary>Most texts that the suite's tests may ask the model about, or null.</summary>
    public long? ModelCalls { get; init; }

    /// <summary>Longest time, or null. A suite that runs out of it ends differently from day to day.</summary>
    public TimeSpan? Time { get; init; }
}

/// <summary>When a rate test may stop.</summary>
public enum SequentialRule
{
    /// <summary>After the whole sample.</summary>
    None,

    /// <summary>When the confidence sequence decides.</summary>
    ConfidenceSequence,

    /// <summary>When Wald's ratio test decides.</summary>
    Sprt,
}

/// <summary>How verdicts are reached.</summary>
public sealed record SuiteStatistics
{
    /// <summary>Confidence of the one-sided bounds, in (0, 1).</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>clopper_pearson or wilson.</summary>
    public string Interval { get; init; } = "clopper_pearson";

    /// <summary>When a rate test may stop.</summary>
    public SequentialRule Sequential { get; init; }

    /// <summary>holm, benjamini_hochberg or none.</summary>
    public string Correction { get; init; } = "holm";
}

/// <summary>A suite as its file states it.</summary>
public sealed record SpecFile
{
    /// <summary>The file's path, as given.</summary>
    public required string Path { get; init; }

    /// <summary>Its text.</summary>
    public required string Source { get; init; }

    /// <summary>Offset to line and character.</summary>
    public required LineIndex Lines { get; init; }

    /// <summary>The suite's name.</summary>
    public required string Name { get; init; }

    /// <summary>What the suite is about, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Root of everything drawn; every test derives its own seed by its id.</summary>
    public ulong Seed { get; init; } = 1729;

    /// <summary>Model as the command line takes it: <c>builtin:NAME</c> or a full path.</summary>
    public string Model { get; init; } = "builtin:sentiment";

    /// <summary>The datasets by name, in file order.</summary>
    public IReadOnlyList<DatasetSpec> Datasets { get; init; } = [];

    /// <summary>How far the suite may go.</summary>
    public SuiteLimits Limits { get; init; } = new();

    /// <summary>How verdicts are reached.</summary>
    public SuiteStatistics Statistics { get; init; } = new();

    /// <summary>The tests in file order.</summary>
    public IReadOnlyList<SpecTest> Tests { get; init; } = [];

    /// <summary>What is wrong with the file; a suite with problems cannot be run.</summary>
    public IReadOnlyList<DocumentProblem> Problems { get; init; } = [];

    /// <summary>Full path of the folder that verified snapshots are kept in: <c>snapshots</c> beside the spec.</summary>
    public string SnapshotFolder =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!, "snapshots");

    /// <summary>A problem as one line for a terminal: path:line:character: message, both counted from one.</summary>
    public string Describe(DocumentProblem problem)
    {
        LinePosition at = Lines.PositionOf(problem.Start);
        return $"{Path}:{at.Line + 1}:{at.Character + 1}: {problem.Message}";
    }
}
