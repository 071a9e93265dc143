using System.Globalization;
using Whylight.Models.Training;

namespace Whylight;

/// <summary>How far training has come, on standard error: one line redrawn on a terminal, one a stage and pass elsewhere.</summary>
internal sealed class TrainingProgressLine(Streams streams) : IProgress<TrainingProgress>
{
    private const int BarWidth = 24;
    private readonly Lock _gate = new();
    private (string Stage, int Epoch) _last = ("", -1);
    private bool _open;

    public void Report(TrainingProgress value)
    {
        lock (_gate)
        {
            string loss = value.Loss is { } l ? string.Create(CultureInfo.InvariantCulture, $"  loss {l:0.0000}") : "";
            string held = value.HeldOutAccuracy is { } h
                ? string.Create(CultureInfo.InvariantCulture, $"  held out {h:0.000}")
                : "";
            held = value.HeldOutBits is { } bits
                ? string.Create(CultureInfo.InvariantCulture, $"  held out {bits:0.000} bits a byte")
                : held;
            string pass = value.Epoch > 0 ? $" {value.Epoch}/{value.Epochs}" : "";
            if (streams.Interactive)
            {
                int full = (int)Math.Round(Math.Clamp(value.Share, 0, 1) * BarWidth);
                string bar = new string('█', full) + new string('░', BarWidth - full);
                streams.Error.Write($"\r\u001b[K{value.Stage}{pass}  {bar}{loss}{held}");
                _open = true;
            }
            else if (_last != (value.Stage, value.Epoch) || held.Length > 0)
            {
                streams.Error.WriteLine($"{value.Stage}{pass}{loss}{held}");
            }
            _last = (value.Stage, value.Epoch);
        }
    }

    /// <summary>Ends the redrawn line.</summary>
    public void End()
    {
        if (_open)
        {
            streams.Error.WriteLine();
        }
    }
}
