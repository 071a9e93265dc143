using System.Text.Json;

namespace Whylight.LanguageServer.State;

/// <summary>The user's settings of section <c>whylight</c>.</summary>
internal sealed record Settings
{
    public bool Hover { get; init; } = true;

    public bool Diagnostics { get; init; } = true;

    /// <summary>Reads the section; what is absent or of another type keeps its default.</summary>
    public static Settings From(JsonElement? section) =>
        new()
        {
            Hover = Json.Flag(Json.Property(section, "hover"), "enable", true),
            Diagnostics = Json.Flag(Json.Property(section, "diagnostics"), "enable", true),
        };
}
