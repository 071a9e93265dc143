namespace Whylight.LanguageServer.Serving;

/// <summary>
/// Works out a value once for all who ask for it, remembers the newest values, and cancels work that nobody waits for
/// any more.
/// </summary>
internal sealed class SharedWork<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _newestFirst = [];

    /// <summary>Returns the value, or null where it takes longer than the caller's patience; the work then goes on.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="work">Works it out, for whoever asks first.</param>
    /// <param name="patience">How long to wait; infinite where the caller needs the value.</param>
    /// <param name="time">Measures the patience.</param>
    /// <param name="cancellation">This caller's interest: work without any interest left is cancelled.</param>
    public async Task<(bool Ready, TValue? Value)> GetAsync(
        TKey key,
        Func<CancellationToken, Task<TValue>> work,
        TimeSpan patience,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        Entry entry = Join(key, work);
        try
        {
            TValue value = await entry.Value.WaitAsync(patience, time, cancellation).ConfigureAwait(false);
            Leave(entry, false);
            return (true, value);
        }
        catch (TimeoutException) when (!entry.Value.IsCompleted)
        {
            // Somebody looked at the place and will look again: the work keeps this caller's interest.
            return (false, default);
        }
        catch
        {
            Leave(entry, true);
            throw;
        }
    }

    /// <summary>Whether the value is there already.</summary>
    public bool Knows(TKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out LinkedListNode<Entry>? node)
                && node.Value.Value.IsCompletedSuccessfully;
        }
    }

    private Entry Join(TKey key, Func<CancellationToken, Task<TValue>> work)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out LinkedListNode<Entry>? known))
            {
                bool usable = !known.Value.Value.IsFaulted && !known.Value.Value.IsCanceled;
                if (usable && !known.Value.Stop.IsCancellationRequested)
                {
                    _newestFirst.Remove(known);
                    _newestFirst.AddFirst(known);
                    known.Value.Interested++;
                    return known.Value;
                }
                Remove(known);
            }
            CancellationTokenSource stop = new();
            Entry entry = new(key, stop, Task.Run(() => work(stop.Token), CancellationToken.None)) { Interested = 1 };
            _entries[key] = _newestFirst.AddFirst(entry);
            while (_newestFirst.Count > capacity && _newestFirst.Last is { } oldest)
            {
                Remove(oldest);
            }
            return entry;
        }
    }

    private void Leave(Entry entry, bool abandoned)
    {
        lock (_gate)
        {
            entry.Interested--;
            if (!abandoned || entry.Interested > 0 || entry.Value.IsCompletedSuccessfully)
            {
                return;
            }
            if (_entries.TryGetValue(entry.Key, out LinkedListNode<Entry>? node) && node.Value == entry)
            {
                Remove(node);
            }
        }
        entry.Stop.Cancel();
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _newestFirst.Remove(node);
    }

    private sealed class Entry(TKey key, CancellationTokenSource stop, Task<TValue> value)
    {
        public TKey Key => key;

        public CancellationTokenSource Stop => stop;

        public Task<TValue> Value => value;

        /// <summary>Callers that wait, or that will come back.</summary>
        public int Interested { get; set; }
    }
}
