using System.Diagnostics;
using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Explanations;

/// <summary>Every method by its name; checks a request once, for all of them.</summary>
public sealed class Explainer
{
    private readonly Dictionary<string, IExplanationMethod> _methods = new(StringComparer.Ordinal);

    /// <summary>An explainer with the methods given.</summary>
    public Explainer(IEnumerable<IExplanationMethod> methods)
    {
        List<string> names = [];
        foreach (IExplanationMethod method in methods)
        {
            _methods.Add(method.Name, method);
            names.Add(method.Name);
        }
        Methods = names;
    }

    /// <summary>The explainer with every method of this library.</summary>
    public static Explainer Default { get; } = new(MethodRegistry.All());

    /// <summary>The method names, in the order in which they are documented.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>Whether a method has this name.</summary>
    public bool Knows(string method) => _methods.ContainsKey(method);

    /// <summary>Explains one prediction by the method that the request names.</summary>
    /// <param name="model">The model asked.</param>
    /// <param name="request">What to explain.</param>
    /// <param name="progress">Given better and better answers; null when nobody looks.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and blocks.</param>
    /// <returns>The explanation with its wall time.</returns>
    /// <exception cref="ExplanationException">The request makes no sense; the message says why and what would.</exception>
    /// <exception cref="ModelException">An output of the model is not finite.</exception>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress = null,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(request);
        if (!_methods.TryGetValue(request.Method, out IExplanationMethod? method))
        {
            throw new ExplanationException(Names.Unknown("method", request.Method, Methods));
        }
        CheckText(request);
        if (LanguageQuestion.Asks(model))
        {
            return await AnswerAsync(model, request, progress, priority, cancellation).ConfigureAwait(false);
        }
        Check(model, request);
        cancellation.ThrowIfCancellationRequested();
        long started = Stopwatch.GetTimestamp();
        Explanation explanation = await method
            .ExplainAsync(model, request, progress, priority, cancellation)
            .ConfigureAwait(false);
        // The block under way may have been the last one needed; a request that was cancelled gets no answer all the same.
        cancellation.ThrowIfCancellationRequested();
        return explanation with
        {
            Scoring = model.Info.Scoring,
            ElapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
        };
    }

    /// <summary>
    /// Explains what a language model expects after a text, at a place inside it (<see cref="ExplanationRequest.At"/>), or
    /// of a whole completion, by the method that the request names.
    /// </summary>
    /// <inheritdoc cref="ExplainAsync(ITextClassifier, ExplanationRequest, IProgress{Explanation}, WorkPriority, CancellationToken)"/>
    public async Task<Explanation> ExplainAsync(
        ICausalLanguageModel model,
        ExplanationRequest request,
        IProgress<Explanation>? progress = null,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(request);
        if (!Knows(request.Method))
        {
            throw new ExplanationException(Names.Unknown("method", request.Method, Methods));
        }
        return await AnswerAsync(model, request, progress, priority, cancellation).ConfigureAwait(false);
    }

    private async Task<Explanation> AnswerAsync(
        IModel model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        LanguageQuestion question = await LanguageQuestion
            .PrepareAsync(model, request, priority, cancellation)
            .ConfigureAwait(false);
        Explanation explanation = await ExplainAsync(
                question.Classifier,
                question.Request,
                Relay<Explanation>.To(progress, question.Answer),
                priority,
                cancellation
            )
            .ConfigureAwait(false);
        return question.Answer(explanation);
    }

    /// <summary>Refuses what no model could answer.</summary>
    internal static void CheckText(ExplanationRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            throw new ExplanationException("the text is empty: there is nothing to explain");
        }
        if (request.Budget < 1)
        {
            throw new ExplanationException($"a budget of {request.Budget} model calls buys nothing; give 1 or more");
        }
    }

    internal static ExplanationException Meaningless(Absence absence, ModelInfo model, IReadOnlyList<Absence> known) =>
        new(
            $"the absence '{Names.Of(absence)}' means nothing for {model.Name} ({model.Family}); "
                + $"choose one of: {string.Join(", ", known.Select(a => Names.Of(a)))}"
        );

    private static void Check(ITextClassifier model, ExplanationRequest request)
    {
        if (request is not { Completion: null, At: null, TokenIndex: null })
        {
            throw new ExplanationException(
                $"a completion or a token inside the text is explained of causal language models; {model.Info.Name} is {model.Info.Family} with labels: choose one as the target"
            );
        }
        if (request.TargetLabel is { } target)
        {
            TargetValue.LabelIndex(model.Info, target);
        }
        if (request.ContrastLabel is { } contrast)
        {
            TargetValue.LabelIndex(model.Info, contrast);
        }
        if (request.Absence is { } absence && !model.Absences.Contains(absence))
        {
            throw Meaningless(absence, model.Info, model.Absences);
        }
        if (request.FeatureKind == FeatureKind.Field && request.Fields is null or { Count: 0 })
        {
            throw new ExplanationException("the text has no template fields: choose --features word");
        }
    }
}
