using System.Globalization;
using Whylight.Explanations.Global;

namespace Whylight;

/// <summary>
/// How far work over a dataset has come, on standard error: one line redrawn on a terminal; elsewhere one line every ten
/// thousand texts predicted or thousand explained, so that long runs do not look dead in a log.
/// </summary>
internal sealed class CountLine(Streams streams) : IProgress<GlobalProgress>
{
    private readonly Lock _gate = new();
    private int _steps;
    private bool _open;

    public void Report(GlobalProgress value)
    {
        string total = value.Total is { } t ? string.Create(CultureInfo.InvariantCulture, $" of {t}") : " texts";
        string line = string.Create(CultureInfo.InvariantCulture, $"{value.Stage}: {value.Done}{total}");
        lock (_gate)
        {
            if (streams.Interactive)
            {
                streams.Error.Write($"\r\u001b[K{line}");
                _open = true;
                return;
            }
            int every = value.Stage == "predict" ? 10_000 : 1_000;
            if (value.Total is null && value.Done / every > _steps)
            {
                _steps = value.Done / every;
                streams.Error.WriteLine(line);
            }
        }
    }

    /// <summary>Takes the redrawn line away again.</summary>
    public void End()
    {
        if (_open)
        {
            streams.Error.Write("\r\u001b[K");
        }
    }
}
