using Whylight.Documents;
using Whylight.Harness.Search;

namespace Whylight.Harness.Findings;

/// <summary>How serious a finding is, in the words of the language server protocol.</summary>
public enum FindingSeverity
{
    /// <summary>Wrong.</summary>
    Error,

    /// <summary>Probably wrong.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Shown only on demand.</summary>
    Hint,
}

/// <summary>Another place that belongs to a finding.</summary>
/// <param name="File">The file, as given.</param>
/// <param name="Start">First UTF-16 offset in the file.</param>
/// <param name="End">One past the last.</param>
/// <param name="StartPosition">Line and character of the start, zero-based.</param>
/// <param name="EndPosition">Line and character of the end.</param>
/// <param name="Message">What is there.</param>
public sealed record RelatedPlace(
    string File,
    int Start,
    int End,
    LinePosition StartPosition,
    LinePosition EndPosition,
    string Message
);

/// <summary>Something about a model's behaviour on one example; the same in the editor and on the command line.</summary>
/// <remarks>Messages quote text from files as it is: whoever shows them escapes it for their sink.</remarks>
public sealed record Finding
{
    /// <summary>The file, as given.</summary>
    public required string File { get; init; }

    /// <summary>First UTF-16 offset in the file.</summary>
    public required int Start { get; init; }

    /// <summary>One past the last.</summary>
    public required int End { get; init; }

    /// <summary>Line and UTF-16 character of the start, zero-based.</summary>
    public required LinePosition StartPosition { get; init; }

    /// <summary>Line and UTF-16 character of the end, zero-based.</summary>
    public required LinePosition EndPosition { get; init; }

    /// <summary>How serious it is.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>One of <see cref="FindingCodes"/>, or the code of a document's problem.</summary>
    public required string Code { get; init; }

    /// <summary>One plain sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Other places that belong to it.</summary>
    public IReadOnlyList<RelatedPlace> Related { get; init; } = [];

    /// <summary>Number of the example among the file's examples, or null where the finding is about the file.</summary>
    public int? Example { get; init; }

    /// <summary>For an unstable prediction, the smallest edit found.</summary>
    public Counterexample? Counterexample { get; init; }
}
