namespace Whylight.Explanations.Causal;

/// <summary>The answer of a (conditional) independence test: an association in this dataset, not a cause.</summary>
/// <param name="Test"><c>fisher-z</c>, <c>chi-square</c>, <c>g</c>, <c>permutation</c> or <c>conditional-randomisation</c>.</param>
/// <param name="Statistic">Its statistic.</param>
/// <param name="DegreesOfFreedom">Where the reference distribution has them.</param>
/// <param name="PValue">Probability of a statistic at least as large under independence.</param>
/// <param name="Cases">Cases used.</param>
/// <param name="EffectSize">Partial correlation for <c>fisher-z</c>, Cohen's w = sqrt(statistic / n) for tables; null elsewhere.</param>
/// <param name="DetectableEffect">
/// Smallest effect of that kind found with probability .8 at level .05 with this many cases; null where it is not known.
/// </param>
public sealed record IndependenceResult(
    string Test,
    double Statistic,
    int? DegreesOfFreedom,
    double PValue,
    int Cases,
    double? EffectSize,
    double? DetectableEffect
)
{
    /// <summary>What a test of this power can say, in one sentence.</summary>
    /// <param name="level">Significance level.</param>
    public string Statement(double level = 0.05)
    {
        string power = DetectableEffect is { } effect
            ? string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"; {Cases} cases would show an effect of {effect:0.00} four times in five"
            )
            : "";
        return PValue < level
            ? string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"associated in this dataset (p = {PValue:0.####}){power}"
            )
            : string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"no association shown (p = {PValue:0.####}), which is not proof of independence{power}"
            );
    }
}
