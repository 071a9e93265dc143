using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Checkpoints;

/// <summary>Writes safetensors files; the same tensors give the same bytes.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes tensors in ordinal order of their names, whole or not at all (a temporary file is moved into place).</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Names and values.</param>
    /// <param name="type">Float32 or Float16; what the values are stored as.</param>
    /// <exception cref="ModelException">A value is not finite in that type.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        ScalarType type = ScalarType.Float32
    )
    {
        if (type is not (ScalarType.Float32 or ScalarType.Float16))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Float32 or Float16");
        }
        KeyValuePair<string, Tensor>[] sorted = [.. tensors.OrderBy(t => t.Key, StringComparer.Ordinal)];
        long size = type == ScalarType.Float32 ? 4 : 2;
        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            long at = 0;
            foreach ((string name, Tensor tensor) in sorted)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type == ScalarType.Float32 ? "F32" : "F16");
                json.WriteStartArray("shape");
                foreach (long dimension in tensor.shape)
                {
                    json.WriteNumberValue(dimension);
                }
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                at += tensor.numel() * size;
                json.WriteNumberValue(at);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (header.Length % 8 != 0)
        {
            header.WriteByte((byte)' ');
        }
        string temporary = path + ".new";
        using (FileStream file = File.Create(temporary))
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
            foreach ((string name, Tensor tensor) in sorted)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor stored = tensor.detach().cpu().to_type(type).contiguous();
                if (stored.numel() > 0 && !stored.isfinite().all().item<bool>())
                {
                    throw new ModelException(
                        $"{FileText.Quote(name)} holds a value that {type} cannot store as a finite number"
                    );
                }
                file.Write(stored.bytes);
            }
        }
        File.Move(temporary, path, overwrite: true);
    }
}
