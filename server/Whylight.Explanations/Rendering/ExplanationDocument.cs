using Whylight.Explanations.Evaluation;

namespace Whylight.Explanations.Rendering;

/// <summary>Where and for whom an explanation is shown.</summary>
public sealed record ViewOptions
{
    /// <summary>Language of the sentences.</summary>
    public Messages Messages { get; init; } = Messages.English;

    /// <summary>Colours of the terminal.</summary>
    public TerminalColour Colour { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = TerminalRenderer.DefaultWidth;

    /// <summary>The label that the data gives, or null.</summary>
    public string? Expected { get; init; }
}

/// <summary>An explanation in one of the forms that people read.</summary>
public static class ExplanationDocument
{
    /// <summary>Names of the forms, as on the command line.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["text", "markdown", "html", "svg"];

    /// <summary>The document, its last line ended.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="options">Where and for whom.</param>
    /// <param name="quality">The explanation's measures, or null.</param>
    /// <exception cref="ArgumentException">There is no such form.</exception>
    public static string Render(
        Explanation explanation,
        string format,
        ViewOptions options,
        ExplanationEvaluation? quality = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return format switch
        {
            "markdown" => MarkdownRenderer.Render(
                explanation,
                options.Messages,
                expected: options.Expected,
                quality: quality
            ),
            "html" => HtmlRenderer.Page(explanation, options.Messages, quality, options.Expected),
            "svg" => ExplanationPicture.Draw(explanation, options.Messages, quality, options.Expected) + "\n",
            "text" => TerminalRenderer.Render(
                explanation,
                options.Messages,
                options.Colour,
                expected: options.Expected,
                width: options.Width,
                quality: quality
            ),
            _ => throw new ArgumentException($"no form '{format}'", nameof(format)),
        };
    }
}
