using Whylight.Harness.Specs;

namespace Whylight;

/// <summary>How far a suite has come: one line redrawn on a terminal, nothing elsewhere.</summary>
internal sealed class SuiteProgressLine(Streams streams) : IProgress<SuiteProgress>
{
    private readonly Lock _gate = new();
    private bool _open;

    public void Report(SuiteProgress value)
    {
        if (!streams.Interactive)
        {
            return;
        }
        lock (_gate)
        {
            string done = value.Total > 0 ? $" {value.Done}/{value.Total}" : "";
            streams.Error.Write($"\r\u001b[K{value.Suite}  {value.Test}{done}");
            _open = true;
        }
    }

    /// <summary>Takes the line away again.</summary>
    public void End()
    {
        if (_open)
        {
            streams.Error.Write("\r\u001b[K");
        }
    }
}
