using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer.Serving;

/// <summary>Shows, until it is disposed, that a model is being loaded.</summary>
internal sealed class LoadAnnouncement(
    EditorClient editor,
    ClientProfile client,
    string? model,
    string title,
    TimeProvider time
) : IAsyncDisposable
{
    private readonly WorkProgress _progress = WorkProgress.Begin(editor, client, title, time);

    public async ValueTask DisposeAsync()
    {
        await _progress.DisposeAsync().ConfigureAwait(false);
        if (client.WantsStatus)
        {
            await editor.StatusAsync(new StatusParams("ready", model)).ConfigureAwait(false);
        }
    }
}
