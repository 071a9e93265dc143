using System.Runtime.CompilerServices;

namespace Whylight.Tests;

/// <summary>Reference material kept beside the checkout; tests that need it skip, with a message, where it is absent.</summary>
internal static class Shared
{
    /// <summary>Root folder of the repository these tests were built from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Full path of a file or folder of the shared material; skips the running test where it is absent.</summary>
    public static string Require(string relativePath)
    {
        string? root = Root();
        string path = Path.Combine(root ?? "shared", relativePath);
        Assert.SkipUnless(
            root is not null && (File.Exists(path) || Directory.Exists(path)),
            $"'{relativePath}' is not here: put the shared folder beside the checkout or set WHYLIGHT_SHARED"
        );
        return path;
    }

    /// <summary>The shared folder, or null; for data sources of theories, which must not skip while they enumerate.</summary>
    public static string? Root()
    {
        string? named = Environment.GetEnvironmentVariable("WHYLIGHT_SHARED");
        if (named is not null)
        {
            return Directory.Exists(named) ? named : null;
        }
        for (DirectoryInfo? folder = new(Repository); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(candidate, "golden")))
            {
                return candidate;
            }
        }
        return null;
    }

    private static string FindRepository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
