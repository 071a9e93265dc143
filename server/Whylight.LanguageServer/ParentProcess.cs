using System.Diagnostics;

namespace Whylight.LanguageServer;

/// <summary>Watches the editor's process: a server whose editor died must not stay behind.</summary>
internal static class ParentProcess
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Completes when the process is gone.</summary>
    public static async Task WaitForExitAsync(int processId, TimeProvider time, CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (IsAlive(processId))
        {
            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It exists, but belongs to somebody else.
            return true;
        }
    }
}
