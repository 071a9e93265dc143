using System.Text.Json.Nodes;
using Whylight.Documents;

namespace Whylight.Harness.Reports;

/// <summary>The parts of a SARIF 2.1.0 log that we need.</summary>
internal static class SarifLog
{
    public static JsonObject Of(IEnumerable<(string Id, string Description)> rules, JsonArray results)
    {
        JsonArray described = [];
        foreach ((string id, string description) in rules)
        {
            described.Add(
                (JsonNode)
                    new JsonObject
                    {
                        ["id"] = id,
                        ["shortDescription"] = new JsonObject { ["text"] = description },
                    }
            );
        }
        JsonObject driver = new()
        {
            ["name"] = "whylight",
            ["version"] = typeof(SarifLog).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
            ["rules"] = described,
        };
        JsonObject run = new()
        {
            ["tool"] = new JsonObject { ["driver"] = driver },
            ["columnKind"] = "utf16CodeUnits",
            ["results"] = results,
        };
        return new JsonObject
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(run),
        };
    }

    public static JsonObject Result(string rule, int ruleIndex, string level, string message, JsonObject location) =>
        new()
        {
            ["ruleId"] = rule,
            ["ruleIndex"] = ruleIndex,
            ["level"] = level,
            ["message"] = new JsonObject { ["text"] = message },
            ["locations"] = new JsonArray(location),
        };

    public static JsonObject Location(string file, LinePosition start, LinePosition end) =>
        new()
        {
            ["physicalLocation"] = new JsonObject
            {
                ["artifactLocation"] = new JsonObject { ["uri"] = Uri(file) },
                ["region"] = new JsonObject
                {
                    ["startLine"] = start.Line + 1,
                    ["startColumn"] = start.Character + 1,
                    ["endLine"] = end.Line + 1,
                    ["endColumn"] = end.Character + 1,
                },
            },
        };

    private static string Uri(string file)
    {
        string forward = file.Replace('\\', '/');
        return Path.IsPathRooted(file)
            ? new Uri(file).AbsoluteUri
            : string.Join('/', forward.Split('/').Select(System.Uri.EscapeDataString));
    }
}
