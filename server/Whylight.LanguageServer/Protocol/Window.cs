namespace Whylight.LanguageServer.Protocol;

internal enum MessageType
{
    Error = 1,
    Warning = 2,
    Info = 3,
    Log = 4,
}

internal sealed record MessageParams(MessageType Type, string Message);

/// <summary>Of our own: what the server is doing, for a status item.</summary>
/// <param name="State"><c>loading</c>, <c>ready</c> or <c>error</c>.</param>
/// <param name="Model">The model loaded or being loaded.</param>
/// <param name="Message">One sentence for the user.</param>
internal sealed record StatusParams(string State, string? Model = null, string? Message = null);
