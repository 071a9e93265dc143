using System.Collections.Immutable;

namespace Whylight.LanguageServer.State;

/// <summary>Everything the editor has told us, as of one place in the queue. Immutable.</summary>
internal sealed record ServerState
{
    public static ServerState Initial { get; } = new();

    public ClientProfile Client { get; init; } = new();

    public Settings Settings { get; init; } = new();

    /// <summary>Whether the user trusts the workspace; if not, shipped models only.</summary>
    public bool Trusted { get; init; } = true;

    public ImmutableArray<WorkspaceRoot> Roots { get; init; } = [];

    /// <summary>Open documents by the URI that the editor uses.</summary>
    public ImmutableDictionary<string, OpenDocument> Documents { get; init; } =
        ImmutableDictionary.Create<string, OpenDocument>(StringComparer.Ordinal);

    /// <summary>Counts changes of configuration, settings and models: what was found under an older one is stale.</summary>
    public int Generation { get; init; }

    public OpenDocument? Find(string uri) => Documents.GetValueOrDefault(uri);

    /// <summary>Which model serves a document, or null where none does.</summary>
    public ServedFile? Serve(OpenDocument document) => WorkspaceRoot.Default(document.Path);

    public ServerState With(OpenDocument document) =>
        this with
        {
            Documents = Documents.SetItem(document.Uri, document),
        };

    public ServerState NextGeneration() => this with { Generation = Generation + 1 };
}
