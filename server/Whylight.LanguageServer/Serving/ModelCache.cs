using Whylight.LanguageServer.State;
using Whylight.Models;

namespace Whylight.LanguageServer.Serving;

/// <summary>Loads the model that serves a file.</summary>
/// <param name="file">Names the model, for the user and on disk.</param>
/// <param name="trusted">Whether the user trusts the workspace.</param>
/// <param name="cancellation">Stops the loading.</param>
internal delegate Task<ITextClassifier> LoadModel(ServedFile file, bool trusted, CancellationToken cancellation);

/// <summary>
/// The loaded models. A model is loaded when it is first needed, on a thread of its own, and again when its files
/// change; the old one is let go once its last user is done.
/// </summary>
internal sealed class ModelCache(LoadModel load, Func<ServedFile, Task<IAsyncDisposable>>? announce = null)
    : IDisposable
{
    /// <summary>Most models held at once.</summary>
    private const int Capacity = 4;

    private readonly Lock _gate = new();
    private readonly List<Entry> _newestFirst = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The model that serves a file, loaded and up to date, until the lease is disposed.</summary>
    /// <exception cref="ModelException">It cannot be loaded; the same answer is given until its files change.</exception>
    public async Task<ModelLease> RentAsync(ServedFile file, bool trusted, CancellationToken cancellation)
    {
        Entry entry;
        string stamp = StampOf(file);
        string key = KeyOf(file);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            Entry? known = _newestFirst.Find(e => e.Key == key);
            if (known is not null && known.Stamp == stamp)
            {
                entry = known;
                _newestFirst.Remove(known);
            }
            else
            {
                entry = new Entry(key, stamp, Task.Run(() => LoadAsync(file, trusted), CancellationToken.None));
                if (known is not null)
                {
                    _newestFirst.Remove(known);
                    Release(known);
                }
            }
            _newestFirst.Insert(0, entry);
            entry.Users++;
            while (_newestFirst.Count > Capacity)
            {
                Entry oldest = _newestFirst[^1];
                _newestFirst.RemoveAt(_newestFirst.Count - 1);
                Release(oldest);
            }
        }
        try
        {
            ITextClassifier model = await entry.Model.WaitAsync(cancellation).ConfigureAwait(false);
            return new ModelLease(
                model,
                () =>
                {
                    lock (_gate)
                    {
                        Release(entry);
                    }
                }
            );
        }
        catch
        {
            lock (_gate)
            {
                Release(entry);
            }
            throw;
        }
    }

    /// <summary>Lets every model go.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stop.Cancel();
            foreach (Entry entry in _newestFirst)
            {
                Release(entry);
            }
            _newestFirst.Clear();
        }
    }

    private async Task<ITextClassifier> LoadAsync(ServedFile file, bool trusted)
    {
        IAsyncDisposable? announcement = announce is null ? null : await announce(file).ConfigureAwait(false);
        try
        {
            return await load(file, trusted, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            if (announcement is not null)
            {
                await announcement.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives up one use; the cache's own place in the list counts as one. Under the gate.</summary>
    private static void Release(Entry entry)
    {
        entry.Users--;
        if (entry.Users == 0)
        {
            _ = entry.Model.ContinueWith(
                model => model.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
        }
    }

    /// <summary>Names, sizes and times of a model's files: when it differs, the model is loaded again.</summary>
    private static string StampOf(ServedFile file)
    {
        if (file.Location is null || file.Shipped || !Directory.Exists(file.Location))
        {
            return "";
        }
        IEnumerable<string> files = new DirectoryInfo(file.Location)
            .EnumerateFiles()
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => $"{f.Name}:{f.Length}:{f.LastWriteTimeUtc.Ticks}");
        return string.Join('|', files);
    }

    /// <summary>A language model with other choices, or other scoring of them, is another classifier.</summary>
    private static string KeyOf(ServedFile file) =>
        string.Join(
            '\n',
            [
                file.Location ?? "",
                .. file.Resolution.Choices,
                $"{file.Resolution.Rule?.LengthNormalized} {file.Resolution.Rule?.ContentFreeText}",
            ]
        );

    private sealed class Entry(string key, string stamp, Task<ITextClassifier> model)
    {
        public string Key => key;

        public string Stamp => stamp;

        public Task<ITextClassifier> Model => model;

        public int Users { get; set; } = 1;
    }
}

/// <summary>A use of a model; dispose it when done.</summary>
internal sealed class ModelLease(ITextClassifier model, Action release) : IDisposable
{
    private Action? _release = release;

    public ITextClassifier Model => model;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
