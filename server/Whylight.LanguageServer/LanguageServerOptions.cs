using Whylight.LanguageServer.Serving;

namespace Whylight.LanguageServer;

/// <summary>What the server is built from, so that tests may replace models and time.</summary>
internal sealed record LanguageServerOptions
{
    public required LoadModel LoadModel { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Quiet time after the last edit before a document is examined.</summary>
    public TimeSpan DiagnosticsDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a hover waits for a model that is being loaded, before it says so.</summary>
    public TimeSpan ModelPatience { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a hover waits for the full explanation, before it shows what there is and says so.</summary>
    public TimeSpan ExplanationPatience { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Where the server's log goes; never standard output, which carries the protocol.</summary>
    public Action<string> Log { get; init; } = Console.Error.WriteLine;

    /// <summary>Looks for the editor's process and ends with it.</summary>
    public bool WatchParent { get; init; } = true;
}
