using System.Reflection;
using System.Text.Json;
using StreamJsonRpc;
using Whylight.LanguageServer.Features;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.Queue;
using Whylight.LanguageServer.Serving;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer;

/// <summary>
/// The methods that an editor calls, each a line or two: what it means for the state, and which feature answers it.
/// StreamJsonRpc calls them in the order of arrival and every one enters the queue before it first yields.
/// </summary>
internal sealed class Endpoints : IAsyncDisposable
{
    private readonly LanguageServerOptions _options;
    private readonly EditorClient _editor;
    private readonly RequestQueue<ServerState> _queue;
    private readonly ModelCache _models;
    private readonly HoverFeature _hover;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _shutDown;

    public Endpoints(EditorClient editor, LanguageServerOptions options)
    {
        _options = options;
        _editor = editor;
        _queue = new RequestQueue<ServerState>(ServerState.Initial);
        _models = new ModelCache(options.LoadModel);
        _hover = new HoverFeature(_models);
        _ = EndWithQueueAsync();
    }

    /// <summary>The exit code, once the server is to end.</summary>
    public Task<int> Completion => _exit.Task;

    [JsonRpcMethod(MethodNames.Initialize, UseSingleObjectParameterDeserialization = true)]
    public Task<InitializeResult> InitializeAsync(InitializeParams parameters, CancellationToken cancellation)
    {
        if (parameters.ProcessId is { } parent && _options.WatchParent)
        {
            _ = EndWithParentAsync(parent);
        }
        return _queue.MutateAsync(
            (_, _) =>
            {
                ServerState state = StateOf(parameters);
                return ValueTask.FromResult((state, new InitializeResult(CapabilitiesFor(state.Client), ServerInfo)));
            },
            cancellation
        );
    }

    [JsonRpcMethod(MethodNames.Initialized, UseSingleObjectParameterDeserialization = true)]
    public void Initialized(InitializedParams? parameters = null) { }

    [JsonRpcMethod(MethodNames.Shutdown, UseSingleObjectParameterDeserialization = true)]
    public Task<object?> ShutdownAsync(JsonElement? parameters = null)
    {
        _shutDown = true;
        return _queue.InspectAsync<object?>(_ => null);
    }

    [JsonRpcMethod(MethodNames.Exit, UseSingleObjectParameterDeserialization = true)]
    public void Exit(JsonElement? parameters = null) => _exit.TrySetResult(_shutDown ? 0 : 1);

    [JsonRpcMethod(MethodNames.SetTrace, UseSingleObjectParameterDeserialization = true)]
    public void SetTrace(JsonElement? parameters = null) { }

    [JsonRpcMethod(MethodNames.DidOpen, UseSingleObjectParameterDeserialization = true)]
    public Task DidOpenAsync(DidOpenTextDocumentParams parameters)
    {
        TextDocumentItem item = parameters.TextDocument;
        OpenDocument document = new(item.Uri, item.LanguageId, item.Version, item.Text);
        return _queue.MutateAsync(state =>
        {
            state.Find(item.Uri)?.Supersede();
            return state.With(document);
        });
    }

    [JsonRpcMethod(MethodNames.DidChange, UseSingleObjectParameterDeserialization = true)]
    public Task DidChangeAsync(DidChangeTextDocumentParams parameters) =>
        _queue.MutateAsync(state =>
        {
            VersionedTextDocumentIdentifier id = parameters.TextDocument;
            if (state.Find(id.Uri) is not { } document)
            {
                _options.Log($"The editor changed '{id.Uri}' without opening it; the change is ignored.");
                return state;
            }
            OpenDocument next = document.Change(id.Version, parameters.ContentChanges, state.Client.Encoding);
            document.Supersede();
            return state.With(next);
        });

    [JsonRpcMethod(MethodNames.DidSave, UseSingleObjectParameterDeserialization = true)]
    public void DidSave(DidSaveTextDocumentParams parameters) { }

    [JsonRpcMethod(MethodNames.DidClose, UseSingleObjectParameterDeserialization = true)]
    public Task DidCloseAsync(DidCloseTextDocumentParams parameters) =>
        _queue.MutateAsync(state =>
        {
            state.Find(parameters.TextDocument.Uri)?.Supersede();
            return state with { Documents = state.Documents.Remove(parameters.TextDocument.Uri) };
        });

    [JsonRpcMethod(MethodNames.Hover, UseSingleObjectParameterDeserialization = true)]
    public Task<Hover?> HoverAsync(TextDocumentPositionParams parameters, CancellationToken cancellation) =>
        ReadAsync(
            parameters.TextDocument,
            (state, token) => _hover.AnswerAsync(state, parameters, token),
            cancellation
        );

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _queue.DisposeAsync().ConfigureAwait(false);
        _models.Dispose();
    }

    /// <summary>A read about one document: when the document changes meanwhile, the answer is "content modified".</summary>
    private Task<T> ReadAsync<T>(
        TextDocumentIdentifier id,
        Func<ServerState, CancellationToken, Task<T>> read,
        CancellationToken cancellation
    ) =>
        _queue.ReadAsync(
            async (state, token) =>
            {
                CancellationToken superseded = state.Find(id.Uri)?.Superseded ?? CancellationToken.None;
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                    token,
                    superseded
                );
                try
                {
                    return await read(state, either.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                    when (superseded.IsCancellationRequested && !token.IsCancellationRequested)
                {
                    throw new LocalRpcException("The document has changed.") { ErrorCode = ErrorCodes.ContentModified };
                }
            },
            cancellation
        );

    private static ServerState StateOf(InitializeParams parameters)
    {
        JsonElement? options = parameters.InitializationOptions;
        IEnumerable<string> roots = parameters.WorkspaceFolders?.Select(folder => Uris.ToPath(folder.Uri)) ?? [];
        if (parameters.WorkspaceFolders is null)
        {
            string? single = parameters.RootUri is { } uri ? Uris.ToPath(uri) : parameters.RootPath;
            roots = single is null ? [] : [single];
        }
        return ServerState.Initial with
        {
            Client = ClientProfile.From(parameters),
            Settings = Settings.From(Json.Property(options, "settings")),
            Trusted = Json.Flag(options, "trusted", true),
            Roots = [.. roots.Select(path => new WorkspaceRoot(path))],
        };
    }

    private static ServerCapabilities CapabilitiesFor(ClientProfile client) =>
        new()
        {
            PositionEncoding = client.Encoding.Name(),
            TextDocumentSync = new TextDocumentSyncOptions(
                true,
                TextDocumentSyncOptions.Incremental,
                new SaveOptions(false)
            ),
            HoverProvider = true,
            DiagnosticProvider = client.PullsDiagnostics ? new DiagnosticOptions("whylight", true, false) : null,
            Workspace = new WorkspaceServerCapabilities(new WorkspaceFoldersServerCapabilities(true, true)),
        };

    private static ServerInfo ServerInfo { get; } =
        new(
            "Whylight",
            typeof(Endpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
                ?? "0"
        );

    private async Task EndWithQueueAsync()
    {
        try
        {
            await _queue.Completion.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _options.Log($"The server ends, because its state can no longer be trusted: {exception}");
            _exit.TrySetResult(1);
        }
    }

    private async Task EndWithParentAsync(int parent)
    {
        try
        {
            await ParentProcess.WaitForExitAsync(parent, _options.Time, _stop.Token).ConfigureAwait(false);
            _options.Log($"The editor (process {parent}) is gone; the server ends.");
            _exit.TrySetResult(1);
        }
        catch (OperationCanceledException) { }
    }
}
