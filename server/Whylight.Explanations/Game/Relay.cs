namespace Whylight.Explanations.Game;

/// <summary>Passes better answers on in order and at once; <see cref="Progress{T}"/> would post them to a pool.</summary>
internal sealed class Relay<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);

    /// <summary>A relay that turns estimates into explanations, or null when nobody looks.</summary>
    public static Relay<T>? To(IProgress<Explanation>? progress, Func<T, Explanation> frame) =>
        progress is null ? null : new Relay<T>(estimate => progress.Report(frame(estimate)));
}
