using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight;

/// <summary>A loaded model as the task a verb asks of it.</summary>
/// <param name="Model">The model; disposed with this.</param>
internal sealed record ChosenModel(IModel Model) : IDisposable
{
    /// <summary>The model as a text classifier.</summary>
    /// <exception cref="UsageException">It is a language model without choices, or an encoder without a head.</exception>
    public ITextClassifier Classifier =>
        Model as ITextClassifier
        ?? throw new UsageException(
            Encoder is not null
                ? $"{Model.Info.Name} is an encoder without a head and predicts nothing: this verb needs a classifier"
                : $"{Model.Info.Name} is a language model: this verb needs a classifier, or choices (--choices A,B, or in whylight.yaml)"
        );

    /// <summary>The model as a causal language model, or null.</summary>
    public ICausalLanguageModel? LanguageModel => Model as ICausalLanguageModel;

    /// <summary>The model as an encoder without a head, or null.</summary>
    public TextEncoder? Encoder => Model as TextEncoder;

    public void Dispose() => Model.Dispose();
}
