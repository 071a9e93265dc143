namespace Whylight.Models.Training;

/// <summary>How long and how hard a network learns.</summary>
public sealed record FitSettings
{
    /// <summary>Most passes over the training part.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>Texts a step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Highest learning rate: reached after the warm-up, falling linearly to a fiftieth of it at the end.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Share of the steps in which the rate rises linearly.</summary>
    public double WarmUp { get; init; } = 0.06;

    /// <summary>AdamW's decoupled weight decay, on matrices only.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Share of activations dropped.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Share of tokens read as unknown, so that no single word is relied on.</summary>
    public double WordDropout { get; init; } = 0.1;

    /// <summary>Probability taken from the label and spread over all labels.</summary>
    public double LabelSmoothing { get; init; } = 0.05;

    /// <summary>Decay a step of the moving average of the weights; the average is what is evaluated and kept. 0 keeps none.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Passes without better held-out predictions after which training stops.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>
    /// Whether the pass with the lowest held-out log loss is kept, and not the one with the fewest errors: steadier where few
    /// texts are held out and targets are shares, as a student's are.
    /// </summary>
    public bool ByLoss { get; init; }

    /// <summary>Whether matrices inside the layers are stepped by <see cref="Muon"/>; language models only.</summary>
    public bool Orthogonal { get; init; }

    /// <summary>
    /// Whether matrix products of training are rounded to bfloat16, which is faster where the processor has it and slower elsewhere;
    /// language models only. Measures are always taken in single precision.
    /// </summary>
    public bool Brief { get; init; }

    /// <summary>Threads that libtorch may use meanwhile.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>The learning rate where a share of the run is done, in [0, 1].</summary>
    internal double RateAt(double share) =>
        LearningRate
        * (
            share < WarmUp ? (share + 1e-3) / (WarmUp + 1e-3) : Math.Max(0.02, (1 - share) / Math.Max(1e-9, 1 - WarmUp))
        );

    /// <summary>The learning rate of a step, from 0, among all steps.</summary>
    internal double Rate(long step, long total)
    {
        double warm = Math.Max(1, total * WarmUp);
        return LearningRate
            * (step < warm ? (step + 1) / warm : Math.Max(0.02, (total - step) / Math.Max(1, total - warm)));
    }
}
