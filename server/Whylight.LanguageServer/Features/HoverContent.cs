using Whylight.Explanations;
using Whylight.Models;

namespace Whylight.LanguageServer.Features;

/// <summary>What a hover says.</summary>
internal sealed record HoverContent
{
    /// <summary>What the model predicts, or null while it is being loaded or where it cannot be asked.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>The label that the data gives, or null.</summary>
    public string? Expected { get; init; }

    /// <summary>Why, or null while that is being worked out.</summary>
    public Explanation? Explanation { get; init; }

    /// <summary>Whether a better explanation is being worked out.</summary>
    public bool Computing { get; init; }

    /// <summary>Sentences instead of what is missing, not escaped: a refusal, a wait.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}
