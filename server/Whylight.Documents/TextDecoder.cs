using System.Text;

namespace Whylight.Documents;

/// <summary>Bytes to text: a byte order mark decides, else the named encoding, else UTF-8, strictly.</summary>
internal static class TextDecoder
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>The text of a file without its byte order mark.</summary>
    /// <exception cref="DocumentException">Not there, not readable, too large, or not in its encoding.</exception>
    public static string ReadFile(string path, string? encoding)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
        return Decode(path, bytes, encoding);
    }

    /// <summary>A sentence for a file that cannot be opened or read.</summary>
    public static DocumentException Unreadable(string path, Exception e) =>
        e switch
        {
            FileNotFoundException or DirectoryNotFoundException => new DocumentException($"there is no file {path}", e),
            UnauthorizedAccessException when Directory.Exists(path) => new DocumentException(
                $"{path} is a folder; name a file in it",
                e
            ),
            UnauthorizedAccessException => new DocumentException($"{path} may not be read; check its permissions", e),
            _ => new DocumentException($"{path} cannot be read: {e.Message}", e),
        };

    /// <summary>Decodes bytes, or says at which byte and line they are not in their encoding.</summary>
    /// <exception cref="DocumentException">Not in the encoding, or no such encoding.</exception>
    public static string Decode(string path, ReadOnlySpan<byte> bytes, string? encoding)
    {
        (Encoding found, int mark) = Detect(path, bytes, encoding);
        bytes = bytes[mark..];
        try
        {
            return found.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw NotInEncoding(path, found, bytes, mark, named: encoding is not null);
        }
        catch (Exception e) when (e is OutOfMemoryException or ArgumentException)
        {
            throw new DocumentException($"{path} is too large to be read as one text; split it", e);
        }
    }

    /// <summary>The encoding of a file that begins with some bytes, and the length of its byte order mark.</summary>
    /// <exception cref="DocumentException">No such encoding.</exception>
    public static (Encoding Encoding, int Mark) Detect(string path, ReadOnlySpan<byte> bytes, string? encoding)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return (StrictUtf8, 3);
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]))
        {
            return (new UTF32Encoding(false, false, true), 4);
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return (new UnicodeEncoding(false, false, true), 2);
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return (new UnicodeEncoding(true, false, true), 2);
        }
        return (encoding is null ? StrictUtf8 : Named(path, encoding), 0);
    }

    private static Encoding Named(string path, string encoding)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return Encoding.GetEncoding(
                encoding.Trim(),
                EncoderFallback.ExceptionFallback,
                DecoderFallback.ExceptionFallback
            );
        }
        catch (ArgumentException e)
        {
            string[] usual =
            [
                "utf-8",
                "utf-16",
                "utf-16BE",
                "iso-8859-1",
                "windows-1252",
                "gb18030",
                "gbk",
                "big5",
                "shift_jis",
                "euc-kr",
            ];
            throw new DocumentException(
                $"{path}: there is no encoding '{encoding}'{Suggestion.Phrase(encoding, usual)}; use a name such as "
                    + "utf-8, utf-16, windows-1252 or gb18030",
                e
            );
        }
    }

    private static DocumentException NotInEncoding(
        string path,
        Encoding encoding,
        ReadOnlySpan<byte> bytes,
        int mark,
        bool named
    )
    {
        int valid = ValidPrefix(encoding, bytes);
        int line = 1 + bytes[..valid].Count((byte)'\n');
        return new DocumentException(NotInEncodingMessage(path, encoding.WebName, mark + (long)valid, line, named));
    }

    /// <summary>The sentence for bytes that are not in their encoding; the byte is counted from zero, the line from one.</summary>
    public static string NotInEncodingMessage(string path, string encoding, long at, long line, bool named) =>
        $"{path} is not {(encoding == "utf-8" ? "UTF-8" : encoding)} at byte {at} (line {line}); "
        + (
            named
                ? "name another encoding with --encoding"
                : "save it as UTF-8, or name its encoding with --encoding (for example windows-1252 or gb18030)"
        );

    // Number of bytes before the first that cannot be decoded.
    private static int ValidPrefix(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (encoding is UTF8Encoding)
        {
            int at = 0;
            while (at < bytes.Length)
            {
                if (Rune.DecodeFromUtf8(bytes[at..], out _, out int used) != System.Buffers.OperationStatus.Done)
                {
                    return at;
                }
                at += used;
            }
            return at;
        }
        int low = 0;
        int high = bytes.Length;
        Decoder decoder = encoding.GetDecoder();
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            try
            {
                decoder.Reset();
                decoder.GetCharCount(bytes[..middle], flush: false);
                low = middle;
            }
            catch (DecoderFallbackException)
            {
                high = middle - 1;
            }
        }
        return low;
    }
}
