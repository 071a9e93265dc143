using System.CommandLine;
using Whylight.Documents;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Reports;
using Whylight.Harness.Specs;

namespace Whylight.Verbs;

/// <summary><c>whylight check</c>: runs suites, claim in, verdict out.</summary>
internal static class CheckVerb
{
    public static Command Build(Streams streams)
    {
        CheckOptions options = new();
        Command command = new("check", "Run suites: try to break what their specs claim");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, streams, options, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        Streams streams,
        CheckOptions options,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<(string Kind, string File)> reports = options.Reports(parsed);
        ReplayCase? replay = options.Replay(parsed) is { } text ? ReplayCase.Decode(text) : null;
        List<SpecFile> specs = [.. options.SpecPaths(parsed).Select(SpecReader.Load)];
        if (replay is not null)
        {
            specs = [.. specs.Where(spec => spec.Name == replay.Suite)];
            if (specs.Count == 0)
            {
                throw new UsageException($"no spec here is of the suite '{replay.Suite}' that the replay string names");
            }
        }
        string format = options.Format(parsed);
        List<SuiteOutcome> outcomes = [];
        foreach (SpecFile spec in specs)
        {
            // A broken suite is told before a model is loaded for it.
            if (spec.Problems.Count > 0)
            {
                throw new DocumentException(spec.Describe(spec.Problems[0]));
            }
            ModelReference reference = ModelReference.ForSpec(spec.Model, spec.Path);
            using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
            SuiteProgressLine progress = new(streams);
            SuiteReport report = replay is null
                ? await SuiteRunner.RunAsync(
                    spec,
                    chosen.Classifier,
                    options.Suite(parsed, spec),
                    progress,
                    cancellation
                )
                : await SuiteRunner.ReplayAsync(
                    spec,
                    replay,
                    chosen.Classifier,
                    options.Suite(parsed, spec),
                    cancellation
                );
            progress.End();
            outcomes.Add(new SuiteOutcome(spec, report));
            if (format == "text")
            {
                await streams.Out.WriteAsync(ConsoleReport.Write(report, streams.Colour != TerminalColour.None));
                await streams.Out.FlushAsync(cancellation);
            }
        }
        if (format != "text")
        {
            await streams.Out.WriteAsync(SuiteFormats.Write(format, outcomes));
        }
        foreach ((string kind, string file) in reports)
        {
            await File.WriteAllTextAsync(file, SuiteFormats.Write(kind, outcomes), cancellation);
        }
        return SuiteReport.ExitCode(outcomes.Select(outcome => outcome.Report), options.Strict(parsed));
    }
}
