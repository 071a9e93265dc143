using System.Collections.Concurrent;
using Whylight.Documents.Configuration;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer.Serving;

/// <summary>The <c>whylight.yaml</c> files that govern open documents, read again when they change on disk.</summary>
internal sealed class Configurations
{
    private readonly ConcurrentDictionary<string, (string Stamp, WorkspaceConfiguration Configuration)> _known = new(
        StringComparer.Ordinal
    );

    /// <summary>Which model serves a document and how it is read; its model is null where nothing serves it.</summary>
    public ServedFile Serve(OpenDocument document)
    {
        WorkspaceConfiguration configuration = For(document.Path);
        FileResolution resolution = configuration.Resolve(document.Path);
        string? name = configuration.Models.FirstOrDefault(model => model.Value == resolution.Model).Key;
        return new ServedFile(name ?? resolution.Model, resolution, configuration);
    }

    /// <summary>Whether a path is a configuration file.</summary>
    public static bool IsConfiguration(string path) => Path.GetFileName(path) == WorkspaceConfiguration.FileName;

    private WorkspaceConfiguration For(string documentPath)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(documentPath)) ?? Path.GetFullPath(documentPath);
        if (WorkspaceConfiguration.FindFor(documentPath) is not { } path)
        {
            return Remember(folder, "", () => WorkspaceConfiguration.Default(folder));
        }
        FileInfo file = new(path);
        string stamp = $"{file.LastWriteTimeUtc.Ticks}:{file.Length}";
        return Remember(path, stamp, () => Read(path));
    }

    /// <summary>The same configuration object until its file changes, so that what was read by it stays valid.</summary>
    private WorkspaceConfiguration Remember(string path, string stamp, Func<WorkspaceConfiguration> read)
    {
        if (_known.TryGetValue(path, out var known) && known.Stamp == stamp)
        {
            return known.Configuration;
        }
        WorkspaceConfiguration configuration = read();
        _known[path] = (stamp, configuration);
        return configuration;
    }

    /// <summary>A file with errors holds as far as it could be read; its diagnostics say the rest.</summary>
    private static WorkspaceConfiguration Read(string path)
    {
        try
        {
            return WorkspaceConfiguration.Parse(path, File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return WorkspaceConfiguration.Default(Path.GetDirectoryName(path)!);
        }
    }
}
