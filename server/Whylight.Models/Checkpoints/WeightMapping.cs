using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Checkpoints;

/// <summary>A weight file in memory without a copy: tensors lie in its pages, which the system reads when they are touched.</summary>
/// <remarks>
/// Pages are private: writing to a tensor never reaches the file. Every tensor holds the mapping, so it goes when the last of
/// them goes, in whatever order things are disposed. The file must not be made shorter while it is mapped: on Linux and macOS a
/// read beyond its new end is a signal that ends the process (Windows refuses such a change instead). Hence a copy is the default.
/// </remarks>
internal sealed partial class WeightMapping : IDisposable
{
    // libtorch calls back by address when a tensor's storage goes: the delegate must live as long as the process.
    private static readonly Released s_released = Release;
    private static readonly ConcurrentDictionary<nint, SafeHandle> s_owners = new();
    private static bool s_unavailable = !IsDeclaredAsHere();

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private WeightMapping(MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        _file = file;
        _view = view;
    }

    /// <summary>Tensors of this process that lie in mapped files now.</summary>
    public static int LiveTensors => s_owners.Count;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Released(nint data);

    /// <summary>Maps a file that others may go on reading, replacing and deleting; null where the system cannot.</summary>
    public static WeightMapping? Open(string path)
    {
        if (s_unavailable)
        {
            return null;
        }
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        MemoryMappedFile? file = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(
                stream,
                mapName: null,
                capacity: 0,
                MemoryMappedFileAccess.CopyOnWrite,
                HandleInheritability.None,
                leaveOpen: false
            );
            return new WeightMapping(file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.CopyOnWrite));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            file?.Dispose();
            stream.Dispose();
            return null;
        }
    }

    /// <summary>A tensor over bytes of the file; null where they are not aligned or libtorch does not offer it.</summary>
    /// <param name="offset">First byte in the file.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="type">Element type as stored.</param>
    /// <param name="size">Bytes of an element.</param>
    public Tensor? Tensor(long offset, IReadOnlyList<long> shape, ScalarType type, int size)
    {
        long count = shape.Aggregate(1L, (product, d) => product * d);
        long length = _view.Capacity;
        if (s_unavailable || offset % size != 0 || offset < 0 || offset > length || count > (length - offset) / size)
        {
            return null;
        }
        SafeHandle handle = _view.SafeMemoryMappedViewHandle;
        bool held = false;
        handle.DangerousAddRef(ref held);
        nint data = handle.DangerousGetHandle() + (nint)(_view.PointerOffset + offset);
        if (!s_owners.TryAdd(data, handle))
        {
            // The same bytes are a tensor already: one owner an address, so this one is copied.
            handle.DangerousRelease();
            return null;
        }
        nint native = 0;
        try
        {
            native = FromBuffer(data, s_released, count, 0, (sbyte)type, (sbyte)type, 0, -1, 0);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            s_unavailable = true;
        }
        if (native == 0)
        {
            Release(data);
            return null;
        }
        using Tensor flat = torch.Tensor.UnsafeCreateTensor(native);
        return flat.numel() == count && flat.dtype == type ? flat.view([.. shape]) : null;
    }

    private static void Release(nint data)
    {
        if (s_owners.TryRemove(data, out SafeHandle? handle))
        {
            handle.DangerousRelease();
        }
    }

    /// <summary>Closes the view; its pages stay until the last tensor in them goes.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    // The native function is TorchSharp's own and not public: it is called only where TorchSharp itself declares it as we do.
    private static bool IsDeclaredAsHere()
    {
        Type?[] wanted =
        [
            typeof(nint),
            null,
            typeof(long),
            typeof(long),
            typeof(sbyte),
            typeof(sbyte),
            typeof(int),
            typeof(int),
            typeof(bool),
        ];
        ParameterInfo[]? declared = typeof(torch)
            .Assembly.GetType("TorchSharp.PInvoke.NativeMethods")
            ?.GetMethod("THSTensor_frombuffer", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            ?.GetParameters();
        return declared?.Length == wanted.Length
            && declared.Zip(wanted, (d, w) => w is null || d.ParameterType == w).All(same => same);
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_frombuffer")]
    private static partial nint FromBuffer(
        nint data,
        Released deleter,
        long count,
        long offset,
        sbyte storedType,
        sbyte type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient
    );
}
