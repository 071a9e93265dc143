namespace Whylight.Models.Scheduling;

/// <summary>
/// Owns the native work of a process: one dedicated thread takes work items by priority, first come first served within
/// one, so that a hover overtakes a sweep between two of its blocks.
/// </summary>
/// <remarks>
/// libtorch's grad mode and dispose scopes belong to a thread, hence one thread and no awaiting inside a work item. Long
/// work is split into items of one block each by its caller.
/// </remarks>
public sealed class InferenceScheduler : IDisposable
{
    private readonly PriorityQueue<Action, (WorkPriority, long)> _queue = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly Thread _thread;
    private long _sequence;
    private volatile bool _stopped;

    /// <summary>Starts the worker thread; libtorch itself is loaded by the first item that touches it.</summary>
    public InferenceScheduler()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "whylight inference" };
        _thread.Start();
    }

    /// <summary>The scheduler that models of this process share.</summary>
    public static InferenceScheduler Shared { get; } = new();

    /// <summary>Runs a piece of native work on the worker thread.</summary>
    /// <param name="priority">Who waits.</param>
    /// <param name="work">Given the token to check between layers and blocks.</param>
    /// <param name="cancellation">An item not yet begun is dropped when this fires.</param>
    /// <exception cref="ObjectDisposedException">The scheduler was disposed.</exception>
    public Task<T> RunAsync<T>(
        WorkPriority priority,
        Func<CancellationToken, T> work,
        CancellationToken cancellation = default
    )
    {
        ObjectDisposedException.ThrowIf(_stopped, this);
        TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Item()
        {
            if (cancellation.IsCancellationRequested)
            {
                completion.TrySetCanceled(cancellation);
                return;
            }
            try
            {
                completion.TrySetResult(work(cancellation));
            }
            catch (OperationCanceledException canceled)
            {
                completion.TrySetCanceled(canceled.CancellationToken);
            }
            catch (Exception exception)
            {
                completion.TrySetException(exception);
            }
        }
        lock (_gate)
        {
            _queue.Enqueue(Item, (priority, _sequence++));
        }
        _available.Release();
        return completion.Task;
    }

    /// <summary>Stops after the current item; items not begun are dropped.</summary>
    public void Dispose()
    {
        _stopped = true;
        _available.Release();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
        _available.Dispose();
    }

    private void Work()
    {
        NativeRuntime.Prepare();
        while (true)
        {
            _available.Wait();
            if (_stopped)
            {
                return;
            }
            Action item;
            lock (_gate)
            {
                item = _queue.Dequeue();
            }
            // How many threads an item runs on follows from the item, not from the one before it.
            NativeRuntime.Reset();
            item();
        }
    }
}
