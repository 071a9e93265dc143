using Whylight.Documents;

namespace Whylight.LanguageServer.State;

/// <summary>One folder of the workspace and what its <c>whylight.yaml</c> says.</summary>
internal sealed record WorkspaceRoot(string Path)
{
    public const string ConfigurationFile = "whylight.yaml";

    /// <summary>Full path of the folder's configuration file, whether it exists or not.</summary>
    public string ConfigurationPath => System.IO.Path.Combine(Path, ConfigurationFile);

    /// <summary>Whether a path lies in this folder.</summary>
    public bool Contains(string path) =>
        path.StartsWith(
            System.IO.Path.TrimEndingDirectorySeparator(Path) + System.IO.Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );

    /// <summary>Which model serves a file, or null where none does.</summary>
    public static ServedFile? Default(string path)
    {
        DocumentKind kind = DocumentReader.KindOf(path);
        return DocumentReader.IsPrompt(kind) ? new ServedFile("builtin:injection", "builtin:injection", DefaultOptions)
            : DocumentReader.IsDataset(kind) ? new ServedFile("builtin:sentiment", "builtin:sentiment", DefaultOptions)
            : null;
    }

    private static readonly ReadOptions DefaultOptions = new();
}
