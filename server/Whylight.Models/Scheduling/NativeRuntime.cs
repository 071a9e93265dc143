using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using TorchSharp;
using Whylight.Models.Networks;

namespace Whylight.Models.Scheduling;

/// <summary>How libtorch is loaded and how many threads it may use, decided by the shape of a call and never by load.</summary>
/// <remarks>
/// Waiting OpenMP threads spin by default, which on a busy machine makes two threads ten times slower than one; they are
/// told to sleep, which must happen before libtorch is loaded.
/// </remarks>
public static partial class NativeRuntime
{
    /// <summary>Multiply-adds from which a second thread pays although waiting is passive (about 15 ms of one core).</summary>
    private const long ThreadedWork = 500_000_000;

    private static readonly Lock s_gate = new();
    private static bool s_prepared;

    // OpenMP's thread count belongs to the thread that sets it.
    [ThreadStatic]
    private static int t_threads;

    /// <summary>Most threads a batched call uses; the machine's type and this setting are part of "same bytes".</summary>
    public static int BatchThreads { get; set; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Sets up native waiting once; touches nothing of libtorch.</summary>
    internal static void Prepare()
    {
        lock (s_gate)
        {
            if (s_prepared)
            {
                return;
            }
            s_prepared = true;
            foreach ((string name, string value) in new[] { ("OMP_WAIT_POLICY", "PASSIVE"), ("GOMP_SPINCOUNT", "0") })
            {
                if (Environment.GetEnvironmentVariable(name) is null)
                {
                    Environment.SetEnvironmentVariable(name, value);
                    // The runtime keeps its own copy of the environment; native code reads the process's.
                    if (!OperatingSystem.IsWindows())
                    {
                        _ = SetEnvironment(name, value, 0);
                    }
                }
            }
        }
    }

    /// <summary>Sets the threads of the calling thread's native work.</summary>
    internal static void Use(int threads)
    {
        Prepare();
        if (t_threads != threads)
        {
            torch.set_num_threads(threads);
            t_threads = threads;
        }
    }

    /// <summary>Back to one thread, where another number was set.</summary>
    internal static void Reset()
    {
        if (t_threads > 1)
        {
            Use(1);
        }
    }

    /// <summary>Sets one thread for small calls, <see cref="BatchThreads"/> for large ones.</summary>
    /// <param name="workPerToken">Multiply-adds a token costs (<see cref="WorkPerToken"/>).</param>
    /// <param name="tokens">Tokens in the call, padding included.</param>
    internal static void UseFor(long workPerToken, long tokens) =>
        Use(workPerToken * tokens >= ThreadedWork ? Math.Max(1, BatchThreads) : 1);

    /// <summary>Multiply-adds a token costs: elements of the weight matrices that are not looked up.</summary>
    internal static long WorkPerToken(Network network) =>
        network
            .Parameters.Where(p =>
                p.Value.dim() == 2
                && !p.Key.Contains("embed", StringComparison.Ordinal)
                && !p.Key.Contains("wte", StringComparison.Ordinal)
                && !p.Key.Contains("wpe", StringComparison.Ordinal)
            )
            .Sum(p => p.Value.numel());

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
