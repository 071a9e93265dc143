using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;
using Whylight.Documents;
using Whylight.Harness.Findings;
using Whylight.Harness.Specs;
using Whylight.Measures;

namespace Whylight.Harness.Reports;

/// <summary>A suite's report with the spec that it is of.</summary>
/// <param name="Spec">The spec, for the places of its tests.</param>
/// <param name="Report">What became of it.</param>
public sealed record SuiteOutcome(SpecFile Spec, SuiteReport Report);

/// <summary>Suite reports for people, machines and build servers.</summary>
public static class SuiteFormats
{
    /// <summary>Version of the JSON document.</summary>
    public const int SchemaVersion = 1;

    /// <summary>The kinds that <c>--report KIND=FILE</c> takes.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    ["json", "junit", "sarif", "markdown", "github", "html", "text"];

    /// <summary>A report of any kind.</summary>
    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public static string Write(string kind, IReadOnlyList<SuiteOutcome> outcomes) =>
        kind switch
        {
            "json" => Json(outcomes),
            "junit" => JUnit(outcomes),
            "sarif" => Sarif(outcomes),
            "markdown" => Markdown(outcomes),
            "github" => GitHub(outcomes),
            "html" => SuiteHtml.Write(outcomes),
            "text" => string.Concat(outcomes.Select(o => ConsoleReport.Write(o.Report))),
            _ => throw new ArgumentException($"there is no report '{kind}'; there are {string.Join(", ", Kinds)}"),
        };

    /// <summary>The document of the command line's <c>--format json</c>: the suite itself, or <c>suites</c> where there are several.</summary>
    public static string Json(IReadOnlyList<SuiteOutcome> outcomes)
    {
        if (outcomes.Count == 1)
        {
            return ReportJson.Write(SuiteJson(outcomes[0].Report, version: true));
        }
        JsonArray suites = [];
        foreach (SuiteOutcome outcome in outcomes)
        {
            suites.Add((JsonNode)SuiteJson(outcome.Report, version: false));
        }
        return ReportJson.Write(new JsonObject { ["schemaVersion"] = SchemaVersion, ["suites"] = suites });
    }

