using System.Threading.Channels;

namespace Whylight.LanguageServer.Queue;

/// <summary>
/// Runs an editor's messages in order over one state. A mutation is awaited before anything after it begins; a read
/// gets the state as it stands at the read's place in the queue and then runs beside everything else.
/// </summary>
/// <remarks>
/// Shaped after Roslyn's request execution queue. The state is immutable, so a slow hover never holds up typing and
/// never sees half a change. A read that fails answers its own request; a mutation that fails leaves no state to trust,
/// so it ends the queue (<see cref="Completion"/> faults) and with it the server.
/// </remarks>
/// <typeparam name="TState">An immutable state.</typeparam>
internal sealed class RequestQueue<TState> : IAsyncDisposable
    where TState : class
{
    private readonly Channel<Func<Task>> _items = Channel.CreateUnbounded<Func<Task>>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly CancellationTokenSource _stop = new();
    private TState _state;

    /// <summary>A queue that begins in a state.</summary>
    public RequestQueue(TState initial)
    {
        _state = initial;
        Completion = Task.Run(RunAsync);
    }

    /// <summary>Ends when the queue was disposed; faults when a mutation failed.</summary>
    public Task Completion { get; }

    /// <summary>Replaces the state; nothing queued later begins before it is done.</summary>
    /// <param name="change">From the state at its place in the queue to the next state and the answer.</param>
    /// <param name="cancellation">Drops the mutation while it has not begun; once begun it is carried out.</param>
    public Task<T> MutateAsync<T>(
        Func<TState, CancellationToken, ValueTask<(TState State, T Answer)>> change,
        CancellationToken cancellation = default
    )
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(
            async () =>
            {
                if (cancellation.IsCancellationRequested)
                {
                    done.TrySetCanceled(cancellation);
                    return;
                }
                try
                {
                    (TState state, T answer) = await change(_state, _stop.Token).ConfigureAwait(false);
                    _state = state;
                    done.TrySetResult(answer);
                }
                catch (Exception exception)
                {
                    done.TrySetException(exception);
                    throw;
                }
            },
            done
        );
        return done.Task;
    }

    /// <summary>Replaces the state by a pure function of it.</summary>
    public Task<TState> MutateAsync(Func<TState, TState> change) =>
        MutateAsync<TState>(
            (state, _) =>
            {
                TState next = change(state);
                return ValueTask.FromResult((next, next));
            }
        );

    /// <summary>Runs a read beside everything else, on the state at its place in the queue.</summary>
    /// <param name="read">Given that state and a token that fires on cancellation and when the queue stops.</param>
    /// <param name="cancellation">Cancels the read, before or after it began.</param>
    public Task<T> ReadAsync<T>(Func<TState, CancellationToken, Task<T>> read, CancellationToken cancellation = default)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(
            () =>
            {
                TState state = _state;
                _ = Task.Run(() => AnswerAsync(read, state, done, cancellation), CancellationToken.None);
                return Task.CompletedTask;
            },
            done
        );
        return done.Task;
    }

    /// <summary>
    /// Looks at the state at its place in the queue, before anything queued later begins: what it sends to the editor
    /// cannot be overtaken by a change.
    /// </summary>
    public Task<T> InspectAsync<T>(Func<TState, T> look)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(
            () =>
            {
                try
                {
                    done.TrySetResult(look(_state));
                }
                catch (Exception exception)
                {
                    done.TrySetException(exception);
                }
                return Task.CompletedTask;
            },
            done
        );
        return done.Task;
    }

    /// <summary>Stops: items not begun are cancelled, reads under way get their token cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AnswerAsync<T>(
        Func<TState, CancellationToken, Task<T>> read,
        TState state,
        TaskCompletionSource<T> done,
        CancellationToken cancellation
    )
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellation,
            _stop.Token
        );
        try
        {
            either.Token.ThrowIfCancellationRequested();
            done.TrySetResult(await read(state, either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            done.TrySetCanceled(CancellationToken.None);
        }
        catch (Exception exception)
        {
            done.TrySetException(exception);
        }
    }

    private void Enqueue<T>(Func<Task> item, TaskCompletionSource<T> done)
    {
        bool queued = _items.Writer.TryWrite(() =>
        {
            if (_stop.IsCancellationRequested)
            {
                done.TrySetCanceled(CancellationToken.None);
                return Task.CompletedTask;
            }
            return item();
        });
        if (!queued)
        {
            done.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (Func<Task> item in _items.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await item().ConfigureAwait(false);
            }
        }
        catch
        {
            _items.Writer.TryComplete();
            await _stop.CancelAsync().ConfigureAwait(false);
            while (_items.Reader.TryRead(out Func<Task>? left))
            {
                await left().ConfigureAwait(false);
            }
            throw;
        }
    }
}
