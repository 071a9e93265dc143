namespace Whylight.LanguageServer.Protocol;

/// <summary>Text in a markup: <c>markdown</c> or <c>plaintext</c>.</summary>
internal sealed record MarkupContent(string Kind, string Value)
{
    public const string Markdown = "markdown";
    public const string PlainText = "plaintext";
}

internal sealed record Hover(MarkupContent Contents, Range? Range);
