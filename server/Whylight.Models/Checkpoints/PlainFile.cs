using System.Text;

namespace Whylight.Models.Checkpoints;

/// <summary>Files of a model folder as a loader may open them.</summary>
internal static class PlainFile
{
    /// <summary>
    /// Bytes of a file, links followed. A pipe or device has none: whoever asks first never waits for one and never reads one
    /// without end.
    /// </summary>
    /// <exception cref="IOException">There is no such file, or its links lead nowhere.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static long Length(string path)
    {
        FileInfo file = new(path);
        return ((FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file).Length;
    }

    /// <summary>All bytes of a file, or none of a pipe or device.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Bytes(string path) => Length(path) == 0 ? [] : File.ReadAllBytes(path);

    /// <summary>Names an encoding that is not UTF-8 by a file's first bytes, or null.</summary>
    public static string? OtherEncoding(ReadOnlySpan<byte> start) =>
        start.StartsWith(Encoding.Unicode.Preamble)
        || start.StartsWith(Encoding.BigEndianUnicode.Preamble)
        || (start.Length >= 2 && (start[0] == 0) != (start[1] == 0))
            ? "is UTF-16, not UTF-8: save it as UTF-8"
            : null;
}
