using System.Text;

namespace Whylight.Documents.Datasets;

/// <summary>Opens dataset files as UTF-8, whatever their encoding.</summary>
internal static class Utf8Source
{
    /// <summary>The file as a stream of UTF-8; a file in another encoding is transcoded as it is read.</summary>
    /// <exception cref="DocumentException">Not there, not readable, empty, or no such encoding.</exception>
    public static Stream Open(string path, string? encoding, out bool transcoded)
    {
        FileStream file;
        try
        {
            file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                1 << 16,
                FileOptions.SequentialScan
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TextDecoder.Unreadable(path, e);
        }
        try
        {
            Span<byte> head = stackalloc byte[4];
            int read = file.ReadAtLeast(head, 4, throwOnEndOfStream: false);
            if (read == 0)
            {
                throw new DocumentException($"{path} is empty; write at least one example into it");
            }
            (Encoding found, int mark) = TextDecoder.Detect(path, head[..read], encoding);
            transcoded = found is not UTF8Encoding;
            file.Position = transcoded ? mark : 0;
            return transcoded ? Encoding.CreateTranscodingStream(file, found, new UTF8Encoding(false)) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file in UTF-8 at rest: itself, or a temporary copy that goes away when it is closed.</summary>
    /// <exception cref="DocumentException">As <see cref="Open"/>, or not in its encoding.</exception>
    public static FileStream OpenAtRest(string path, string? encoding)
    {
        Stream stream = Open(path, encoding, out bool transcoded);
        if (!transcoded)
        {
            return (FileStream)stream;
        }
        using (stream)
        {
            FileStream copy = new(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                1 << 16,
                FileOptions.DeleteOnClose
            );
            try
            {
                stream.CopyTo(copy);
                copy.Flush();
                copy.Position = 0;
                return copy;
            }
            catch (DecoderFallbackException e)
            {
                copy.Dispose();
                throw new DocumentException($"{path} is not in its encoding; name another one with --encoding", e);
            }
        }
    }
}
