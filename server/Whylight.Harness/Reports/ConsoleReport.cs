using System.Globalization;
using System.Text;
using Whylight.Harness.Findings;
using Whylight.Harness.Specs;
using Whylight.Perturbations;

namespace Whylight.Harness.Reports;

/// <summary>A suite's report for a terminal.</summary>
public static class ConsoleReport
{
    private const string Reset = "\u001b[0m";
    private const string Bold = "\u001b[1m";
    private const string Dim = "\u001b[2m";

    /// <summary>The report: a line a test, below it whatever its reader needs to act.</summary>
    /// <param name="report">The report.</param>
    /// <param name="color">Whether the terminal takes colours; without them the marks say the same.</param>
    public static string Write(SuiteReport report, bool color = false)
    {
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{On(Bold)}{Escape.Terminal(report.Suite)}{Off()}  {On(Dim)}{Escape.Terminal(report.Model)} {report.ModelHash[..Math.Min(12, report.ModelHash.Length)]}, seed {report.Seed}{Off()}\n"
        );
        int width = report.Tests.Select(t => t.Id.Length).DefaultIfEmpty(0).Max();
        foreach (TestResult test in report.Tests)
        {
            string colour = Colour(test.Verdict);
            string severity = test.Severity == FindingSeverity.Error ? "" : $" [{LintFormats.Name(test.Severity)}]";
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {On(colour)}{SuiteFormats.Mark(test.Verdict)} {test.Id.PadRight(width)}  {SuiteFormats.Name(test.Verdict), -12}{Off()}{severity} {Escape.Terminal(test.Message)}\n"
            );
            string indent = new(' ', 4);
            if (test.Counterexample is { } found && test.Verdict != Verdict.Passed)
            {
                if (found.Shrunk.Edits.Count > 0)
                {
                    string minimal = found.Minimal ? "smallest counterexample" : "counterexample";
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $"{indent}{minimal}: {string.Join(", ", found.Shrunk.Edits.Edits.Select(e => e.Perturbation).Distinct())}\n"
                    );
                    Line(
                        found.Before.Label,
                        found.Before.Confidence,
                        Marked(found.Shrunk.Text, found.Shrunk.Edits.Edits.Select(e => (e.Start, e.End)))
                    );
                    EditSequence back = found.Shrunk.Edits.Invert(found.Shrunk.Text);
                    Line(
                        found.After.Label,
                        found.After.Confidence,
                        Marked(found.Shrunk.Edited, back.Edits.Select(e => (e.Start, e.End)))
                    );
                    if (found.Original.Edited != found.Shrunk.Edited)
                    {
                        text.Append(
                            CultureInfo.InvariantCulture,
                            $"{indent}{On(Dim)}shrunk from: {Escape.Terminal(SuiteMessages.Cut(found.Original.Edited))}{Off()}\n"
                        );
                    }
                }
                else
                {
                    Line(
                        found.After.Label,
                        found.After.Confidence,
                        Escape.Terminal(SuiteMessages.Cut(found.Shrunk.Text))
                    );
                }
            }
            if (test.Snapshot is { Diff.Length: > 0 } snapshot)
            {
                foreach (string line in snapshot.Diff.Split('\n').Take(40))
                {
                    string tint =
                        line.StartsWith('+') ? "\u001b[32m"
                        : line.StartsWith('-') ? "\u001b[31m"
                        : Dim;
                    text.Append(CultureInfo.InvariantCulture, $"{indent}{On(tint)}{Escape.Terminal(line)}{Off()}\n");
                }
            }
            if (test.Replay is not null && test.Verdict is Verdict.Failed or Verdict.Inconclusive)
            {
                text.Append(CultureInfo.InvariantCulture, $"{indent}{On(Dim)}replay: {test.Replay}{Off()}\n");
            }

            void Line(string label, double confidence, string shown) =>
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{indent}  {Escape.Terminal(label), -10} {SuiteMessages.Percent(confidence), 7}  {shown}\n"
                );
        }
        foreach (string notice in report.Notices)
        {
            text.Append(CultureInfo.InvariantCulture, $"  note: {Escape.Terminal(notice)}\n");
        }
        string[] counts = Enum.GetValues<Verdict>()
            .Select(v => (Verdict: v, Count: report.Tests.Count(t => t.Verdict == v)))
            .Where(c => c.Count > 0 || c.Verdict is Verdict.Passed or Verdict.Failed)
            .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Count} {SuiteFormats.Name(c.Verdict)}"))
            .ToArray();
        string elapsed = report.ElapsedMs is double ms
            ? string.Create(CultureInfo.InvariantCulture, $" in {ms / 1000:0.0} s")
            : "";
        text.Append(
            CultureInfo.InvariantCulture,
            $"{On(Colour(report.Verdict))}{Escape.Terminal(report.Suite)} {SuiteFormats.Name(report.Verdict)}{Off()}: {string.Join(", ", counts)}{elapsed}\n"
        );
        return text.ToString();

        string On(string code) => color ? code : "";
        string Off() => color ? Reset : "";
        // Without colours, what differs stands in brackets.
        string Marked(string whole, IEnumerable<(int Start, int End)> ranges)
        {
            StringBuilder marked = new();
            int from = 0;
            foreach ((int start, int end) in ranges)
            {
                marked.Append(Escape.Terminal(whole[from..start]));
                marked.Append(color ? "\u001b[7m" : "[");
                marked.Append(Escape.Terminal(whole[start..end]));
                marked.Append(color ? "\u001b[27m" : "]");
                from = end;
            }
            return marked.Append(Escape.Terminal(whole[from..])).ToString();
        }
    }

    private static string Colour(Verdict verdict) =>
        verdict switch
        {
            Verdict.Passed => "\u001b[32m",
            Verdict.Failed or Verdict.Error => "\u001b[31m",
            Verdict.Inconclusive => "\u001b[33m",
            _ => "\u001b[2m",
        };
}
