using Whylight.Models;

namespace Whylight.Harness.Specs;

/// <summary>The suite's limits have been reached.</summary>
internal sealed class LimitReachedException(string message) : Exception(message);

/// <summary>Counts the texts that a suite asks about, and stops it at its limits.</summary>
internal sealed class MeteredClassifier(ITextClassifier model, SuiteLimits limits, TimeProvider clock) : ITextClassifier
{
    private readonly long _started = clock.GetTimestamp();
    private long _calls;

    public long Calls => Interlocked.Read(ref _calls);

    public ModelInfo Info => model.Info;

    public IReadOnlyList<Absence> Absences => model.Absences;

    /// <summary>The model itself, for what is not to be counted.</summary>
    public ITextClassifier Unmetered => model;

    public TokenizedText Tokenize(string text) => model.Tokenize(text);

    public Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        Spend(texts.Count);
        return model.PredictAsync(texts, priority, cancellation);
    }

    public Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        Spend(present.Count);
        return model.EvaluateAsync(text, present, absence, priority, cancellation);
    }

    // The model belongs to whoever started the suite.
    public void Dispose() { }

    /// <summary>Counts texts asked about; throws at the limit.</summary>
    public void Spend(int texts)
    {
        if (limits.Time is TimeSpan time && clock.GetElapsedTime(_started) > time)
        {
            throw new LimitReachedException("the suite's time limit was reached");
        }
        if (Interlocked.Add(ref _calls, texts) > limits.ModelCalls)
        {
            throw new LimitReachedException("the suite's limit of model calls was reached");
        }
    }
}
