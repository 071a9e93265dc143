using System.Globalization;
using Whylight.Models;

namespace Whylight.Harness.Specs;

/// <summary>What is expected of a prediction when its text is edited.</summary>
public abstract record Expectation
{
    /// <summary>Whether the edited text's prediction is as expected, given the text's own.</summary>
    public abstract bool Holds(Prediction before, Prediction after);

    /// <summary>The expectation in words.</summary>
    public abstract string Description { get; }
}

/// <summary>
/// The label stays. As in CheckList, a changed label is forgiven where the probability of the first label moved by no more
/// than the tolerance: the model was undecided before and after.
/// </summary>
/// <param name="Tolerance">In [0, 1].</param>
public sealed record PredictionUnchanged(double Tolerance) : Expectation
{
    /// <inheritdoc/>
    public override bool Holds(Prediction before, Prediction after) =>
        before.LabelIndex == after.LabelIndex
        || (
            Tolerance > 0
            && Math.Abs(before.Probabilities[before.LabelIndex] - after.Probabilities[before.LabelIndex]) <= Tolerance
        );

    /// <inheritdoc/>
    public override string Description =>
        Tolerance > 0
            ? string.Create(CultureInfo.InvariantCulture, $"the prediction stays (tolerance {Tolerance})")
            : "the prediction stays";
}

/// <summary>How a label's probability may move.</summary>
public enum ConfidenceChange
{
    /// <summary>By no more than the tolerance, either way.</summary>
    Unchanged,

    /// <summary>Not down by more than the tolerance.</summary>
    NonDecreasing,

    /// <summary>Not up by more than the tolerance.</summary>
    NonIncreasing,
}

/// <summary>The probability of a label moves as said.</summary>
/// <param name="Change">How.</param>
/// <param name="Label">The label; null for the one predicted before the edit.</param>
/// <param name="Tolerance">In [0, 1].</param>
public sealed record ConfidenceMoves(ConfidenceChange Change, string? Label, double Tolerance) : Expectation
{
    /// <summary>The labels of the model, set when the suite runs.</summary>
    internal int? LabelIndex { get; init; }

    /// <inheritdoc/>
    public override bool Holds(Prediction before, Prediction after)
    {
        int k = LabelIndex ?? before.LabelIndex;
        double moved = after.Probabilities[k] - before.Probabilities[k];
        return Change switch
        {
            ConfidenceChange.NonDecreasing => moved >= -Tolerance,
            ConfidenceChange.NonIncreasing => moved <= Tolerance,
            _ => Math.Abs(moved) <= Tolerance,
        };
    }

    /// <inheritdoc/>
    public override string Description
    {
        get
        {
            string what = Label is null ? "the confidence" : $"the probability of '{Label}'";
            string moves = Change switch
            {
                ConfidenceChange.NonDecreasing => "does not fall",
                ConfidenceChange.NonIncreasing => "does not rise",
                _ => "stays",
            };
            return string.Create(CultureInfo.InvariantCulture, $"{what} {moves} (tolerance {Tolerance})");
        }
    }
}
