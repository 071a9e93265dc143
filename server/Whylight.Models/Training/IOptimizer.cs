using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>Steps weights along their gradients. Native work, so on the scheduler's thread only.</summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>Steps taken.</summary>
    long Steps { get; }

    /// <summary>Takes one step along the gradients and clears them.</summary>
    /// <param name="rate">The learning rate of the step.</param>
    void Step(double rate);

    /// <summary>The state by name, for a checkpoint to resume from.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> State();

    /// <summary>Takes up the state of an interrupted run.</summary>
    void Resume(long steps, IReadOnlyDictionary<string, Tensor> state);
}
