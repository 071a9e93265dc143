using System.Text.Json;

namespace Whylight.LanguageServer.State;

/// <summary>Looks into settings, whose shape is the user's.</summary>
internal static class Json
{
    /// <summary>A property of an object, or null.</summary>
    public static JsonElement? Property(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out JsonElement value)
            ? value
            : null;

    /// <summary>A boolean property, or the default where it is absent or something else.</summary>
    public static bool Flag(JsonElement? element, string name, bool otherwise) =>
        Property(element, name)?.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => otherwise,
        };
}
