using Whylight.Models;

namespace Whylight;

/// <summary>A loaded model as the task a verb asks of it.</summary>
/// <param name="Model">The model; disposed with this.</param>
internal sealed record ChosenModel(IModel Model) : IDisposable
{
    /// <summary>The model as a text classifier.</summary>
    /// <exception cref="UsageException">It is a language model without choices.</exception>
    public ITextClassifier Classifier =>
        Model as ITextClassifier
        ?? throw new UsageException(
            $"{Model.Info.Name} is a language model: this verb needs a classifier, or a prompt whose choices whylight.yaml declares"
        );

    /// <summary>The model as a causal language model, or null.</summary>
    public ICausalLanguageModel? LanguageModel => Model as ICausalLanguageModel;

    public void Dispose() => Model.Dispose();
}
