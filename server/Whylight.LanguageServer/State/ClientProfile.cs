using System.Text.Json;
using Whylight.LanguageServer.Protocol;

namespace Whylight.LanguageServer.State;

/// <summary>What a hover may contain.</summary>
internal enum HoverMarkup
{
    PlainText,
    Markdown,

    /// <summary>Markdown with the HTML tags that VS Code lets through: spans with colours, images.</summary>
    Html,
}

/// <summary>What the editor can show and do, read once from its capabilities.</summary>
internal sealed record ClientProfile
{
    public PositionEncoding Encoding { get; init; }

    public HoverMarkup HoverMarkup { get; init; }

    /// <summary>The editor asks for diagnostics; else they are sent.</summary>
    public bool PullsDiagnostics { get; init; }

    public bool RefreshesDiagnostics { get; init; }

    public bool ShowsRelatedInformation { get; init; }

    public bool LinksDiagnosticCodes { get; init; }

    public bool ShowsProgress { get; init; }

    public bool AnswersConfiguration { get; init; }

    public bool WatchesFiles { get; init; }

    /// <summary>The editor asked for our own status notification.</summary>
    public bool WantsStatus { get; init; }

    public static ClientProfile From(InitializeParams parameters)
    {
        ClientCapabilities? client = parameters.Capabilities;
        TextDocumentClientCapabilities? text = client?.TextDocument;
        return new ClientProfile
        {
            Encoding = PositionEncodings.Choose(client?.General?.PositionEncodings),
            HoverMarkup = MarkupOf(client),
            PullsDiagnostics = text?.Diagnostic is { ValueKind: JsonValueKind.Object },
            RefreshesDiagnostics = client?.Workspace?.Diagnostics?.RefreshSupport == true,
            ShowsRelatedInformation = text?.PublishDiagnostics?.RelatedInformation == true,
            LinksDiagnosticCodes = text?.PublishDiagnostics?.CodeDescriptionSupport == true,
            ShowsProgress = client?.Window?.WorkDoneProgress == true,
            AnswersConfiguration = client?.Workspace?.Configuration == true,
            WatchesFiles = client?.Workspace?.DidChangeWatchedFiles?.DynamicRegistration == true,
            WantsStatus = Json.Flag(parameters.InitializationOptions, "status", false),
        };
    }

    /// <summary>Clients that show HTML as it stands, as Neovim does, announce no allowed tags.</summary>
    private static HoverMarkup MarkupOf(ClientCapabilities? client)
    {
        if (client?.TextDocument?.Hover?.ContentFormat?.Contains(MarkupContent.Markdown) != true)
        {
            return HoverMarkup.PlainText;
        }
        IReadOnlyList<string> tags = client.General?.Markdown?.AllowedTags ?? [];
        return tags.Contains("span") && tags.Contains("img") ? HoverMarkup.Html : HoverMarkup.Markdown;
    }
}
