namespace Whylight.LanguageServer.Protocol;

/// <summary>The protocol's methods that we answer or send.</summary>
internal static class MethodNames
{
    public const string Initialize = "initialize";
    public const string Initialized = "initialized";
    public const string Shutdown = "shutdown";
    public const string Exit = "exit";
    public const string SetTrace = "$/setTrace";
    public const string Progress = "$/progress";

    public const string DidOpen = "textDocument/didOpen";
    public const string DidChange = "textDocument/didChange";
    public const string DidSave = "textDocument/didSave";
    public const string DidClose = "textDocument/didClose";
    public const string Hover = "textDocument/hover";
    public const string Diagnostic = "textDocument/diagnostic";
    public const string PublishDiagnostics = "textDocument/publishDiagnostics";

    public const string DidChangeConfiguration = "workspace/didChangeConfiguration";
    public const string DidChangeWatchedFiles = "workspace/didChangeWatchedFiles";
    public const string Configuration = "workspace/configuration";
    public const string DiagnosticRefresh = "workspace/diagnostic/refresh";
    public const string RegisterCapability = "client/registerCapability";

    public const string WorkDoneProgressCreate = "window/workDoneProgress/create";
    public const string WorkDoneProgressCancel = "window/workDoneProgress/cancel";
    public const string ShowMessage = "window/showMessage";
    public const string LogMessage = "window/logMessage";

    /// <summary>Ours, to clients that ask for it in their initialization options: see <see cref="StatusParams"/>.</summary>
    public const string Status = "whylight/status";
}
