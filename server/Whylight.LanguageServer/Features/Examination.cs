using System.Collections.Immutable;
using Whylight.Harness.Findings;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer.Features;

/// <summary>The findings about one version of a document, growing while it is examined.</summary>
internal sealed class Examination
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<Finding> _findings = [];

    private Examination(OpenDocument document, int generation)
    {
        Document = document;
        Generation = generation;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(document.Superseded);
    }

    public OpenDocument Document { get; }

    /// <summary>The generation of configuration, settings and models that it was made under.</summary>
    public int Generation { get; }

    /// <summary>Completes when all is found; faults when the examination failed; cancelled when it became stale.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>The findings so far, and a task that completes when there are more or the end is reached.</summary>
    public (ImmutableArray<Finding> Findings, Task Changed) Now()
    {
        lock (_gate)
        {
            return (_findings, _changed.Task);
        }
    }

    /// <summary>Begins an examination.</summary>
    /// <param name="document">The version examined.</param>
    /// <param name="generation">The generation it is examined under.</param>
    /// <param name="examine">Adds findings to what it is given, one after another.</param>
    public static Examination Begin(
        OpenDocument document,
        int generation,
        Func<Examination, CancellationToken, Task> examine
    )
    {
        Examination examination = new(document, generation);
        examination.Completion = Task.Run(
            async () =>
            {
                try
                {
                    await examine(examination, examination._stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    examination.Signal();
                }
            },
            CancellationToken.None
        );
        return examination;
    }

    public void Add(Finding finding)
    {
        lock (_gate)
        {
            _findings = _findings.Add(finding);
        }
        Signal();
    }

    public void Stop() => _stop.Cancel();

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }
}
