using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer.Serving;

/// <summary>Shows work in the editor, if the editor can and the work lasts long enough to be worth it.</summary>
internal sealed class WorkProgress : IAsyncDisposable
{
    /// <summary>Shorter work is over before anyone has read its title.</summary>
    private static readonly TimeSpan WorthShowing = TimeSpan.FromMilliseconds(500);

    private readonly EditorClient _editor;
    private readonly CancellationTokenSource _done = new();
    private readonly Task<string?> _token;
    private int _percentage = -1;

    private WorkProgress(EditorClient editor, ClientProfile client, string title, TimeProvider time)
    {
        _editor = editor;
        _token = client.ShowsProgress ? BeginAsync(title, time) : Task.FromResult<string?>(null);
    }

    /// <summary>Begins work with a title.</summary>
    public static WorkProgress Begin(EditorClient editor, ClientProfile client, string title, TimeProvider time) =>
        new(editor, client, title, time);

    /// <summary>Says how far the work is, in percent; repeats are not sent.</summary>
    public void Report(int percentage)
    {
        if (Interlocked.Exchange(ref _percentage, percentage) != percentage && _token.IsCompletedSuccessfully)
        {
            _ = ReportAsync(percentage);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync().ConfigureAwait(false);
        if (await _token.ConfigureAwait(false) is { } token)
        {
            await _editor.ProgressAsync(token, new WorkDoneProgress("end")).ConfigureAwait(false);
        }
        _done.Dispose();
    }

    private async Task ReportAsync(int percentage)
    {
        if (await _token.ConfigureAwait(false) is { } token)
        {
            await _editor
                .ProgressAsync(token, new WorkDoneProgress("report", Percentage: percentage))
                .ConfigureAwait(false);
        }
    }

    private async Task<string?> BeginAsync(string title, TimeProvider time)
    {
        try
        {
            await Task.Delay(WorthShowing, time, _done.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        if (await _editor.CreateProgressAsync(CancellationToken.None).ConfigureAwait(false) is not { } token)
        {
            return null;
        }
        int percentage = Math.Max(0, Volatile.Read(ref _percentage));
        WorkDoneProgress begin = new("begin", title, Percentage: percentage, Cancellable: false);
        await _editor.ProgressAsync(token, begin).ConfigureAwait(false);
        return token;
    }
}
