namespace Whylight.Models.Training;

/// <summary>How far a training run has come.</summary>
/// <param name="Stage">What is being done: "vocabulary", "pretrain", "teacher", "train" or "report".</param>
/// <param name="Epoch">Pass over the data, from 1; 0 before the first.</param>
/// <param name="Epochs">Most passes.</param>
/// <param name="Share">Share of the stage that is done, in [0, 1].</param>
/// <param name="Loss">Mean training loss of the last steps in nats, or null before the first.</param>
/// <param name="HeldOutAccuracy">Accuracy on the held-out part after the last whole pass, or null.</param>
public sealed record TrainingProgress(
    string Stage,
    int Epoch,
    int Epochs,
    double Share,
    double? Loss = null,
    double? HeldOutAccuracy = null
)
{
    /// <summary>Bits a byte that a language model spends on the held-out part after the last whole pass, or null.</summary>
    public double? HeldOutBits { get; init; }
}
