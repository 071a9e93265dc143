namespace Whylight.LanguageServer.State;

/// <summary>Between the editor's URIs and paths on disk.</summary>
internal static class Uris
{
    /// <summary>The path of a <c>file:</c> URI; for any other, the URI's path, which names the kind of file at least.</summary>
    public static string ToPath(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed))
        {
            return uri;
        }
        string path = parsed.IsFile ? parsed.LocalPath : Uri.UnescapeDataString(parsed.AbsolutePath);
        // Editors escape the colon of a Windows drive, which Uri then takes for a name: /c%3A/data.
        return path.Length > 2 && path[0] == '/' && path[2] == ':' && char.IsAsciiLetter(path[1]) ? path[1..] : path;
    }

    /// <summary>The <c>file:</c> URI of a path.</summary>
    public static string FromPath(string path) => new Uri(Path.GetFullPath(path)).AbsoluteUri;
}
