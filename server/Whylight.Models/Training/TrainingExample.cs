namespace Whylight.Models.Training;

/// <summary>One labelled text to learn from.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">Index among the labels, from 0.</param>
public sealed record TrainingExample(string Text, int Label)
{
    /// <summary>Examples of one group never stand on both sides of a split; null for a group of its own.</summary>
    public string? Group { get; init; }

    /// <summary>Set whose cross-validated measures it counts for (<see cref="TrainingRequest.Folds"/>); null for none.</summary>
    public string? Set { get; init; }

    /// <summary>Probability of each label to learn in place of <see cref="Label"/> (a teacher's answer); null for the label itself.</summary>
    public IReadOnlyList<double>? Target { get; init; }
}
