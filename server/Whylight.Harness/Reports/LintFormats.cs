using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Whylight.Documents;
using Whylight.Harness.Findings;

namespace Whylight.Harness.Reports;

/// <summary>Findings as text, JSON, SARIF and GitHub annotations.</summary>
public static class LintFormats
{
    /// <summary>Version of the JSON document.</summary>
    public const int SchemaVersion = 1;

    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        [FindingCodes.UnstablePrediction] = "The prediction changes under a harmless edit.",
        [FindingCodes.LabelDisagreement] = "The model predicts another label than the row carries.",
        [FindingCodes.LowConfidence] = "The model hardly prefers its label.",
        [FindingCodes.ContradictingDuplicates] = "The same text carries different labels.",
        [FindingCodes.TruncatedInput] = "The model reads only the beginning of the text.",
        [FindingCodes.UnknownTokens] = "The model has no token for a part of the text.",
        [FindingCodes.InjectionRisk] = "A model of prompt injections takes the text for one.",
        [FindingCodes.UnknownLabel] = "The row's label is none of the model's labels.",
    };

    /// <summary>One line a finding, <c>file:line:column: severity code: message</c>, both counted from one; then a count.</summary>
    public static string Text(IReadOnlyList<Finding> findings, bool color = false)
    {
        StringBuilder text = new();
        foreach (Finding finding in findings)
        {
            (string on, string off) = !color ? ("", "") : (Colour(finding.Severity), "\u001b[0m");
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{Escape.Terminal(finding.File)}:{finding.StartPosition.Line + 1}:{finding.StartPosition.Character + 1}: {on}{Name(finding.Severity)}{off} {finding.Code}: {Escape.Terminal(finding.Message)}\n"
            );
            text.Append(line);
        }
        int errors = findings.Count(f => f.Severity == FindingSeverity.Error);
        int warnings = findings.Count(f => f.Severity == FindingSeverity.Warning);
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Count(errors, "error")}, {Count(warnings, "warning")}, {Count(findings.Count - errors - warnings, "note")}\n"
        );
        return text.ToString();

        static string Count(int n, string what) =>
            string.Create(CultureInfo.InvariantCulture, $"{n} {what}{(n == 1 ? "" : "s")}");
    }

    /// <summary>The document of the command line's <c>--format json</c>: zero-based positions, as the language server sends them.</summary>
    public static string Json(IReadOnlyList<Finding> findings)
    {
        JsonArray array = [];
        foreach (Finding finding in findings)
        {
            JsonArray related = [];
            foreach (RelatedPlace place in finding.Related)
            {
                related.Add(
                    (JsonNode)
                        new JsonObject
                        {
                            ["file"] = place.File,
                            ["start"] = Position(place.StartPosition),
                            ["end"] = Position(place.EndPosition),
                            ["message"] = place.Message,
                        }
                );
            }
            JsonObject item = new()
            {
                ["file"] = finding.File,
                ["start"] = Position(finding.StartPosition),
                ["end"] = Position(finding.EndPosition),
                ["severity"] = Name(finding.Severity),
                ["code"] = finding.Code,
                ["message"] = finding.Message,
                ["related"] = related,
            };
            if (finding.Counterexample is not null)
            {
                item["counterexample"] = CounterexampleJson.Of(finding.Counterexample);
            }
            array.Add((JsonNode)item);
        }
        return ReportJson.Write(new JsonObject { ["schemaVersion"] = SchemaVersion, ["findings"] = array });

        static JsonObject Position(LinePosition at) => new() { ["line"] = at.Line, ["character"] = at.Character };
    }

    /// <summary>A SARIF 2.1.0 log (OASIS), columns in UTF-16 code units.</summary>
    public static string Sarif(IReadOnlyList<Finding> findings)
    {
        string[] rules = findings.Select(f => f.Code).Distinct().Order(StringComparer.Ordinal).ToArray();
        JsonArray results = [];
        foreach (Finding finding in findings)
        {
            JsonArray related = [];
            foreach (RelatedPlace place in finding.Related)
            {
                JsonObject location = SarifLog.Location(place.File, place.StartPosition, place.EndPosition);
                location["message"] = new JsonObject { ["text"] = place.Message };
                related.Add((JsonNode)location);
            }
            JsonObject result = SarifLog.Result(
                finding.Code,
                Array.IndexOf(rules, finding.Code),
                finding.Severity switch
                {
                    FindingSeverity.Error => "error",
                    FindingSeverity.Warning => "warning",
                    _ => "note",
                },
                finding.Message,
                SarifLog.Location(finding.File, finding.StartPosition, finding.EndPosition)
            );
            if (related.Count > 0)
            {
                result["relatedLocations"] = related;
            }
            results.Add((JsonNode)result);
        }
        return ReportJson.Write(
            SarifLog.Of(rules.Select(r => (r, Descriptions.GetValueOrDefault(r, "A problem of the file."))), results)
        );
    }

    /// <summary>GitHub workflow commands, one annotation a finding.</summary>
    public static string GitHub(IReadOnlyList<Finding> findings)
    {
        StringBuilder text = new();
        foreach (Finding finding in findings)
        {
            string command = finding.Severity switch
            {
                FindingSeverity.Error => "error",
                FindingSeverity.Warning => "warning",
                _ => "notice",
            };
            (LinePosition from, LinePosition to) = (finding.StartPosition, finding.EndPosition);
            // GitHub takes columns only where the annotation stays on one line.
            string columns =
                from.Line == to.Line
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $",col={from.Character + 1},endColumn={to.Character + 1}"
                    )
                    : "";
            text.Append(
                CultureInfo.InvariantCulture,
                $"::{command} file={Escape.GitHubProperty(finding.File)},line={from.Line + 1},endLine={to.Line + 1}{columns},title={Escape.GitHubProperty(finding.Code)}::{Escape.GitHubData(finding.Message)}\n"
            );
        }
        return text.ToString();
    }

    internal static string Name(FindingSeverity severity) =>
        severity switch
        {
            FindingSeverity.Error => "error",
            FindingSeverity.Warning => "warning",
            FindingSeverity.Information => "information",
            _ => "hint",
        };

    private static string Colour(FindingSeverity severity) =>
        severity switch
        {
            FindingSeverity.Error => "\u001b[31m",
            FindingSeverity.Warning => "\u001b[33m",
            _ => "\u001b[36m",
        };
}
