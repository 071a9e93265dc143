namespace Whylight.Documents.Configuration;

/// <summary>What whylight.yaml says of one diagnostic; null: nothing, so the diagnostic's own default holds.</summary>
public sealed record DiagnosticSettings
{
    /// <summary>error, warning, information, hint or off.</summary>
    public string? Severity { get; init; }

    /// <summary>Whether it is looked for at all; severity off means false.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The perturbations tried.</summary>
    public IReadOnlyList<PerturbationSetting>? Perturbations { get; init; }

    /// <summary>Edited texts tried an example, at least 1.</summary>
    public int? Samples { get; init; }

    /// <summary>Most edits in one edited text, at least 1.</summary>
    public int? MaxEdits { get; init; }

    /// <summary>The diagnostic's threshold, in [0, 1], such as the confidence below which a prediction is low.</summary>
    public double? Threshold { get; init; }

    /// <summary>Seed of everything sampled.</summary>
    public ulong? Seed { get; init; }
}
