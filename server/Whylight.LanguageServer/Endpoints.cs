using System.Reflection;
using System.Text.Json;
using StreamJsonRpc;
using Whylight.Explanations.Rendering;
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
    private const string SettingsSection = "whylight";

    /// <summary>Configurations, and the files of models: edited weights are loaded again.</summary>
    private static readonly string[] WatchedFiles =
    [
        "**/whylight.yaml",
        "**/*.safetensors",
        "**/{config,tokenizer,tokenizer_config}.json",
        "**/vocab.{txt,json}",
    ];

    private readonly LanguageServerOptions _options;
    private readonly EditorClient _editor;
    private readonly RequestQueue<ServerState> _queue;
    private readonly ModelCache _models;
    private readonly HoverFeature _hover;
    private readonly DiagnosticsFeature _diagnostics;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _shutDown;

    public Endpoints(EditorClient editor, LanguageServerOptions options)
    {
        _options = options;
        _editor = editor;
        _queue = new RequestQueue<ServerState>(ServerState.Initial);
        _models = new ModelCache(options.LoadModel, Announce);
        Configurations configurations = new();
        _hover = new HoverFeature(_models, configurations, options);
        Examiner examiner = new(_models, configurations);
        _diagnostics = new DiagnosticsFeature(examiner, editor, _queue, options);
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
    public void Initialized(InitializedParams? parameters = null) => _ = SettleAsync();

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
            return Examine(state.With(document), item.Uri);
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
            return Examine(state.With(next), id.Uri);
        });

    [JsonRpcMethod(MethodNames.DidSave, UseSingleObjectParameterDeserialization = true)]
    public Task DidSaveAsync(DidSaveTextDocumentParams parameters) =>
        Configurations.IsConfiguration(Uris.ToPath(parameters.TextDocument.Uri))
            ? _queue.MutateAsync(state => ExamineAll(state))
            : Task.CompletedTask;

    [JsonRpcMethod(MethodNames.DidClose, UseSingleObjectParameterDeserialization = true)]
    public Task DidCloseAsync(DidCloseTextDocumentParams parameters) =>
        _queue.MutateAsync(state =>
        {
            string uri = parameters.TextDocument.Uri;
            state.Find(uri)?.Supersede();
            _diagnostics.Close(uri, state.Client);
            return state with { Documents = state.Documents.Remove(uri) };
        });

    [JsonRpcMethod(MethodNames.DidChangeWatchedFiles, UseSingleObjectParameterDeserialization = true)]
    public Task DidChangeWatchedFilesAsync(DidChangeWatchedFilesParams parameters) =>
        parameters.Changes.Count > 0 ? _queue.MutateAsync(state => ExamineAll(state)) : Task.CompletedTask;

    [JsonRpcMethod(MethodNames.DidChangeConfiguration, UseSingleObjectParameterDeserialization = true)]
    public Task DidChangeConfigurationAsync(DidChangeConfigurationParams parameters) =>
        _queue.MutateAsync(state =>
        {
            if (state.Client.AnswersConfiguration)
            {
                _ = AskForSettingsAsync();
                return state;
            }
            return Apply(state, Json.Property(parameters.Settings, SettingsSection));
        });

    [JsonRpcMethod(MethodNames.Diagnostic, UseSingleObjectParameterDeserialization = true)]
    public Task<DocumentDiagnosticReport> DiagnosticAsync(
        DocumentDiagnosticParams parameters,
        CancellationToken cancellation
    ) =>
        ReadAsync(
            parameters.TextDocument,
            (state, token) => _diagnostics.AnswerAsync(state, parameters, token),
            cancellation
        );

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

    /// <summary>Has a changed document examined, for an editor that does not ask for it.</summary>
    private ServerState Examine(ServerState state, string uri)
    {
        if (!state.Client.PullsDiagnostics)
        {
            _diagnostics.Schedule(uri);
        }
        return state;
    }

    /// <summary>Has every document examined again: what they are read or judged by has changed.</summary>
    private ServerState ExamineAll(ServerState state)
    {
        if (state.Client.RefreshesDiagnostics)
        {
            _ = _editor.RefreshDiagnosticsAsync(_stop.Token);
        }
        foreach (string uri in state.Documents.Keys)
        {
            Examine(state, uri);
        }
        return state.NextGeneration();
    }

    private ServerState Apply(ServerState state, JsonElement? section)
    {
        Settings settings = Settings.From(section);
        return settings == state.Settings ? state : ExamineAll(state with { Settings = settings });
    }

    /// <summary>After the handshake: what we ask of the editor.</summary>
    private async Task SettleAsync()
    {
        ServerState state = await _queue.InspectAsync(state => state).ConfigureAwait(false);
        if (state.Client.WatchesFiles)
        {
            await _editor.RegisterWatchersAsync(WatchedFiles, _stop.Token).ConfigureAwait(false);
        }
        if (state.Client.AnswersConfiguration)
        {
            await AskForSettingsAsync().ConfigureAwait(false);
        }
    }

    private async Task AskForSettingsAsync()
    {
        if (await _editor.ConfigurationAsync(SettingsSection, _stop.Token).ConfigureAwait(false) is { } section)
        {
            await _queue.MutateAsync(state => Apply(state, section)).ConfigureAwait(false);
        }
    }

    /// <summary>Shows that a model is being loaded, until the announcement is disposed.</summary>
    private async Task<IAsyncDisposable> Announce(ServedFile file)
    {
        ServerState state = await _queue.InspectAsync(state => state).ConfigureAwait(false);
        string title = state.Messages[Message.ModelLoadingTitle, file.Model ?? ""];
        if (state.Client.WantsStatus)
        {
            await _editor.StatusAsync(new StatusParams("loading", file.Model, title)).ConfigureAwait(false);
        }
        return new LoadAnnouncement(_editor, state.Client, file.Model, title, _options.Time);
    }

    private static ServerState StateOf(InitializeParams parameters)
    {
        JsonElement? options = parameters.InitializationOptions;
        return ServerState.Initial with
        {
            Client = ClientProfile.From(parameters),
            Settings = Settings.From(Json.Property(options, "settings")),
            Trusted = Json.Flag(options, "trusted", true),
            Messages = Messages.ForLocale(parameters.Locale),
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
