using Whylight.LanguageServer;
using Whylight.Models;

namespace Whylight.Tests.LanguageServer;

/// <summary>Servers for tests: a model known by heart, no waiting for quiet.</summary>
internal static class TestServers
{
    public const string Uri = "file:///data/reviews.tsv";

    public static LanguageServerOptions Options(LexiconClassifier? model = null) =>
        new()
        {
            LoadModel = (_, _, _) => Task.FromResult<ITextClassifier>(model ?? new LexiconClassifier()),
            DiagnosticsDelay = TimeSpan.Zero,
            ModelPatience = TestEditor.Patience,
            ExplanationPatience = TestEditor.Patience,
            Log = _ => { },
            WatchParent = false,
        };

    public static TestEditor Start(LexiconClassifier? model = null) => TestEditor.Start(Options(model));
}
