using Whylight.Measures;

namespace Whylight.Explanations.Global;

/// <summary>How well a surrogate imitates a model; on held-out texts, or it says nothing.</summary>
/// <param name="Accuracy">Share of texts where both give the same label.</param>
/// <param name="Kappa">Cohen's kappa of the two; null where both always give one label.</param>
/// <param name="Interval">95 % Clopper-Pearson interval of the accuracy.</param>
/// <param name="Texts">Texts compared.</param>
/// <param name="Baseline">The same share for always giving one label; null where none was named.</param>
/// <param name="PValue">Exact McNemar p-value of the surrogate against that; null where none was named.</param>
public sealed record Fidelity(
    double Accuracy,
    double? Kappa,
    Interval Interval,
    int Texts,
    double? Baseline = null,
    double? PValue = null
)
{
    /// <summary>
    /// Whether the surrogate imitates the model better than one label for every text does: shown (p below .05), shown to be
    /// worse, or neither (null).
    /// </summary>
    public bool? BeatsBaseline => PValue is { } p && p < 0.05 ? Accuracy > Baseline : null;

    /// <summary>Compares labels.</summary>
    /// <param name="model">The model's labels.</param>
    /// <param name="surrogate">The surrogate's.</param>
    /// <param name="majority">The label that a surrogate without any words would always give, or null.</param>
    /// <exception cref="ExplanationException">There is nothing to compare.</exception>
    public static Fidelity Of(IReadOnlyList<int> model, IReadOnlyList<int> surrogate, int? majority = null)
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
        Fidelity fidelity = new(
            accuracy,
            chance >= 1 ? null : (accuracy - chance) / (1 - chance),
            ProportionIntervals.ClopperPearson(same, n),
            n
        );
        if (majority is not { } label)
        {
            return fidelity;
        }
        int onlySurrogate = model.Zip(surrogate).Count(p => p.First == p.Second && p.First != label);
        int onlyBaseline = model.Zip(surrogate).Count(p => p.First != p.Second && p.First == label);
        return fidelity with
        {
            Baseline = (double)model.Count(l => l == label) / n,
            PValue = PairedTests.McNemarExact(onlySurrogate, onlyBaseline),
        };
    }
}
