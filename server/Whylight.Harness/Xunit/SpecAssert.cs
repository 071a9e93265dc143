using Whylight.Harness.Reports;
using Whylight.Harness.Specs;
using Whylight.Models;

namespace Whylight.Harness.Xunit;

/// <summary>A test of a spec does not hold; the message is its report, replay string included.</summary>
public sealed class SpecFailedException : Exception
{
    /// <summary>An exception with a report as its message.</summary>
    public SpecFailedException(string message)
        : base(message) { }

    /// <summary>The same, keeping the exception that led here.</summary>
    public SpecFailedException(string message, Exception inner)
        : base(message, inner) { }
}

/// <summary>Holds tests of spec files against models, for unit tests.</summary>
public static class SpecAssert
{
    /// <summary>
    /// Runs one test of a spec and throws where it failed or could not be run; inconclusive is no failure. The test stands
    /// alone here, so no correction for the suite's many tests is made.
    /// </summary>
    /// <param name="specPath">Path of the spec.</param>
    /// <param name="testId">The test's id.</param>
    /// <param name="model">The model; the spec's own <c>model</c> is not loaded.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellation">Stops between model calls.</param>
    /// <returns>The report, for whoever wants more than a verdict.</returns>
    /// <exception cref="SpecFailedException">The test failed, or the spec has no test of that id.</exception>
    public static async Task<SuiteReport> HoldsAsync(
        string specPath,
        string testId,
        ITextClassifier model,
        SuiteOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        SpecFile spec = SpecReader.Load(specPath);
        if (spec.Tests.All(t => t.Id != testId))
        {
            throw new SpecFailedException($"{specPath} has no test '{testId}'");
        }
        SuiteReport report = await SuiteRunner
            .RunAsync(spec, model, (options ?? new SuiteOptions()) with { Test = testId }, null, cancellation)
            .ConfigureAwait(false);
        TestResult result = report.Tests.Single(t => t.Id == testId);
        return result.Verdict is Verdict.Failed or Verdict.Error
            ? throw new SpecFailedException(ConsoleReport.Write(report with { Tests = [result] }))
            : report;
    }
}
