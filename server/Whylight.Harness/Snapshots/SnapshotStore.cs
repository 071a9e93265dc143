using System.Text;
using DiffPlex.Renderer;

namespace Whylight.Harness.Snapshots;

/// <summary>
/// Holds received content against verified files, after Verify's habits: <c>NAME.verified.EXT</c> is kept under version
/// control, <c>NAME.received.EXT</c> appears on a mismatch and goes on a match, and nothing is verified unless asked.
/// Unlike there, every number has a tolerance.
/// </summary>
/// <remarks>Files are UTF-8 without a byte order mark, with LF line ends and one at the end.</remarks>
public sealed class SnapshotStore
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly string _folder;
    private readonly SnapshotOptions _options;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>A store over a folder, which is made when the first file is written.</summary>
    public SnapshotStore(string folder, SnapshotOptions? options = null)
    {
        _folder = Path.GetFullPath(folder);
        _options = options ?? new SnapshotOptions();
    }

    /// <summary>Holds content against the verified snapshot of a name.</summary>
    /// <param name="name">File name without folder and ending: letters, digits, dot, hyphen and underscore.</param>
    /// <param name="content">What was received.</param>
    /// <param name="extension">Ending without a dot; <c>json</c> is compared by structure, all else by line.</param>
    /// <exception cref="ArgumentException">The name is no plain file name.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public SnapshotResult Check(string name, string content, string extension = "json")
    {
        string verifiedPath = PathOf(name, "verified", extension);
        string receivedPath = PathOf(name, "received", extension);
        _asked.Add(verifiedPath);
        string received = Normalize(content);
        string? verified = File.Exists(verifiedPath) ? Normalize(File.ReadAllText(verifiedPath)) : null;

        IReadOnlyList<string> differences = verified is null
            ? []
            : SnapshotComparer.Differences(verified, received, extension == "json", _options.Rules);
        if (verified is not null && differences.Count == 0)
        {
            File.Delete(receivedPath);
            return new SnapshotResult(SnapshotOutcome.Matched, verifiedPath, null, "", "");
        }
        if (_options.Accept && !_options.BuildServer)
        {
            Write(verifiedPath, received);
            File.Delete(receivedPath);
            return new SnapshotResult(SnapshotOutcome.Accepted, verifiedPath, null, "", "");
        }
        // Written before anything is said: a run that fails without leaving its output cannot be judged or accepted.
        Write(receivedPath, received);
        LaunchDiffTool(receivedPath, verifiedPath);
        string file = Path.GetFileName(verifiedPath);
        string accept = _options.BuildServer
            ? "run the same command with --accept on your own machine, look at it and commit it"
            : "look at the received file beside it and run again with --accept to keep it";
        return verified is null
            ? new SnapshotResult(SnapshotOutcome.Missing, verifiedPath, receivedPath, $"no {file} yet: {accept}", "")
            : new SnapshotResult(
                SnapshotOutcome.Mismatched,
                verifiedPath,
                receivedPath,
                $"differs from {file}: {string.Join("; ", differences)}; if the new output is right, {accept}",
                UnidiffRenderer.GenerateUnidiff(verified, received, file, Path.GetFileName(receivedPath))
            );
    }

    /// <summary>Verified files of this folder that no check has asked for: outputs that are no longer made.</summary>
    public IReadOnlyList<string> Dangling() =>
        Directory.Exists(_folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(_folder, "*.verified.*")
                    .Where(path => !_asked.Contains(path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    private string PathOf(string name, string kind, string extension)
    {
        if (
            name.Length == 0
            || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))
            || name[0] == '.'
        )
        {
            throw new ArgumentException(
                $"'{name}' is no snapshot name: use letters, digits, dots, hyphens and underscores",
                nameof(name)
            );
        }
        return Path.Combine(_folder, $"{name}.{kind}.{extension}");
    }

    private static string Normalize(string content) => content.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

    private static void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, s_utf8);
    }

    private void LaunchDiffTool(string receivedPath, string verifiedPath)
    {
        if (_options.LaunchDiffTool && !_options.BuildServer)
        {
            DiffEngine.DiffRunner.Launch(receivedPath, verifiedPath, s_utf8);
        }
    }
}