    /// <summary>JUnit XML after the Surefire schema; inconclusive reads as skipped, with its message.</summary>
    public static string JUnit(IReadOnlyList<SuiteOutcome> outcomes)
    {
        StringBuilder text = new();
        XmlWriterSettings settings = new()
        {
            Indent = true,
            NewLineChars = "\n",
            OmitXmlDeclaration = true,
        };
        text.Append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        using (XmlWriter xml = XmlWriter.Create(text, settings))
        {
            xml.WriteStartElement("testsuites");
            foreach (SuiteReport report in outcomes.Select(o => o.Report))
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", report.Suite);
                xml.WriteAttributeString("time", Seconds(report.ElapsedMs));
                xml.WriteAttributeString("tests", Number(report.Tests.Count));
                xml.WriteAttributeString("errors", Number(report.Tests.Count(t => t.Verdict == Verdict.Error)));
                xml.WriteAttributeString(
                    "skipped",
                    Number(report.Tests.Count(t => t.Verdict is Verdict.Inconclusive or Verdict.Skipped))
                );
                xml.WriteAttributeString("failures", Number(report.Tests.Count(t => t.Verdict == Verdict.Failed)));
                xml.WriteStartElement("properties");
                Property(xml, "model", report.Model);
                Property(xml, "modelHash", report.ModelHash);
                Property(xml, "seed", report.Seed.ToString(CultureInfo.InvariantCulture));
                xml.WriteEndElement();
                foreach (TestResult test in report.Tests)
                {
                    TestCase(xml, report, test);
                }
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        return text.Append('\n').ToString();
    }

    /// <summary>A SARIF 2.1.0 log of what failed or could not be told, at the tests' places in the specs.</summary>
    public static string Sarif(IReadOnlyList<SuiteOutcome> outcomes)
    {
        List<(string Id, string Description)> rules = [];
        JsonArray results = [];
        foreach (SuiteOutcome outcome in outcomes)
        {
            foreach (TestResult test in outcome.Report.Tests.Where(Notable))
            {
                string rule = $"{outcome.Report.Suite}/{test.Id}";
                SpecTest? spec = outcome.Spec.Tests.FirstOrDefault(t => t.Id == test.Id);
                rules.Add((rule, spec?.Description ?? $"{test.Type} test {test.Id}"));
                JsonObject result = SarifLog.Result(
                    rule,
                    rules.Count - 1,
                    Level(test),
                    Message(test),
                    SarifLog.Location(
                        outcome.Spec.Path,
                        outcome.Spec.Lines.PositionOf(test.Start),
                        outcome.Spec.Lines.PositionOf(test.End)
                    )
                );
                if (test.Replay is not null)
                {
                    result["properties"] = new JsonObject { ["replay"] = test.Replay };
                }
                results.Add((JsonNode)result);
            }
        }
        return ReportJson.Write(SarifLog.Of(rules, results));
    }

    /// <summary>Markdown for a GitHub step summary.</summary>
    public static string Markdown(IReadOnlyList<SuiteOutcome> outcomes)
    {
        StringBuilder text = new();
        foreach (SuiteReport report in outcomes.Select(o => o.Report))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"## {Mark(report.Verdict)} {Escape.Markdown(report.Suite)}: {Name(report.Verdict)}\n\n"
            );
            text.Append(
                CultureInfo.InvariantCulture,
                $"Model {Escape.Markdown(report.Model)} (`{report.ModelHash[..Math.Min(12, report.ModelHash.Length)]}`), seed {report.Seed}.\n\n"
            );
            text.Append("| | test | verdict | result | examples |\n|---|---|---|---|---:|\n");
            foreach (TestResult test in report.Tests)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {Mark(test.Verdict)} | {Escape.Markdown(test.Id)} | {Name(test.Verdict)} | {Escape.Markdown(test.Message)} | {test.N} |\n"
                );
            }
            text.Append('\n');
            foreach (TestResult test in report.Tests.Where(t => t.Counterexample is not null))
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"**{Escape.Markdown(test.Id)}**: {Escape.Markdown(Shown(test))}\n\n"
                );
            }
            foreach (TestResult test in report.Tests.Where(t => t.Replay is not null && t.Verdict != Verdict.Passed))
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"<details><summary>replay {Escape.Html(test.Id)}</summary>\n\n`{test.Replay}`\n\n</details>\n\n"
                );
            }
            foreach (string notice in report.Notices)
            {
                text.Append(CultureInfo.InvariantCulture, $"- {Escape.Markdown(notice)}\n");
            }
        }
        return text.ToString();
    }

    /// <summary>GitHub workflow commands, one annotation a test that did not pass.</summary>
    public static string GitHub(IReadOnlyList<SuiteOutcome> outcomes)
    {
        StringBuilder text = new();
        foreach (SuiteOutcome outcome in outcomes)
        {
            foreach (TestResult test in outcome.Report.Tests.Where(Notable))
            {
                string command = Level(test) switch
                {
                    "error" => "error",
                    "warning" => "warning",
                    _ => "notice",
                };
                LinePosition at = outcome.Spec.Lines.PositionOf(test.Start);
                string title = $"{outcome.Report.Suite}/{test.Id} {Name(test.Verdict)}";
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"::{command} file={Escape.GitHubProperty(outcome.Spec.Path)},line={at.Line + 1},col={at.Character + 1},title={Escape.GitHubProperty(title)}::{Escape.GitHubData(Message(test))}\n"
                );
            }
        }
        return text.ToString();
    }

    internal static bool Notable(TestResult test) =>
        test.Verdict is Verdict.Failed or Verdict.Error or Verdict.Inconclusive;

    internal static string Name(Verdict verdict) =>
        verdict switch
        {
            Verdict.Passed => "passed",
            Verdict.Failed => "failed",
            Verdict.Inconclusive => "inconclusive",
            Verdict.Error => "error",
            _ => "skipped",
        };

    internal static string Mark(Verdict verdict) =>
        verdict switch
        {
            Verdict.Passed => "✓",
            Verdict.Failed => "✗",
            Verdict.Inconclusive => "?",
            Verdict.Error => "!",
            _ => "-",
        };

    internal static string Shown(TestResult test) =>
        test.Counterexample is { } found && found.Shrunk.Edits.Count > 0
            ? SuiteMessages.Flipped(found)
            : $"\"{SuiteMessages.Cut(test.Counterexample!.Shrunk.Text)}\" → '{test.Counterexample.After.Label}' {SuiteMessages.Percent(test.Counterexample.After.Confidence)}";

    private static string Level(TestResult test) =>
        test.Verdict == Verdict.Inconclusive ? "note"
        : test.Verdict == Verdict.Error || test.Severity == FindingSeverity.Error ? "error"
        : test.Severity == FindingSeverity.Warning ? "warning"
        : "note";

    private static string Message(TestResult test) =>
        test.Counterexample is { Shrunk.Edits.Count: > 0 }
            ? $"{test.Message}; smallest found: {Shown(test)}"
            : test.Message;

    private static JsonObject SuiteJson(SuiteReport report, bool version)
    {
        JsonArray tests = [];
        foreach (TestResult test in report.Tests)
        {
            tests.Add((JsonNode)TestJson(test));
        }
        JsonObject json = version ? new JsonObject { ["schemaVersion"] = SchemaVersion } : [];
        json["suite"] = report.Suite;
        json["verdict"] = Name(report.Verdict);
        json["tests"] = tests;
        json["seed"] = report.Seed;
        json["model"] = report.Model;
        json["modelHash"] = report.ModelHash;
        json["spec"] = report.SpecPath;
        json["specHash"] = report.SpecHash;
        json["notices"] = new JsonArray(report.Notices.Select(n => (JsonNode)n).ToArray());
        if (report.ElapsedMs is double elapsed)
        {
            json["elapsedMs"] = elapsed;
        }
        return json;
    }

    private static JsonObject TestJson(TestResult test)
    {
        JsonObject json = new()
        {
            ["id"] = test.Id,
            ["type"] = test.Type,
            ["capability"] = test.Capability,
            ["severity"] = LintFormats.Name(test.Severity),
            ["verdict"] = Name(test.Verdict),
            ["rate"] = ReportJson.Number(test.Rate),
            ["score"] = ReportJson.Number(test.Score),
            ["interval"] = test.Interval is Interval interval
                ? new JsonArray(ReportJson.Number(interval.Lower), ReportJson.Number(interval.Upper))
                : null,
            ["intervalMethod"] = test.IntervalMethod,
            ["threshold"] = ReportJson.Number(test.Threshold),
            ["n"] = test.N,
            ["notApplicable"] = test.NotApplicable,
            ["counterexample"] = test.Counterexample is null ? null : CounterexampleJson.Of(test.Counterexample),
            ["replay"] = test.Replay,
            ["message"] = test.Message,
            ["modelCalls"] = test.ModelCalls,
        };
        if (test.ElapsedMs is double elapsed)
        {
            json["elapsedMs"] = elapsed;
        }
        return json;
    }

    private static void TestCase(XmlWriter xml, SuiteReport report, TestResult test)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", test.Id);
        xml.WriteAttributeString("classname", report.Suite);
        xml.WriteAttributeString("time", Seconds(test.ElapsedMs));
        string? element = test.Verdict switch
        {
            Verdict.Failed => "failure",
            Verdict.Error => "error",
            Verdict.Inconclusive or Verdict.Skipped => "skipped",
            _ => null,
        };
        if (element is not null)
        {
            xml.WriteStartElement(element);
            xml.WriteAttributeString("message", Escape.Xml(Message(test)));
            if (element != "skipped")
            {
                xml.WriteAttributeString("type", test.Type);
            }
            if (test.Replay is not null)
            {
                xml.WriteString($"replay: {test.Replay}");
            }
            xml.WriteEndElement();
        }
        if (test.Verdict == Verdict.Passed)
        {
            xml.WriteElementString("system-out", Escape.Xml(test.Message));
        }
        xml.WriteEndElement();
    }

    private static void Property(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("value", Escape.Xml(value));
        xml.WriteEndElement();
    }

    private static string Seconds(double? milliseconds) =>
        ((milliseconds ?? 0) / 1000).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}
