namespace Whylight.Models.Families;

/// <summary>
/// A linear model's logits taken apart exactly, the L2 norm held fixed: the contributions of the words and the bias add up
/// to the logits.
/// </summary>
/// <param name="Contributions">[token][label]: what each word adds; an n-gram over several words counts in equal parts for each.</param>
/// <param name="Bias">[label]: what stands there without any word, the remainder of an explanation.</param>
/// <param name="Logits">[label]: the model's output.</param>
public sealed record LinearDecomposition(
    IReadOnlyList<IReadOnlyList<double>> Contributions,
    IReadOnlyList<double> Bias,
    IReadOnlyList<double> Logits
);
