namespace Whylight.Models;

/// <summary>Text classification: the one interface that every check and explanation asks.</summary>
/// <remarks>
/// Implementations are safe to call from any thread; native work runs on the inference scheduler. The same texts give
/// the same bytes whatever else runs, because the shapes of native calls follow from the call alone.
/// </remarks>
public interface ITextClassifier : IModel
{
    /// <summary>The absences that make sense for this family, its own first.</summary>
    IReadOnlyList<Absence> Absences { get; }

    /// <summary>The tokens the model reads for a text; pure and quick, no native work.</summary>
    TokenizedText Tokenize(string text);

    /// <summary>Predicts texts, in their order, in fixed blocks of 64.</summary>
    /// <exception cref="ModelException">An output is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between layers or blocks.</exception>
    Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );

    /// <summary>Predicts token ids that another program made, in their order; for models that read ids.</summary>
    /// <exception cref="ModelException">The family reads text only, or ids, mask and segments do not fit.</exception>
    Task<IReadOnlyList<Prediction>> PredictEncodedAsync(
        IReadOnlyList<EncodedInput> inputs,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    ) => throw new ModelException($"a model of the family {Info.Family} reads text, not token ids");

    /// <summary>Raw logits of a text with some of its tokens absent, one array of logits a coalition, in their order.</summary>
    /// <param name="text">A text that <see cref="Tokenize"/> returned.</param>
    /// <param name="present">
    /// For each coalition, whether each token is present (length: number of tokens). Special tokens are always present.
    /// </param>
    /// <param name="absence">One of <see cref="Absences"/>.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and blocks.</param>
    /// <exception cref="ModelException">The absence means nothing for this family, or an output is not finite.</exception>
    Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );
}
