using System.Globalization;
using System.Text.Json;
using StreamJsonRpc;
using Whylight.LanguageServer.Protocol;

namespace Whylight.LanguageServer;

/// <summary>What the server says to the editor of its own accord. An editor that went away is not an error.</summary>
internal sealed class EditorClient(JsonRpc rpc)
{
    private int _progressTokens;

    public Task PublishDiagnosticsAsync(PublishDiagnosticsParams diagnostics) =>
        NotifyAsync(MethodNames.PublishDiagnostics, diagnostics);

    public Task LogAsync(MessageType type, string message) =>
        NotifyAsync(MethodNames.LogMessage, new MessageParams(type, message));

    public Task ShowAsync(MessageType type, string message) =>
        NotifyAsync(MethodNames.ShowMessage, new MessageParams(type, message));

    public Task StatusAsync(StatusParams status) => NotifyAsync(MethodNames.Status, status);

    public Task ProgressAsync(string token, WorkDoneProgress value) =>
        NotifyAsync(MethodNames.Progress, new ProgressParams(token, value));

    /// <summary>Asks for a progress display; null where the editor refuses one.</summary>
    public async Task<string?> CreateProgressAsync(CancellationToken cancellation)
    {
        string token = "whylight/" + Interlocked.Increment(ref _progressTokens).ToString(CultureInfo.InvariantCulture);
        bool created = await RequestAsync(
                MethodNames.WorkDoneProgressCreate,
                new WorkDoneProgressCreateParams(token),
                cancellation
            )
            .ConfigureAwait(false);
        return created ? token : null;
    }

    /// <summary>Asks the editor to watch files.</summary>
    public Task RegisterWatchersAsync(IReadOnlyList<string> patterns, CancellationToken cancellation) =>
        RequestAsync(
            MethodNames.RegisterCapability,
            new RegistrationParams([
                new Registration(
                    "whylight-files",
                    MethodNames.DidChangeWatchedFiles,
                    new DidChangeWatchedFilesRegistrationOptions([
                        .. patterns.Select(pattern => new WatchedPattern(pattern)),
                    ])
                ),
            ]),
            cancellation
        );

    /// <summary>Asks the editor to ask for diagnostics again.</summary>
    public Task RefreshDiagnosticsAsync(CancellationToken cancellation) =>
        RequestAsync(MethodNames.DiagnosticRefresh, null, cancellation);

    /// <summary>The user's settings of a section, or null where the editor does not answer.</summary>
    public async Task<JsonElement?> ConfigurationAsync(string section, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<JsonElement> answers = await rpc.InvokeWithParameterObjectAsync<IReadOnlyList<JsonElement>>(
                    MethodNames.Configuration,
                    new ConfigurationParams([new ConfigurationItem(section)]),
                    cancellation
                )
                .ConfigureAwait(false);
            return answers.Count > 0 ? answers[0] : null;
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            return null;
        }
    }

    private async Task<bool> RequestAsync(string method, object? parameters, CancellationToken cancellation)
    {
        try
        {
            await rpc.InvokeWithParameterObjectAsync<object?>(method, parameters, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            return false;
        }
    }

    private async Task NotifyAsync(string method, object parameters)
    {
        try
        {
            await rpc.NotifyWithParameterObjectAsync(method, parameters).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfTheConnection(exception)) { }
    }

    private static bool IsOfTheConnection(Exception exception) =>
        exception
            is ConnectionLostException
                or RemoteRpcException
                or ObjectDisposedException
                or IOException
                or OperationCanceledException;
}
