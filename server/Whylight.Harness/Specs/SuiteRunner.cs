using System.Security.Cryptography;
using System.Text;
using Whylight.Documents;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Harness.Specs;

/// <summary>Runs suites: claim in, verdict out.</summary>
public static class SuiteRunner
{
    /// <summary>Runs a suite's tests on a model.</summary>
    /// <param name="spec">The suite, without problems.</param>
    /// <param name="model">The model; the caller's to dispose.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="progress">Told of examples judged and tests done.</param>
    /// <param name="cancellation">Stops between model calls.</param>
    /// <exception cref="DocumentException">The spec has problems.</exception>
    public static async Task<SuiteReport> RunAsync(
        SpecFile spec,
        ITextClassifier model,
        SuiteOptions? options = null,
        IProgress<SuiteProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        if (spec.Problems.Count > 0)
        {
            throw new DocumentException(spec.Describe(spec.Problems[0]));
        }
        options ??= new SuiteOptions();
        long started = TimeProvider.System.GetTimestamp();
        using SuiteRun run = new(spec, model, options, progress);
        (TestResult Result, Judgement? Judgement)[] outcomes = new (TestResult, Judgement?)[spec.Tests.Count];
        int jobs = spec.Limits.ModelCalls is null ? Math.Max(1, options.Jobs) : 1;
        using SemaphoreSlim slots = new(jobs);
        await Task.WhenAll(
                spec.Tests.Select(
                    async (test, i) =>
                    {
                        await slots.WaitAsync(cancellation).ConfigureAwait(false);
                        try
                        {
                            outcomes[i] = Selected(test, options)
                                ? await run.TestAsync(test, cancellation).ConfigureAwait(false)
                                : (run.Result(test, Verdict.Skipped, "left out by the filter"), null);
                        }
                        finally
                        {
                            slots.Release();
                        }
                    }
                )
            )
            .ConfigureAwait(false);
        run.Regressions.Save();
        TestResult[] tests = Correct(outcomes, spec.Statistics);
        return Report(spec, model, run.Seed, tests) with
        {
            Notices = options is { Filter: null, Test: null } ? run.Dangling() : [],
            ElapsedMs = options.Timing ? TimeProvider.System.GetElapsedTime(started).TotalMilliseconds : null,
        };
    }

    /// <summary>
    /// Runs one remembered failure again: failed where it still fails, passed where it does not. A replay string without a
    /// text runs its whole test with the seed it had.
    /// </summary>
    /// <param name="spec">The suite that the string names.</param>
    /// <param name="replay">The failure.</param>
    /// <param name="model">The model; another than the one that failed is allowed and noted.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellation">Stops between model calls.</param>
    /// <exception cref="ReplayException">The spec has no such test.</exception>
    public static async Task<SuiteReport> ReplayAsync(
        SpecFile spec,
        ReplayCase replay,
        ITextClassifier model,
        SuiteOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        SpecTest test =
            spec.Tests.FirstOrDefault(t => t.Id == replay.Test)
            ?? throw new ReplayException(
                $"{spec.Path} has no test '{replay.Test}'; the replay string is of suite '{replay.Suite}'"
            );
        options = (options ?? new SuiteOptions()) with
        {
            Seed = replay.Seed,
            Filter = null,
            Test = null,
            StateFolder = null,
        };
        List<string> notices = [];
        if (replay.SpecHash != HashOf(spec))
        {
            notices.Add("the spec has changed since the failure was recorded");
        }
        if (replay.ModelHash != model.Info.Hash)
        {
            notices.Add("the failure was recorded on another model");
        }
        using SuiteRun run = new(spec, model, options, null);
        TestResult result;
        if (replay.Case is not null && test is not (MetricTest or SnapshotTest))
        {
            result = await run.ReplayAsync(test, replay, cancellation).ConfigureAwait(false);
        }
        else
        {
            (TestResult Result, Judgement? Judgement) outcome = await run.TestAsync(test, cancellation)
                .ConfigureAwait(false);
            result = Correct([outcome], spec.Statistics)[0];
        }
        return Report(spec, model, run.Seed, [result]) with { Notices = notices };
    }

    /// <summary>SHA-256 of a spec's text, lower-case hex.</summary>
    public static string HashOf(SpecFile spec) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec.Source)));

    /// <summary>
    /// Where a spec's failures are remembered: <c>.whylight</c> in the nearest folder above it that has a whylight.yaml or
    /// a version control folder, else beside it.
    /// </summary>
    public static string StateFolderFor(string specPath)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(specPath))!;
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            // A work tree's .git is a file.
            if (File.Exists(Path.Combine(at, "whylight.yaml")) || Path.Exists(Path.Combine(at, ".git")))
            {
                return Path.Combine(at, ".whylight");
            }
        }
        return Path.Combine(folder, ".whylight");
    }

    private static SuiteReport Report(
        SpecFile spec,
        ITextClassifier model,
        ulong seed,
        IReadOnlyList<TestResult> tests
    ) =>
        new()
        {
            Suite = spec.Name,
            SpecPath = spec.Path,
            SpecHash = HashOf(spec),
            Verdict = SuiteReport.Of(tests),
            Tests = tests,
            Seed = seed,
            Model = model.Info.Name,
            ModelHash = model.Info.Hash,
        };

    private static bool Selected(SpecTest test, SuiteOptions options) =>
        (options.Test is null || test.Id == options.Test)
        && (
            options.Filter is not { } filter
            || test.Id.Contains(filter, StringComparison.OrdinalIgnoreCase)
            || test.Type.Equals(filter, StringComparison.OrdinalIgnoreCase)
            || (test.Capability?.Equals(filter, StringComparison.OrdinalIgnoreCase) ?? false)
        );

    // Twenty tests at 5 % raise one false alarm in expectation, and one false all-clear: both families are corrected.
    private static TestResult[] Correct(
        (TestResult Result, Judgement? Judgement)[] outcomes,
        SuiteStatistics statistics
    )
    {
        TestResult[] results = outcomes.Select(o => o.Result).ToArray();
        int[] tested = Enumerable
            .Range(0, outcomes.Length)
            .Where(i => outcomes[i].Judgement?.PassP is not null)
            .ToArray();
        if (statistics.Correction == "none" || tested.Length < 2)
        {
            return results;
        }
        double alpha = 1 - statistics.Confidence;
        double[] pass = Adjust(
            tested.Select(i => outcomes[i].Judgement!.PassP!.Value).ToArray(),
            statistics.Correction
        );
        double[] fail = Adjust(
            tested.Select(i => outcomes[i].Judgement!.FailP!.Value).ToArray(),
            statistics.Correction
        );
        for (int k = 0; k < tested.Length; k++)
        {
            TestResult result = results[tested[k]];
            bool lost =
                (result.Verdict == Verdict.Passed && pass[k] > alpha)
                || (result.Verdict == Verdict.Failed && fail[k] > alpha);
            if (lost)
            {
                results[tested[k]] = result with
                {
                    Verdict = Verdict.Inconclusive,
                    Message = SuiteMessages.Corrected(result.Message, statistics.Correction),
                };
            }
        }
        return results;
    }

    private static double[] Adjust(double[] p, string correction) =>
        correction == "holm" ? MultipleTesting.Holm(p) : MultipleTesting.BenjaminiHochberg(p);
}
