namespace Whylight.Documents.Configuration;

/// <summary>The <c>explain:</c> part of whylight.yaml.</summary>
public sealed record ExplainSettings
{
    /// <summary>Method name of the command line; <c>auto</c> by default.</summary>
    public string Method { get; init; } = "auto";

    /// <summary>Model calls an explanation may spend, at least 1.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>What a feature is: word, token, phrase, sentence or field.</summary>
    public string? Features { get; init; }

    /// <summary>The value explained: logit, probability, log_odds, contrast or sequence_log_probability.</summary>
    public string? Value { get; init; }

    /// <summary>What absence means, in snake case; null: the model family's own.</summary>
    public string? Absence { get; init; }

    /// <summary>Seed of everything sampled; null: the tool's own.</summary>
    public ulong? Seed { get; init; }
}
