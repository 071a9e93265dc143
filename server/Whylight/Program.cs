namespace Whylight;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using Streams streams = Streams.OfProcess();
        using CancellationTokenSource interrupted = new();
        Console.CancelKeyPress += (_, pressed) =>
        {
            // The first Ctrl+C lets a verb keep what it has (training its best checkpoint); a second one ends the process.
            pressed.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        };
        return await CommandLine.RunAsync(args, streams, interrupted.Token);
    }
}
