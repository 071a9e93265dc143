using Whylight.Documents;
using Whylight.Models;

namespace Whylight.Harness.Findings;

/// <summary>A file to lint and the model that serves it.</summary>
/// <param name="Document">The file as read.</param>
/// <param name="Model">The model, or null where nothing serves the file: then only its own problems are found.</param>
/// <param name="Options">What to look for; null: the runner's options.</param>
public sealed record LintInput(ParsedDocument Document, ITextClassifier? Model, FindingOptions? Options = null);

/// <summary>What linting found.</summary>
/// <param name="Findings">By file in the order given, then by place, then by code.</param>
/// <param name="ExitCode">0 nothing above information; 1 an error or warning; 2 bad input.</param>
public sealed record LintReport(IReadOnlyList<Finding> Findings, int ExitCode);

/// <summary><c>whylight lint</c>: the editor's findings for whole files.</summary>
public static class LintRunner
{
    /// <summary>Lints files one after another.</summary>
    /// <param name="inputs">The files.</param>
    /// <param name="options">What to look for where an input does not say.</param>
    /// <param name="found">Told of each finding as it is found.</param>
    /// <param name="cancellation">Stops between model calls.</param>
    public static async Task<LintReport> RunAsync(
        IReadOnlyList<LintInput> inputs,
        FindingOptions? options = null,
        IProgress<Finding>? found = null,
        CancellationToken cancellation = default
    )
    {
        List<Finding> all = [];
        foreach (LintInput input in inputs)
        {
            List<Finding> findings = [.. FindingEngine.Problems(input.Document)];
            findings.ForEach(f => found?.Report(f));
            if (input.Model is not null)
            {
                FindingEngine engine = new(input.Model, input.Options ?? options);
                await foreach (
                    Finding finding in engine.RunAsync(input.Document, null, cancellation).ConfigureAwait(false)
                )
                {
                    findings.Add(finding);
                    found?.Report(finding);
                }
            }
            all.AddRange(findings.OrderBy(f => f.Start).ThenBy(f => f.End).ThenBy(f => f.Code, StringComparer.Ordinal));
        }
        return new LintReport(all, ExitCodeOf(all));
    }

    /// <summary>2 where a label is none of the model's or a file is broken, 1 for another error or a warning, else 0.</summary>
    public static int ExitCodeOf(IReadOnlyList<Finding> findings)
    {
        bool bad = findings.Any(f =>
            f.Severity == FindingSeverity.Error
            && (f.Code == FindingCodes.UnknownLabel || !FindingCodes.All.Contains(f.Code))
        );
        return bad ? 2
            : findings.Any(f => f.Severity is FindingSeverity.Error or FindingSeverity.Warning) ? 1
            : 0;
    }
}
