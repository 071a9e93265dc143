using System.Globalization;
using System.Text;
using Whylight.Harness.Specs;
using Whylight.Measures;

namespace Whylight.Harness.Reports;

/// <summary>Suite reports as one self-contained page: no scripts, nothing loaded from elsewhere.</summary>
internal static class SuiteHtml
{
    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}"
        + "table{border-collapse:collapse;width:100%}td,th{padding:.4rem .6rem;text-align:left;vertical-align:top;border-top:1px solid #d0d7de}"
        + ".passed{color:#0a5ea8}.failed,.error{color:#a8440a}.inconclusive,.skipped{color:#57606a}code{font-size:.85em;word-break:break-all}"
        + "ins{background:#fde3cf;text-decoration:none;outline:1px solid #a8440a}svg{display:block}"
        + "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}.passed{color:#6cb6ff}"
        + ".failed,.error{color:#f0a06a}.inconclusive,.skipped{color:#9da7b1}ins{background:#5a2d0c;color:#fff}}";

    public static string Write(IReadOnlyList<SuiteOutcome> outcomes)
    {
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>whylight check</title>");
        html.Append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        );
        html.Append(CultureInfo.InvariantCulture, $"<style>{Style}</style></head><body>\n");
        foreach (SuiteReport report in outcomes.Select(o => o.Report))
        {
            string verdict = SuiteFormats.Name(report.Verdict);
            html.Append(
                CultureInfo.InvariantCulture,
                $"<h1>{Escape.Html(report.Suite)} <span class=\"{verdict}\">{SuiteFormats.Mark(report.Verdict)} {verdict}</span></h1>\n"
            );
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p>{Escape.Html(report.Model)} <code>{Escape.Html(report.ModelHash)}</code>, seed {report.Seed}</p>\n<table><tr><th>test</th><th>verdict</th><th>bounds</th><th>result</th></tr>\n"
            );
            foreach (TestResult test in report.Tests)
            {
                string name = SuiteFormats.Name(test.Verdict);
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr><td>{Escape.Html(test.Id)}<br><small>{Escape.Html(test.Type)}</small></td><td class=\"{name}\">{SuiteFormats.Mark(test.Verdict)} {name}</td><td>{Bar(test)}</td><td>{Escape.Html(test.Message)}"
                );
                if (test.Counterexample is { Shrunk.Edits.Count: > 0 } found)
                {
                    html.Append(
                        CultureInfo.InvariantCulture,
                        $"<br>{Escape.Html(found.Before.Label)}: {Marked(found.Shrunk.Text, found.Shrunk.Edits.Edits.Select(e => (e.Start, e.End)))}"
                    );
                    html.Append(
                        CultureInfo.InvariantCulture,
                        $"<br>{Escape.Html(found.After.Label)}: {Marked(found.Shrunk.Edited, found.Shrunk.Edits.Invert(found.Shrunk.Text).Edits.Select(e => (e.Start, e.End)))}"
                    );
                }
                if (test.Replay is not null)
                {
                    html.Append(
                        CultureInfo.InvariantCulture,
                        $"<details><summary>replay</summary><code>{Escape.Html(test.Replay)}</code></details>"
                    );
                }
                html.Append("</td></tr>\n");
            }
            html.Append("</table>\n");
            foreach (string notice in report.Notices)
            {
                html.Append(CultureInfo.InvariantCulture, $"<p>{Escape.Html(notice)}</p>\n");
            }
        }
        return html.Append("</body></html>\n").ToString();
    }

    // The bounds on a line from 0 to 1, with the value as a dot and the threshold as a tick.
    private static string Bar(TestResult test)
    {
        if (
            test.Interval is not Interval interval
            || (test.Rate ?? test.Score) is not double value
            || interval.Lower < 0
            || interval.Upper > 1
        )
        {
            return "";
        }
        string title = string.Create(
            CultureInfo.InvariantCulture,
            $"{value:0.000}, bounds {interval.Lower:0.000} to {interval.Upper:0.000}, threshold {test.Threshold:0.000}"
        );
        string threshold = test.Threshold is double t and >= 0 and <= 1
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"<path d=\"M{X(t)} 3V21\" stroke=\"currentColor\" stroke-dasharray=\"2 2\"/>"
            )
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<svg width=\"160\" height=\"24\" role=\"img\" aria-label=\"{title}\"><title>{title}</title><path d=\"M5 12H155\" stroke=\"currentColor\" opacity=\".25\"/><path d=\"M{X(interval.Lower)} 12H{X(interval.Upper)}\" stroke=\"currentColor\" stroke-width=\"3\"/>{threshold}<circle cx=\"{X(value)}\" cy=\"12\" r=\"4\" fill=\"currentColor\"/></svg>"
        );

        static string X(double share) => (5 + 150 * share).ToString("0.#", CultureInfo.InvariantCulture);
    }

    private static string Marked(string whole, IEnumerable<(int Start, int End)> ranges)
    {
        StringBuilder marked = new();
        int from = 0;
        foreach ((int start, int end) in ranges)
        {
            marked.Append(Escape.Html(whole[from..start]));
            marked.Append(CultureInfo.InvariantCulture, $"<ins>{Escape.Html(whole[start..end])}</ins>");
            from = end;
        }
        return marked.Append(Escape.Html(whole[from..])).ToString();
    }
}
