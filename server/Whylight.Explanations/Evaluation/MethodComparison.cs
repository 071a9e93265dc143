using Whylight.Measures;

namespace Whylight.Explanations.Evaluation;

/// <summary>A measure of a method over a dataset.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Measure">Name of the measure.</param>
/// <param name="Mean">Mean over the texts where it is defined; null where it never is.</param>
/// <param name="StandardError">Standard error of the mean over texts; null below two texts.</param>
/// <param name="Interval">95 % bootstrap percentile interval of the mean; null below two texts.</param>
/// <param name="Texts">Texts where it is defined.</param>
/// <param name="HigherIsBetter">Whether more is better; null where neither end is.</param>
public sealed record EvaluationRow(
    string Method,
    string Measure,
    double? Mean,
    double? StandardError,
    Interval? Interval,
    int Texts,
    bool? HigherIsBetter
)
{
    /// <summary>The row of a measure's values, one a text where it is defined.</summary>
    internal static EvaluationRow Of(
        string method,
        string measure,
        IReadOnlyList<double> values,
        bool? higherIsBetter,
        ulong seed
    )
    {
        int n = values.Count;
        if (n < 2)
        {
            return new EvaluationRow(method, measure, n == 0 ? null : values[0], null, null, n, higherIsBetter);
        }
        double mean = values.Average();
        return new EvaluationRow(
            method,
            measure,
            mean,
            Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (n - 1) / n),
            Bootstrap.Percentile(
                n,
                indices => indices.Average(i => values[i]),
                SeededRandom.Derive(seed, "evaluation", method, measure)
            ),
            n,
            higherIsBetter
        );
    }
}

/// <summary>What a method did over a dataset.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Texts">Texts explained.</param>
/// <param name="Refused">Texts that it refused.</param>
/// <param name="Refusal">Why it refused the first of them; null for none.</param>
/// <param name="ModelCalls">Model calls of its explanations and of their measures, cached or not.</param>
public sealed record MethodSummary(string Method, int Texts, int Refused, string? Refusal, int ModelCalls);

/// <summary>How far two methods agree on the order of the features, over the texts that both explained.</summary>
/// <param name="First">One method.</param>
/// <param name="Second">The other.</param>
/// <param name="Spearman">Rank correlation of the signed scores.</param>
/// <param name="Kendall">Kendall's tau-b of the signed scores.</param>
/// <param name="TopKJaccard">Jaccard index of the five features of largest absolute score.</param>
/// <param name="RankBiasedOverlap">Rank-biased overlap of the orders by absolute score, persistence .9.</param>
public sealed record MethodAgreement(
    string First,
    string Second,
    EvaluationRow Spearman,
    EvaluationRow Kendall,
    EvaluationRow TopKJaccard,
    EvaluationRow RankBiasedOverlap
);

/// <summary>Methods by measures over a dataset.</summary>
/// <param name="Rows">By method, then by measure.</param>
/// <param name="Methods">What each method did.</param>
/// <param name="Agreement">Every pair of methods.</param>
/// <param name="Absence">What removing a feature meant, in snake case; null where nothing was explained.</param>
public sealed record MethodComparison(
    IReadOnlyList<EvaluationRow> Rows,
    IReadOnlyList<MethodSummary> Methods,
    IReadOnlyList<MethodAgreement> Agreement,
    string? Absence
);

/// <summary>A text to explain, and the ranges of it that a human marked as the reason.</summary>
/// <param name="Text">The text.</param>
/// <param name="Rationale">UTF-16 ranges; null where nobody marked any.</param>
public sealed record EvaluationText(string Text, IReadOnlyList<(int Start, int End)>? Rationale = null);
