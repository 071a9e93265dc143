using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Checkpoints;

/// <summary>An open safetensors file: its header checked, its tensors read when asked for.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly long _buffer;
    private readonly Dictionary<string, TensorEntry> _entries;
    private WeightMapping? _mapping;

    private SafetensorsFile(string path, SafeFileHandle handle, long buffer, IReadOnlyList<TensorEntry> entries)
    {
        _path = path;
        Name = Path.GetFileName(path);
        _handle = handle;
        _buffer = buffer;
        Entries = entries;
        _entries = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>The file's name without its folder.</summary>
    public string Name { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Opens a file and checks its header; reads no tensor.</summary>
    /// <exception cref="ModelException">The file is no sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        string name = Path.GetFileName(path);
        SafeFileHandle handle;
        try
        {
            if (PlainFile.Length(path) == 0)
            {
                throw new ModelException($"{name} is empty (0 bytes); download again");
            }
            // Others may replace the file while it is read: what was opened stays what it was.
            handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{name} cannot be opened: {FileText.Reason(exception)}", exception);
        }
        try
        {
            long length = RandomAccess.GetLength(handle);
            Span<byte> start = stackalloc byte[64];
            start = start[..RandomAccess.Read(handle, start, 0)];
            if (SafetensorsHeader.OtherFormat(start) is string other)
            {
                throw new ModelException($"{name} {other}");
            }
            if (length < 8)
            {
                throw new ModelException($"{name}: {length} bytes are too few for a header: file truncated");
            }
            ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(start);
            if (claimed > SafetensorsHeader.MaximumLength)
            {
                throw new ModelException($"{name}: header length {claimed} is impossible (limit 100 MB)");
            }
            if (claimed == 0)
            {
                throw new ModelException($"{name}: empty header");
            }
            if ((long)claimed > length - 8)
            {
                throw new ModelException(
                    $"{name}: header says {claimed} bytes, only {length - 8} are present: file truncated; download again"
                );
            }
            byte[] json = new byte[claimed];
            ReadExactly(name, handle, json, 8);
            IReadOnlyList<TensorEntry> entries = SafetensorsHeader.Parse(name, json, length - 8 - (long)claimed);
            return new SafetensorsFile(path, handle, 8 + (long)claimed, entries);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The entry of a name, or null.</summary>
    public TensorEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>Reads a tensor of weights, widened or narrowed to a type.</summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="type">The type wanted.</param>
    /// <param name="mapped">Whether it may lie in the mapped file: done where it is stored in that very type and aligned.</param>
    /// <exception cref="ModelException">The tensor holds integers, NaN or infinity, or the file shrank meanwhile.</exception>
    public Tensor Read(TensorEntry entry, ScalarType type, bool mapped = false)
    {
        string quoted = FileText.Quote(entry.Name);
        ScalarType stored = CheckType(entry);
        if (mapped && stored == type && entry.End > entry.Begin)
        {
            _mapping ??= WeightMapping.Open(_path);
            if (_mapping?.Tensor(_buffer + entry.Begin, entry.Shape, stored, entry.Type.Size()) is Tensor inPlace)
            {
                try
                {
                    CheckFinite(inPlace, entry, quoted);
                    return inPlace;
                }
                catch
                {
                    inPlace.Dispose();
                    throw;
                }
            }
        }
        if (entry.End - entry.Begin > int.MaxValue)
        {
            throw new ModelException($"{Name}: {quoted} is larger than 2 GB, which is not supported");
        }
        Tensor tensor = empty([.. entry.Shape], dtype: stored);
        try
        {
            if (entry.End > entry.Begin)
            {
                ReadExactly(Name, _handle, tensor.bytes, _buffer + entry.Begin);
            }
            if (stored != type)
            {
                Tensor converted = tensor.to_type(type);
                tensor.Dispose();
                tensor = converted;
            }
            CheckFinite(tensor, entry, quoted);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>libtorch's type of a tensor of weights.</summary>
    /// <exception cref="ModelException">The tensor is none: it holds integers, say.</exception>
    public ScalarType CheckType(TensorEntry entry) =>
        entry.Type.WeightType()
        ?? throw new ModelException(
            $"{Name}: {FileText.Quote(entry.Name)} is {entry.Type}; weights must be F64, F32, F16 or BF16"
        );

    private void CheckFinite(Tensor tensor, TensorEntry entry, string quoted)
    {
        if (tensor.numel() == 0)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor finite = tensor.isfinite();
        if (finite.all().item<bool>())
        {
            return;
        }
        long flat = finite.logical_not().flatten().to_type(ScalarType.Int64).argmax().item<long>();
        string value = double.IsNaN(tensor.flatten()[flat].to_type(ScalarType.Float64).item<double>())
            ? "NaN"
            : "infinity";
        long[] index = new long[entry.Shape.Count];
        for (int i = index.Length - 1; i >= 0; i--)
        {
            index[i] = flat % entry.Shape[i];
            flat /= entry.Shape[i];
        }
        throw new ModelException($"{Name}: {quoted} contains {value} at {FileText.Shape(index)}; outputs would be NaN");
    }

    private static void ReadExactly(string name, SafeFileHandle handle, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(handle, target, offset);
            if (read <= 0)
            {
                throw new ModelException($"{name} became shorter while it was read");
            }
            target = target[read..];
            offset += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle.Dispose();
        _mapping?.Dispose();
    }
}
