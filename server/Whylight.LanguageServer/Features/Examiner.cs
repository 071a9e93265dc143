using System.Runtime.CompilerServices;
using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Findings;
using Whylight.Harness.Specs;
using Whylight.LanguageServer.Serving;
using Whylight.LanguageServer.State;
using Whylight.Models;

namespace Whylight.LanguageServer.Features;

/// <summary>Finds what there is to say about a document: the findings of <c>whylight lint</c>, as they are found.</summary>
internal sealed class Examiner(ModelCache models, Configurations configurations)
{
    /// <summary>
    /// Model calls that a sweep of one document may spend; a dataset of some thousands of rows gets every finding, a
    /// larger one the cheap findings throughout and searches as far as this goes.
    /// </summary>
    private const long SweepCalls = 500_000;

    /// <summary>The findings in the order in which they are found.</summary>
    /// <param name="document">The document.</param>
    /// <param name="state">Trust and language.</param>
    /// <param name="progress">Told the share of examples examined, in percent.</param>
    /// <param name="cancellation">Checked between model calls.</param>
    public async IAsyncEnumerable<Finding> ExamineAsync(
        OpenDocument document,
        ServerState state,
        IProgress<int> progress,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        if (Configurations.IsConfiguration(document.Path))
        {
            foreach (Finding finding in OfConfiguration(document))
            {
                yield return finding;
            }
            yield break;
        }
        if (SpecReader.IsSpec(document.Path))
        {
            foreach (Finding finding in Problems(document, SpecReader.Parse(document.Path, document.Text).Problems))
            {
                yield return finding;
            }
            yield break;
        }
        ServedFile file = configurations.Serve(document);
        if (!file.HasModel)
        {
            yield break;
        }
        ParsedDocument parsed = document.Parse(file, cancellation);
        if (!file.Resolution.Serves(parsed))
        {
            yield break;
        }
        foreach (Finding problem in FindingEngine.Problems(parsed))
        {
            yield return problem;
        }
        if (parsed.Examples.Count == 0)
        {
            yield break;
        }
        if (!state.Trusted && !file.Shipped)
        {
            string message = state.Messages[Message.NotTrusted, file.Model];
            yield return About(document, FindingSeverity.Information, "not-trusted", message);
            yield break;
        }
        (ModelLease? lease, string? refusal) = await RentAsync(file, state.Trusted, cancellation).ConfigureAwait(false);
        if (lease is null)
        {
            yield return About(document, FindingSeverity.Error, "model", refusal!);
            yield break;
        }
        using (lease)
        {
            FindingOptions options = FindingOptions.From(file.Configuration) with
            {
                Messages = state.Messages,
                Priority = WorkPriority.Background,
                ModelCalls = SweepCalls,
            };
            FindingEngine engine = new(lease.Model, options);
            await foreach (Finding finding in engine.RunAsync(parsed, null, cancellation).ConfigureAwait(false))
            {
                if (finding.Example is { } example)
                {
                    progress.Report((int)(100L * example / parsed.Examples.Count));
                }
                yield return finding;
            }
        }
    }

    private async Task<(ModelLease? Lease, string? Refusal)> RentAsync(
        ServedFile file,
        bool trusted,
        CancellationToken cancellation
    )
    {
        try
        {
            return (await models.RentAsync(file, trusted, cancellation).ConfigureAwait(false), null);
        }
        catch (ModelException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>What is wrong in a <c>whylight.yaml</c>, perturbations that do not exist included.</summary>
    private static IEnumerable<Finding> OfConfiguration(OpenDocument document)
    {
        WorkspaceConfiguration configuration = WorkspaceConfiguration.Parse(document.Path, document.Text);
        List<DocumentProblem> problems = [.. configuration.Problems];
        FindingOptions.From(configuration, problems);
        return Problems(document, problems);
    }

    private static IReadOnlyList<Finding> Problems(OpenDocument document, IEnumerable<DocumentProblem> problems) =>
        FindingEngine.Problems(
            new ParsedDocument
            {
                Path = document.Path,
                Source = document.Text,
                Lines = document.Lines,
                Kind = DocumentKind.Unknown,
                Examples = [],
                Problems = [.. problems.OrderBy(problem => problem.Start)],
            }
        );

    /// <summary>A finding about the file as a whole, shown at its first line.</summary>
    private static Finding About(OpenDocument document, FindingSeverity severity, string code, string message)
    {
        int end = document.Lines.EndOf(0);
        return new Finding
        {
            File = document.Path,
            Start = 0,
            End = end,
            StartPosition = document.Lines.PositionOf(0),
            EndPosition = document.Lines.PositionOf(end),
            Severity = severity,
            Code = code,
            Message = message,
        };
    }
}
