namespace Whylight.Explanations.Local;

/// <summary>What a counterfactual is to reach: any label but one, or one label in particular.</summary>
/// <param name="From">Index of the label predicted.</param>
/// <param name="To">Index of the label wanted; null where any other will do.</param>
internal readonly record struct FlipGoal(int From, int? To)
{
    /// <summary>Whether a label is what is wanted.</summary>
    public bool Met(int label) => To is { } to ? label == to : label != From;

    /// <summary>How far logits are from it, negative where it is met: the strongest other logit less the best wanted one.</summary>
    public double Margin(IReadOnlyList<double> logits)
    {
        double wanted = double.NegativeInfinity;
        double other = double.NegativeInfinity;
        for (int i = 0; i < logits.Count; i++)
        {
            if (Met(i))
            {
                wanted = Math.Max(wanted, logits[i]);
            }
            else
            {
                other = Math.Max(other, logits[i]);
            }
        }
        return other - wanted;
    }

    /// <summary>The labels whose logits the margin compares: the strongest unwanted and the strongest wanted one.</summary>
    public (int Other, int Wanted) Rivals(IReadOnlyList<double> logits)
    {
        int other = -1;
        int wanted = -1;
        for (int i = 0; i < logits.Count; i++)
        {
            if (Met(i))
            {
                wanted = wanted < 0 || logits[i] > logits[wanted] ? i : wanted;
            }
            else
            {
                other = other < 0 || logits[i] > logits[other] ? i : other;
            }
        }
        return (other, wanted);
    }
}
