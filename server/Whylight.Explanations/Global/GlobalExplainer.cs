using Whylight.Models;

namespace Whylight.Explanations.Global;

/// <summary>Explains a model over a dataset: surrogates, patterns, representative texts, aggregated attributions.</summary>
public static class GlobalExplainer
{
    private const int LeastTexts = 10;

    /// <summary>The method names.</summary>
    public static IReadOnlyList<string> Methods { get; } =
    ["tree", "rules", "logistic", "svm", "forest", "patterns", "representatives", "aggregate"];

    /// <summary>Whether a method gathers local explanations, to which the other settings of a request then apply.</summary>
    public static bool GathersLocal(string method) => method is "representatives" or "aggregate";

    /// <summary>Explains.</summary>
    /// <remarks>The texts are read once, in order, and only their words are kept (representatives: the texts too).</remarks>
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts; blank ones are passed over.</param>
    /// <param name="method">One of <see cref="Methods"/>.</param>
    /// <param name="template">
    /// Seed; and for <see cref="GathersLocal"/> the local method (<c>auto</c> stands for occlusion), its budget, value and
    /// target (the last label unless given).
    /// </param>
    /// <param name="explainer">Makes local explanations; null for the default.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <exception cref="ExplanationException">No such method, or too few texts, words or predicted labels.</exception>
    public static async Task<GlobalExplanation> ExplainAsync(
        ITextClassifier model,
        IEnumerable<string> texts,
        string method,
        ExplanationRequest template,
        Explainer? explainer = null,
        IProgress<GlobalProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(template);
        if (!Methods.Contains(method))
        {
            throw new ExplanationException(Names.Unknown("global method", method, Methods));
        }
        if (GathersLocal(method))
        {
            return await LocalScores
                .GatherAsync(model, texts, method, template, explainer ?? Explainer.Default, progress, cancellation)
                .ConfigureAwait(false);
        }
        Corpus corpus = await Corpus.ReadAsync(model, texts, progress, cancellation).ConfigureAwait(false);
        if (corpus.Texts.Count < LeastTexts)
        {
            throw new ExplanationException(
                $"'{method}' needs at least {LeastTexts} texts, and there {(corpus.Texts.Count == 1 ? "is" : "are")} {corpus.Texts.Count}"
            );
        }
        int[] predicted = [.. model.Info.Labels.Select((_, l) => corpus.Labels.Count(x => x == l))];
        if (predicted.Count(p => p > 0) == 1)
        {
            throw new ExplanationException(
                $"the model predicts '{model.Info.Labels[Array.FindIndex(predicted, p => p > 0)]}' for all {corpus.Texts.Count} "
                    + $"texts, so '{method}' has nothing to tell apart: give texts of more than one predicted label"
            );
        }
        GlobalExplanation frame = new()
        {
            Method = method,
            Model = model.Info.Name,
            ModelHash = model.Info.Hash,
            Labels = model.Info.Labels,
            Texts = corpus.Texts.Count,
            Predicted = predicted,
            Seed = template.Seed,
            ModelCalls = corpus.Texts.Count,
            Truncated = corpus.Truncated,
        };
        // Fitting is arithmetic of seconds: it leaves the caller's thread and can be interrupted.
        return await Task.Run(
                () =>
                    method == "patterns"
                        ? Mined(frame, corpus, cancellation)
                        : new SurrogateFit(frame, corpus, progress, cancellation).Run(),
                cancellation
            )
            .ConfigureAwait(false);
    }

    private static GlobalExplanation Mined(GlobalExplanation frame, Corpus corpus, CancellationToken cancellation)
    {
        // Rarer words cannot be told from chance.
        int least = corpus.Texts.Count < 50 ? 2 : 5;
        IReadOnlyList<Pattern> patterns = Patterns.Mine(
            corpus.Words,
            corpus.Texts,
            corpus.Labels,
            frame.Labels.Count,
            longest: 2,
            least,
            cancellation
        );
        if (patterns.Count == 0)
        {
            throw new ExplanationException(
                $"no word stands in {least} of the texts, so there is no pattern to find: give more texts"
            );
        }
        return frame with { Patterns = [.. patterns.Take(50)], PatternsTested = patterns.Count };
    }
}
