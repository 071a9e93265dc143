namespace Whylight.Documents.Configuration;

/// <summary>One entry of <c>files:</c>: how the files that match a pattern are read, and by which model.</summary>
public sealed record FileRule
{
    /// <summary>The pattern, relative to the folder of whylight.yaml.</summary>
    public required string Glob { get; init; }

    /// <summary>Model as the command line takes it: <c>builtin:NAME</c> or a full path; null: the default for the file's kind.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the entry says <c>model: none</c>: these files are left alone.</summary>
    public bool Excluded { get; init; }

    /// <summary>How the files are read.</summary>
    public required ReadOptions Options { get; init; }

    /// <summary>Labels that a causal language model chooses between; empty where the model has labels of its own.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether a choice's score is the mean over its tokens in place of their sum.</summary>
    public bool LengthNormalized { get; init; }

    /// <summary>The content-free text whose scores are subtracted from those of choices; null: none.</summary>
    public string? ContentFreeText { get; init; }

    /// <summary>The content-free text where a user asks for calibration and names none.</summary>
    public const string UsualContentFreeText = "N/A";

    /// <summary>First UTF-16 offset of the entry in whylight.yaml.</summary>
    public required int Start { get; init; }

    /// <summary>One past the last.</summary>
    public required int End { get; init; }

    internal Glob? Pattern { get; init; }
}
