using System.Text.Json;

namespace Whylight.LanguageServer.Protocol;

internal sealed record DidChangeConfigurationParams(JsonElement? Settings = null);

internal sealed record ConfigurationItem(string? Section = null, string? ScopeUri = null);

internal sealed record ConfigurationParams(IReadOnlyList<ConfigurationItem> Items);

internal sealed record FileEvent(string Uri, int Type);

internal sealed record DidChangeWatchedFilesParams(IReadOnlyList<FileEvent> Changes);

internal sealed record WatchedPattern(string GlobPattern);

internal sealed record DidChangeWatchedFilesRegistrationOptions(IReadOnlyList<WatchedPattern> Watchers);

internal sealed record Registration(
    string Id,
    string Method,
    DidChangeWatchedFilesRegistrationOptions? RegisterOptions = null
);

internal sealed record RegistrationParams(IReadOnlyList<Registration> Registrations);
