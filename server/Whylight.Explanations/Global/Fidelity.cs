namespace Whylight.Explanations.Global;

/// <summary>How well a surrogate imitates a model; on held-out texts, or it says nothing.</summary>
/// <param name="Accuracy">Share of texts where both give the same label.</param>
/// <param name="Kappa">Cohen's kappa of the two; null where both always give one label.</param>
/// <param name="Interval">95 % Clopper-Pearson interval of the accuracy.</param>
/// <param name="Texts">Texts compared.</param>
public sealed record Fidelity(double Accuracy, double? Kappa, Measures.Interval Interval, int Texts)
{
    /// <summary>Compares labels.</summary>
    /// <exception cref="ExplanationException">There is nothing to compare.</exception>
    public static Fidelity Of(IReadOnlyList<int> model, IReadOnlyList<int> surrogate)
    {
        int n = model.Count;
        if (n == 0)
        {
            throw new ExplanationException("there are no held-out texts to measure fidelity on: give more texts");
        }
        int same = model.Zip(surrogate).Count(p => p.First == p.Second);
        double accuracy = (double)same / n;
        double chance = model
            .Concat(surrogate)
            .Distinct()
            .Sum(l => (double)model.Count(x => x == l) / n * surrogate.Count(x => x == l) / n);
        return new Fidelity(
            accuracy,
            chance >= 1 ? null : (accuracy - chance) / (1 - chance),
            Measures.ProportionIntervals.ClopperPearson(same, n),
            n
        );
    }
}
