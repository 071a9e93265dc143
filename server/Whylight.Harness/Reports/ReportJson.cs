using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Whylight.Harness.Reports;

/// <summary>How reports are written as JSON: indented, LF, doubles that round-trip, non-ASCII as it is.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // Reports are files and standard output, never part of an HTML page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions OneLine = new(Indented) { WriteIndented = false };

    public static string Write(JsonNode node) => node.ToJsonString(Indented) + "\n";

    public static string WriteLine(JsonNode node) => node.ToJsonString(OneLine);

    /// <summary>A number, or null where it is not finite: JSON has no NaN.</summary>
    public static JsonNode? Number(double? value) =>
        value is double v && double.IsFinite(v) ? JsonValue.Create(v) : null;
}
