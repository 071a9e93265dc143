namespace Whylight.LanguageServer.Protocol;

internal enum DiagnosticSeverity
{
    Error = 1,
    Warning = 2,
    Information = 3,
    Hint = 4,
}

internal sealed record CodeDescription(string Href);

internal sealed record DiagnosticRelatedInformation(Location Location, string Message);

internal sealed record Diagnostic(
    Range Range,
    string Message,
    DiagnosticSeverity? Severity = null,
    string? Code = null,
    CodeDescription? CodeDescription = null,
    string? Source = null,
    IReadOnlyList<DiagnosticRelatedInformation>? RelatedInformation = null,
    System.Text.Json.JsonElement? Data = null
);

internal sealed record PublishDiagnosticsParams(string Uri, IReadOnlyList<Diagnostic> Diagnostics, int? Version = null);

internal sealed record DocumentDiagnosticParams(
    TextDocumentIdentifier TextDocument,
    string? Identifier = null,
    string? PreviousResultId = null
);

/// <summary>Either <c>full</c> with items, or <c>unchanged</c> without.</summary>
internal sealed record DocumentDiagnosticReport(
    string Kind,
    string? ResultId = null,
    IReadOnlyList<Diagnostic>? Items = null
);
