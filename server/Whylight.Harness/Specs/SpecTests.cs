using Whylight.Harness.Findings;
using Whylight.Harness.Search;
using Whylight.Harness.Snapshots;

namespace Whylight.Harness.Specs;

/// <summary>One claim about the model.</summary>
public abstract record SpecTest
{
    /// <summary>Name within the suite: letters, digits, dot, hyphen and underscore.</summary>
    public required string Id { get; init; }

    /// <summary>The type as specs write it.</summary>
    public required string Type { get; init; }

    /// <summary>What the test is about, for the reader; or null.</summary>
    public string? Description { get; init; }

    /// <summary>The capability tested, for grouping; or null.</summary>
    public string? Capability { get; init; }

    /// <summary>Only an error that fails makes the suite fail.</summary>
    public FindingSeverity Severity { get; init; } = FindingSeverity.Error;

    /// <summary>Name of the dataset, or null where the test has texts of its own.</summary>
    public string? Dataset { get; init; }

    /// <summary>First UTF-16 offset of the id in the spec.</summary>
    public int Start { get; init; }

    /// <summary>One past its last offset.</summary>
    public int End { get; init; }
}

/// <summary>A measure against a threshold: <c>metric</c> and <c>calibration</c>.</summary>
public sealed record MetricTest : SpecTest
{
    /// <summary>One of <see cref="MetricNames"/>.</summary>
    public required string Metric { get; init; }

    /// <summary>Least score, or null.</summary>
    public double? MinScore { get; init; }

    /// <summary>Greatest score, or null.</summary>
    public double? MaxScore { get; init; }

    /// <summary>Number of bins of calibration errors.</summary>
    public int Bins { get; init; } = 15;
}

/// <summary>A test whose answer is the share of examples that pass.</summary>
public abstract record RateTest : SpecTest
{
    /// <summary>Least share of examples, in (0, 1]. At 1 the examples at hand are meant, and nothing is inferred.</summary>
    public double MinPassRate { get; init; } = 0.95;

    /// <summary>For the ratio test: how far above the least rate a good model lies.</summary>
    public double Indifference { get; init; } = 0.05;
}

/// <summary>An example with its expected label, written in the spec.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">The label.</param>
public sealed record SpecExample(string Text, string Label);

/// <summary>CheckList's MFT: labelled examples that the model must get right.</summary>
public sealed record MinimumFunctionalityTest : RateTest
{
    /// <summary>Examples written in the spec.</summary>
    public IReadOnlyList<SpecExample> Examples { get; init; } = [];
}

/// <summary>CheckList's INV and DIR: an expectation under perturbations.</summary>
public sealed record PerturbationTest : RateTest
{
    /// <summary>The perturbations, dealt in turn to the draws.</summary>
    public required IReadOnlyList<PerturbationChoice> Perturbations { get; init; }

    /// <summary>Draws an example; it fails if any of them does.</summary>
    public int Draws { get; init; } = 4;

    /// <summary>What must hold.</summary>
    public required Expectation Expect { get; init; }
}

/// <summary>What must agree.</summary>
public enum ConsistencyKind
{
    /// <summary>The same call, made again.</summary>
    Repeat,

    /// <summary>A text alone and in a batch.</summary>
    Batch,

    /// <summary>The texts of a group among each other.</summary>
    ParaphraseSet,

    /// <summary>The texts of a group each with its own label.</summary>
    ContrastSet,
}

/// <summary>Predictions that must agree.</summary>
public sealed record ConsistencyTest : RateTest
{
    /// <summary>What must agree.</summary>
    public ConsistencyKind Kind { get; init; }

    /// <summary>Calls compared, for <see cref="ConsistencyKind.Repeat"/>; at least 2.</summary>
    public int Repeats { get; init; } = 2;

    /// <summary>Greatest difference of a probability.</summary>
    public double Tolerance { get; init; }

    /// <summary>Column that names the group, for sets.</summary>
    public string? Group { get; init; }
}

/// <summary>Outputs held against an approved file.</summary>
public sealed record SnapshotTest : SpecTest
{
    /// <summary>Texts written in the spec.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Explanation method whose scores are part of the snapshot, or null.</summary>
    public string? Method { get; init; }

    /// <summary>Model calls an explanation.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>Most examples of the dataset.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>How numbers are compared.</summary>
    public SnapshotRules Rules { get; init; } = new();
}

/// <summary>The measures that specs name.</summary>
public static class MetricNames
{
    /// <summary>Measures of a <c>metric</c> test.</summary>
    public static IReadOnlyList<string> Metrics { get; } =
    [
        "accuracy",
        "macro_f1",
        "micro_f1",
        "weighted_f1",
        "balanced_accuracy",
        "mcc",
        "kappa",
        "auroc",
        "auroc_ovo",
        "log_loss",
        "brier",
        "selective_risk",
    ];

    /// <summary>Measures of a <c>calibration</c> test.</summary>
    public static IReadOnlyList<string> Calibration { get; } =
    ["ece", "adaptive_ece", "mce", "classwise_ece", "brier", "log_loss"];
}
