using System.Collections.Immutable;
using Whylight.Explanations.Rendering;

namespace Whylight.LanguageServer.State;

/// <summary>Everything the editor has told us, as of one place in the queue. Immutable.</summary>
internal sealed record ServerState
{
    public static ServerState Initial { get; } = new();

    public ClientProfile Client { get; init; } = new();

    public Settings Settings { get; init; } = new();

    /// <summary>The catalogue in the user's language.</summary>
    public Messages Messages { get; init; } = Messages.English;

    /// <summary>Whether the user trusts the workspace; if not, shipped models only.</summary>
    public bool Trusted { get; init; } = true;

    /// <summary>Open documents by the URI that the editor uses.</summary>
    public ImmutableDictionary<string, OpenDocument> Documents { get; init; } =
        ImmutableDictionary.Create<string, OpenDocument>(StringComparer.Ordinal);

    /// <summary>Counts changes of configuration, settings and models: what was found under an older one is stale.</summary>
    public int Generation { get; init; }

    public OpenDocument? Find(string uri) => Documents.GetValueOrDefault(uri);

    public ServerState With(OpenDocument document) =>
        this with
        {
            Documents = Documents.SetItem(document.Uri, document),
        };

    public ServerState NextGeneration() => this with { Generation = Generation + 1 };
}
