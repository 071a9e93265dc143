using System.Text.Json;

namespace Whylight.LanguageServer.Protocol;

internal sealed record ClientInfo(string Name, string? Version = null);

internal sealed record InitializeParams(
    int? ProcessId = null,
    ClientInfo? ClientInfo = null,
    string? Locale = null,
    ClientCapabilities? Capabilities = null,
    JsonElement? InitializationOptions = null,
    string? Trace = null
);

internal sealed record InitializedParams;

/// <summary>What a client can do, as far as it changes what we send.</summary>
internal sealed record ClientCapabilities(
    GeneralClientCapabilities? General = null,
    TextDocumentClientCapabilities? TextDocument = null,
    WindowClientCapabilities? Window = null,
    WorkspaceClientCapabilities? Workspace = null
);

internal sealed record GeneralClientCapabilities(
    IReadOnlyList<string>? PositionEncodings = null,
    MarkdownClientCapabilities? Markdown = null
);

internal sealed record MarkdownClientCapabilities(string? Parser = null, IReadOnlyList<string>? AllowedTags = null);

internal sealed record TextDocumentClientCapabilities(
    HoverClientCapabilities? Hover = null,
    PublishDiagnosticsClientCapabilities? PublishDiagnostics = null,
    JsonElement? Diagnostic = null,
    CodeActionClientCapabilities? CodeAction = null
);

internal sealed record HoverClientCapabilities(IReadOnlyList<string>? ContentFormat = null);

internal sealed record PublishDiagnosticsClientCapabilities(
    bool RelatedInformation = false,
    bool CodeDescriptionSupport = false,
    bool DataSupport = false
);

internal sealed record CodeActionClientCapabilities(JsonElement? CodeActionLiteralSupport = null);

internal sealed record WindowClientCapabilities(bool WorkDoneProgress = false);

internal sealed record WorkspaceClientCapabilities(
    bool Configuration = false,
    DynamicRegistrationCapability? DidChangeWatchedFiles = null,
    DynamicRegistrationCapability? DidChangeConfiguration = null,
    RefreshCapability? Diagnostics = null,
    RefreshCapability? InlayHint = null,
    RefreshCapability? CodeLens = null,
    RefreshCapability? SemanticTokens = null
);

internal sealed record DynamicRegistrationCapability(bool DynamicRegistration = false);

internal sealed record RefreshCapability(bool RefreshSupport = false);

internal sealed record InitializeResult(ServerCapabilities Capabilities, ServerInfo ServerInfo);

internal sealed record ServerInfo(string Name, string Version);

internal sealed record ServerCapabilities
{
    public required string PositionEncoding { get; init; }

    public required TextDocumentSyncOptions TextDocumentSync { get; init; }

    public bool HoverProvider { get; init; }

    public DiagnosticOptions? DiagnosticProvider { get; init; }
}

internal sealed record TextDocumentSyncOptions(bool OpenClose, int Change, SaveOptions Save)
{
    public const int Incremental = 2;
}

internal sealed record SaveOptions(bool IncludeText);

internal sealed record DiagnosticOptions(string Identifier, bool InterFileDependencies, bool WorkspaceDiagnostics);
