using Whylight.Models;

namespace Whylight.Explanations;

/// <summary>One way of explaining a prediction.</summary>
public interface IExplanationMethod
{
    /// <summary>Its name on the command line, such as <c>integrated-gradients</c>.</summary>
    string Name { get; }

    /// <summary>Explains one prediction.</summary>
    /// <param name="model">The model asked.</param>
    /// <param name="request">What to explain; already checked by <see cref="Explainer"/>.</param>
    /// <param name="progress">Given better and better answers while they are worked out; null when nobody looks.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and blocks.</param>
    /// <exception cref="ExplanationException">The method has no answer for this model or request.</exception>
    /// <exception cref="ModelException">An output of the model is not finite.</exception>
    Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    );
}
