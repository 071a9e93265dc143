namespace Whylight.Models.Training;

/// <summary>Sizes and penalty of the linear family.</summary>
public sealed record LinearSettings
{
    /// <summary>Most n-grams kept.</summary>
    public int VocabularySize { get; init; } = 40_000;

    /// <summary>N-grams of fewer texts are left out.</summary>
    public int MinimumCount { get; init; } = 3;

    /// <summary>L2 penalty on the weights, against the mean loss.</summary>
    public double Penalty { get; init; } = 1e-5;

    /// <summary>Most iterations of L-BFGS.</summary>
    public int Iterations { get; init; } = 40;
}
