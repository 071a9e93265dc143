using System.Text;
using System.Text.Json;

namespace Whylight.Models.Checkpoints;

/// <summary>One tensor as a safetensors header describes it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte in the buffer after the header.</param>
/// <param name="End">One past its last byte.</param>
internal sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>Reads the header of a safetensors file and checks every claim it makes against the bytes that are there.</summary>
/// <remarks>
/// The format: 8 bytes little-endian header length, that many bytes of JSON, then the buffer. Tensors must tile the buffer
/// without holes or overlaps, names must be unique.
/// </remarks>
internal static class SafetensorsHeader
{
    /// <summary>Longest header the reference implementation accepts, in bytes.</summary>
    public const long MaximumLength = 100_000_000;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="json">The header's bytes, without the length before them.</param>
    /// <param name="bufferLength">Bytes that follow the header.</param>
    /// <returns>The tensors in the order of their bytes.</returns>
    /// <exception cref="ModelException">The header breaks the format; the message says where.</exception>
    public static IReadOnlyList<TensorEntry> Parse(string file, ReadOnlySpan<byte> json, long bufferLength)
    {
        List<TensorEntry> entries = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 16 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new ModelException($"{file}: header must be a JSON object");
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = ReadString(ref reader, file);
                reader.Read();
                if (!names.Add(name))
                {
                    throw new ModelException(
                        $"{file}: duplicate tensor name {FileText.Quote(name)} (the format forbids duplicate keys)"
                    );
                }
                if (name == "__metadata__")
                {
                    if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
                    {
                        throw new ModelException($"{file}: '__metadata__' must be a JSON object");
                    }
                    reader.Skip();
                    continue;
                }
                entries.Add(ReadEntry(ref reader, file, name));
            }
            // Anything but white space after the object is refused by the reader itself.
            while (reader.Read()) { }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ModelException($"{file}: header is not valid JSON; download again", exception);
        }
        return CheckTiling(file, entries, bufferLength);
    }

    private static string ReadString(ref Utf8JsonReader reader, string file)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException($"{file}: header holds text that is not valid UTF-8", exception);
        }
    }

    private static TensorEntry ReadEntry(ref Utf8JsonReader reader, string file, string name)
    {
        string quoted = FileText.Quote(name);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelException($"{file}: entry {quoted} must be a JSON object");
        }
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = ReadString(ref reader, file);
            reader.Read();
            bool repeated = field switch
            {
                "dtype" => type is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => false,
            };
            if (repeated)
            {
                throw new ModelException($"{file}: entry {quoted} has '{field}' twice");
            }
            switch (field)
            {
                case "dtype":
                    if (reader.TokenType != JsonTokenType.String)
                    {
                        throw new ModelException($"{file}: 'dtype' of {quoted} must be text");
                    }
                    type = ReadString(ref reader, file);
                    break;
                case "shape":
                    shape = ReadIntegers(ref reader, file, quoted, field);
                    break;
                case "data_offsets":
                    offsets = ReadIntegers(ref reader, file, quoted, field);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        string? lacking =
            type is null ? "dtype"
            : shape is null ? "shape"
            : offsets is null ? "data_offsets"
            : null;
        if (lacking is not null)
        {
            throw new ModelException($"{file}: entry {quoted} lacks '{lacking}'");
        }
        if (
            !Enum.TryParse(type, ignoreCase: false, out TensorType known)
            || !Enum.IsDefined(known)
            || known.ToString() != type
        )
        {
            throw new ModelException($"{file}: unknown dtype {FileText.Quote(type!)} for {quoted}");
        }
        return CheckEntry(file, quoted, new TensorEntry(name, known, shape!, 0, 0), offsets!);
    }

    private static TensorEntry CheckEntry(string file, string quoted, TensorEntry entry, List<long> offsets)
    {
        if (offsets.Count != 2)
        {
            throw new ModelException($"{file}: 'data_offsets' of {quoted} must be two integers");
        }
        if (offsets[0] < 0 || offsets[1] < 0)
        {
            throw new ModelException($"{file}: {quoted} has a negative offset");
        }
        if (offsets[1] < offsets[0])
        {
            throw new ModelException($"{file}: {quoted} ends at byte {offsets[1]}, before it begins at {offsets[0]}");
        }
        long bytes = entry.Type.Size();
        bool overflows = false;
        bool empty = false;
        foreach (long dimension in entry.Shape)
        {
            if (dimension < 0)
            {
                throw new ModelException(
                    $"{file}: shape of {quoted} has a negative dimension {FileText.Shape(entry.Shape)}"
                );
            }
            empty |= dimension == 0;
            long product = unchecked(bytes * dimension);
            overflows |= dimension != 0 && product / dimension != bytes;
            bytes = dimension == 0 ? bytes : product;
            if (bytes < 0)
            {
                overflows = true;
            }
            if (overflows)
            {
                break;
            }
        }
        // An overflowing product is refused even beside a zero dimension: no honest writer makes one.
        if (overflows)
        {
            throw new ModelException($"{file}: shape of {quoted} overflows");
        }
        bytes = empty ? 0 : bytes;
        if (bytes != offsets[1] - offsets[0])
        {
            throw new ModelException(
                $"{file}: {quoted} {entry.Type} {FileText.Shape(entry.Shape)} needs {bytes} bytes, its offsets span {offsets[1] - offsets[0]}"
            );
        }
        return entry with { Begin = offsets[0], End = offsets[1] };
    }

    private static List<long> ReadIntegers(ref Utf8JsonReader reader, string file, string quoted, string field)
    {
        ModelException Refusal() => new($"{file}: '{field}' of {quoted} must be a list of whole numbers below 2^63");
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Refusal();
        }
        List<long> integers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (
                reader.TokenType != JsonTokenType.Number
                || !reader.TryGetInt64(out long integer)
                || integers.Count >= 64
            )
            {
                throw Refusal();
            }
            integers.Add(integer);
        }
        return integers;
    }

    private static TensorEntry[] CheckTiling(string file, List<TensorEntry> entries, long bufferLength)
    {
        TensorEntry[] sorted = [.. entries.OrderBy(e => e.Begin).ThenBy(e => e.End)];
        long at = 0;
        foreach (TensorEntry entry in sorted)
        {
            string quoted = FileText.Quote(entry.Name);
            if (entry.End > bufferLength)
            {
                throw new ModelException(
                    $"{file}: {quoted} ends at byte {entry.End} of the buffer, only {bufferLength} are present: file truncated; download again"
                );
            }
            if (entry.Begin > at)
            {
                throw new ModelException(
                    $"{file}: bytes {at}..{entry.Begin} of the buffer belong to no tensor (the format forbids holes)"
                );
            }
            if (entry.Begin < at)
            {
                throw new ModelException($"{file}: {quoted} overlaps the tensor before it at byte {entry.Begin}");
            }
            at = entry.End;
        }
        if (at < bufferLength)
        {
            throw new ModelException(
                $"{file}: {bufferLength - at} bytes after the last tensor are not described by the header"
            );
        }
        return sorted;
    }

    /// <summary>Names a file that is no safetensors file by its first bytes, or null where they say nothing.</summary>
    /// <param name="start">Up to 64 first bytes of the file.</param>
    public static string? OtherFormat(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version https://git-lfs"u8))
        {
            return "is a Git LFS pointer, not the weights: run git lfs pull";
        }
        if (start.StartsWith("PK\x03\x04"u8) || start is [0x80, >= 2 and <= 5, ..])
        {
            return "is a pickle or zip archive, not safetensors; pickle files are not read because they can run code: convert to safetensors";
        }
        string text = Encoding.ASCII.GetString(start).TrimStart();
        return
            text.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            ? "is an HTML page, not the weights: download again"
            : null;
    }
}
