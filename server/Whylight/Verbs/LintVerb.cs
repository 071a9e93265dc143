using System.CommandLine;
using Whylight.Documents;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Findings;
using Whylight.Harness.Reports;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight lint</c>: the editor's findings, on the terminal and in CI.</summary>
internal static class LintVerb
{
    public static Command Build(Streams streams)
    {
        Argument<string[]> files = new("FILE")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Dataset and prompt files",
        };
        ModelOption model = new();
        ChoiceOptions choices = new();
        DatasetOptions dataset = new();
        FormatOption format = new("text", "json", "sarif", "github");
        Command command = new("lint", "Find predictions that flip under a harmless edit, and other weak rows");
        command.Arguments.Add(files);
        model.AddTo(command);
        choices.AddTo(command);
        dataset.AddTo(command);
        format.AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                Dictionary<string, IModel> loaded = new(StringComparer.Ordinal);
                try
                {
                    List<LintInput> inputs = [];
                    foreach (string file in parsed.GetValue(files)!)
                    {
                        inputs.Add(
                            await InputAsync(file, parsed, streams, model, choices, dataset, loaded, cancellation)
                        );
                    }
                    LintReport report = await LintRunner.RunAsync(inputs, cancellation: cancellation);
                    await streams.Out.WriteAsync(
                        format.Value(parsed) switch
                        {
                            "json" => LintFormats.Json(report.Findings),
                            "sarif" => LintFormats.Sarif(report.Findings),
                            "github" => LintFormats.GitHub(report.Findings),
                            _ => LintFormats.Text(report.Findings, streams.Colour != TerminalColour.None),
                        }
                    );
                    return report.ExitCode;
                }
                finally
                {
                    foreach (IModel each in loaded.Values)
                    {
                        each.Dispose();
                    }
                }
            }
        );
        return command;
    }

    private static async Task<LintInput> InputAsync(
        string file,
        ParseResult parsed,
        Streams streams,
        ModelOption modelOption,
        ChoiceOptions choices,
        DatasetOptions dataset,
        Dictionary<string, IModel> loaded,
        CancellationToken cancellation
    )
    {
        ModelReference reference = choices.Over(modelOption.Resolve(parsed, file), parsed);
        // Read first: a file that cannot be read must not wait for a model to load.
        ParsedDocument document = DocumentReader.ReadFile(file, dataset.Over(reference.Files, parsed), cancellation);
        string key =
            reference.Location + "\n" + string.Join("\n", [.. reference.Choices, reference.Scoring.ToString()]);
        if (!loaded.TryGetValue(key, out IModel? model))
        {
            model = await reference.LoadAsync(cancellation);
            loaded.Add(key, model);
            Warnings.Notices(streams, model.Info);
        }
        return new LintInput(document, new ChosenModel(model).Classifier, FindingOptions.From(reference.Configuration));
    }
}
