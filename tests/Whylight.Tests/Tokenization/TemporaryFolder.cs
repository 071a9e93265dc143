namespace Whylight.Tests.Tokenization;

/// <summary>A folder that is removed after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("whylight-tokenizer-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public TemporaryFolder With(string name, string content)
    {
        File.WriteAllText(At(name), content);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
