using System.Collections.Immutable;
using System.Globalization;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Findings;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.Queue;
using Whylight.LanguageServer.Serving;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer.Features;

/// <summary>
/// Findings as diagnostics: sent to editors that do not ask, answered to those that do. A document is examined once a
/// version and generation; what was found for an older one is never shown.
/// </summary>
internal sealed class DiagnosticsFeature(
    Examiner examiner,
    EditorClient editor,
    RequestQueue<ServerState> queue,
    LanguageServerOptions options
)
{
    /// <summary>While a document is being examined, what is known so far is shown this often.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Examination> _examinations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CancellationTokenSource> _pending = new(StringComparer.Ordinal);

    /// <summary>Examines a document once it has been quiet for a while, and sends what was found.</summary>
    public void Schedule(string uri)
    {
        CancellationTokenSource mine = new();
        lock (_gate)
        {
            _pending.GetValueOrDefault(uri)?.Cancel();
            _pending[uri] = mine;
        }
        _ = PushAsync(uri, mine.Token);
    }

    /// <summary>A closed document has no diagnostics.</summary>
    public void Close(string uri, ClientProfile client)
    {
        lock (_gate)
        {
            if (_pending.Remove(uri, out CancellationTokenSource? pending))
            {
                pending.Cancel();
            }
            if (_examinations.Remove(uri, out Examination? examination))
            {
                examination.Stop();
            }
        }
        if (!client.PullsDiagnostics)
        {
            _ = editor.PublishDiagnosticsAsync(new PublishDiagnosticsParams(uri, []));
        }
    }

    /// <summary>Answers an editor that asks.</summary>
    public async Task<DocumentDiagnosticReport> AnswerAsync(
        ServerState state,
        DocumentDiagnosticParams parameters,
        CancellationToken cancellation
    )
    {
        if (state.Find(parameters.TextDocument.Uri) is not { } document || !state.Settings.Diagnostics)
        {
            return new DocumentDiagnosticReport("full", Items: []);
        }
        Examination examination = ExaminationOf(state, document);
        bool mayRefresh = state.Client.RefreshesDiagnostics;
        (ImmutableArray<Finding> findings, Task changed) = examination.Now();
        if (!mayRefresh)
        {
            await examination.Completion.WaitAsync(cancellation).ConfigureAwait(false);
        }
        else if (!examination.Completion.IsCompleted && ResultId(examination, findings) == parameters.PreviousResultId)
        {
            // Nothing new yet: give it a moment rather than answer the same again.
            await WaitAsync(changed, Interval, cancellation).ConfigureAwait(false);
        }
        if (!examination.Completion.IsCompleted)
        {
            await WaitAsync(examination.Completion, Interval, cancellation).ConfigureAwait(false);
        }
        cancellation.ThrowIfCancellationRequested();
        document.Superseded.ThrowIfCancellationRequested();
        (findings, changed) = examination.Now();
        if (!examination.Completion.IsCompleted)
        {
            _ = AskAgainAsync(examination, changed);
        }
        string id = ResultId(examination, findings);
        return id == parameters.PreviousResultId
            ? new DocumentDiagnosticReport("unchanged", id)
            : new DocumentDiagnosticReport("full", id, DiagnosticsOf(examination, findings, state.Client));
    }

    private static string ResultId(Examination examination, ImmutableArray<Finding> findings) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{examination.Generation}.{examination.Document.Version}.{findings.Length}"
        );

    /// <summary>Once there is more to say, asks the editor to ask again.</summary>
    private async Task AskAgainAsync(Examination examination, Task changed)
    {
        await changed.ConfigureAwait(false);
        await WaitAsync(examination.Completion, Interval, CancellationToken.None).ConfigureAwait(false);
        if (!examination.Document.Superseded.IsCancellationRequested)
        {
            await editor.RefreshDiagnosticsAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task PushAsync(string uri, CancellationToken replaced)
    {
        try
        {
            await Task.Delay(options.DiagnosticsDelay, options.Time, replaced).ConfigureAwait(false);
            ServerState state = await queue.InspectAsync(state => state).ConfigureAwait(false);
            if (state.Find(uri) is not { } document)
            {
                return;
            }
            if (!state.Settings.Diagnostics)
            {
                await PublishAsync(document, state.Generation, []).ConfigureAwait(false);
                return;
            }
            Examination examination = ExaminationOf(state, document);
            int published = -1;
            while (!examination.Completion.IsCompleted)
            {
                // The first findings (a broken file, say) at once, later ones in batches.
                TimeSpan patience = published < 0 ? options.DiagnosticsDelay : Interval;
                await WaitAsync(examination.Completion, patience, replaced).ConfigureAwait(false);
                (ImmutableArray<Finding> findings, Task changed) = examination.Now();
                if (findings.Length > published && !examination.Completion.IsCompleted)
                {
                    published = findings.Length;
                    await PublishAsync(document, state.Generation, DiagnosticsOf(examination, findings, state.Client))
                        .ConfigureAwait(false);
                }
                if (!examination.Completion.IsCompleted)
                {
                    await changed.WaitAsync(replaced).ConfigureAwait(false);
                }
            }
            ImmutableArray<Finding> all = examination.Now().Findings;
            await PublishAsync(document, state.Generation, DiagnosticsOf(examination, all, state.Client))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Sends diagnostics at a place in the queue where they are still true.</summary>
    private Task PublishAsync(OpenDocument document, int generation, IReadOnlyList<Diagnostic> diagnostics) =>
        queue.InspectAsync(state =>
        {
            if (state.Find(document.Uri) == document && state.Generation == generation)
            {
                _ = editor.PublishDiagnosticsAsync(
                    new PublishDiagnosticsParams(document.Uri, diagnostics, document.Version)
                );
            }
            return 0;
        });

    private Examination ExaminationOf(ServerState state, OpenDocument document)
    {
        lock (_gate)
        {
            if (_examinations.TryGetValue(document.Uri, out Examination? known))
            {
                if (known.Document == document && known.Generation == state.Generation)
                {
                    return known;
                }
                known.Stop();
            }
            return _examinations[document.Uri] = Begin(state, document);
        }
    }

    private Examination Begin(ServerState state, OpenDocument document) =>
        Examination.Begin(document, state.Generation, (examination, token) => ExamineAsync(state, examination, token));

    private async Task ExamineAsync(ServerState state, Examination examination, CancellationToken cancellation)
    {
        string title = Path.GetFileName(examination.Document.Path);
        WorkProgress progress = WorkProgress.Begin(
            editor,
            state.Client,
            state.Messages[Message.ExaminingTitle, title],
            options.Time
        );
        await using (progress.ConfigureAwait(false))
        {
            try
            {
                await foreach (
                    Finding finding in examiner
                        .ExamineAsync(examination.Document, state, new Percent(progress), cancellation)
                        .ConfigureAwait(false)
                )
                {
                    examination.Add(finding);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                options.Log($"{title} could not be examined: {exception}");
            }
        }
    }

    private static List<Diagnostic> DiagnosticsOf(
        Examination examination,
        ImmutableArray<Finding> findings,
        ClientProfile client
    ) => [.. findings.Select(finding => DiagnosticOf(examination.Document, finding, client))];

    private static Diagnostic DiagnosticOf(OpenDocument document, Finding finding, ClientProfile client) =>
        new(
            document.Lines.RangeOf(finding.Start, finding.End, client.Encoding),
            Escape.Visible(finding.Message),
            finding.Severity switch
            {
                FindingSeverity.Error => DiagnosticSeverity.Error,
                FindingSeverity.Warning => DiagnosticSeverity.Warning,
                FindingSeverity.Information => DiagnosticSeverity.Information,
                _ => DiagnosticSeverity.Hint,
            },
            finding.Code,
            Source: "whylight",
            RelatedInformation: client.ShowsRelatedInformation && finding.Related.Count > 0
                ?
                [
                    .. finding.Related.Select(place => new DiagnosticRelatedInformation(
                        new Location(document.Uri, document.Lines.RangeOf(place.Start, place.End, client.Encoding)),
                        Escape.Visible(place.Message)
                    )),
                ]
                : null
        );

    /// <summary>Waits for a task's end, however it ends, but not longer than a while.</summary>
    private async Task WaitAsync(Task task, TimeSpan patience, CancellationToken cancellation)
    {
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(task, Task.Delay(patience, options.Time, done.Token)).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
    }

    private sealed class Percent(WorkProgress progress) : IProgress<int>
    {
        public void Report(int value) => progress.Report(value);
    }
}
