namespace Whylight.Tests.LanguageServer;

/// <summary>A workspace folder on disk, removed afterwards.</summary>
internal sealed class TestWorkspace : IDisposable
{
    /// <summary>Explains by occlusion, which asks nothing of a model but predictions.</summary>
    public const string Configuration = """
        version: 1
        files:
          - {glob: "*.tsv", model: builtin:sentiment, text: sentence, label: label}
        explain: {method: occlusion}
        """;

    public string Folder { get; } = Directory.CreateTempSubdirectory("whylight-").FullName;

    public TestWorkspace(string configuration = Configuration) => Write("whylight.yaml", configuration);

    /// <summary>Writes a file and returns its URI.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Folder, name), text);
        return Uri(name);
    }

    public string Uri(string name) => new Uri(Path.Combine(Folder, name)).AbsoluteUri;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
