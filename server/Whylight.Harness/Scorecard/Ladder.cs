using System.Diagnostics;
using Whylight.Documents;
using Whylight.Models;
using Whylight.Models.Training;
using Whylight.Perturbations;

namespace Whylight.Harness.Scorecard;

/// <summary>One model of the ladder: how good, how steady, how big and how fast it is.</summary>
/// <param name="Evaluation">Its measures.</param>
/// <param name="Flips">How often at least one of the harmless edits, one draw each, changes its prediction.</param>
/// <param name="Bytes">Weights, configuration and tokenizer on disk.</param>
/// <param name="LoadMilliseconds">To load it, the native library being loaded.</param>
/// <param name="PredictionMilliseconds">Median of up to 100 predictions, one text a call.</param>
/// <param name="TrainingSeconds">What its card says of its training; null without a card.</param>
public sealed record Rung(
    ModelEvaluation Evaluation,
    FlipMeasures Flips,
    long Bytes,
    double LoadMilliseconds,
    double PredictionMilliseconds,
    double? TrainingSeconds
);

/// <summary>Models side by side on the same texts: what moving up buys, and what it costs.</summary>
/// <param name="Rungs">The models in the order given.</param>
/// <param name="Comparisons">Each further model less the first.</param>
public sealed record Ladder(IReadOnlyList<Rung> Rungs, IReadOnlyList<ModelComparison> Comparisons)
{
    /// <summary>Measures models one after the other.</summary>
    /// <param name="models">Where each lies (a folder or <c>builtin:NAME</c>) and how it is loaded; the first is what the others are compared with.</param>
    /// <param name="examples">Labelled texts that no model learnt from.</param>
    /// <param name="seed">Decides the edits drawn and the bootstrap.</param>
    /// <param name="cancellation">Checked between calls.</param>
    /// <exception cref="DocumentException">No text has a label, or a label is none of a model's.</exception>
    /// <exception cref="ModelException">A model cannot be loaded.</exception>
    public static async Task<Ladder> MeasureAsync(
        IReadOnlyList<(string Location, Func<CancellationToken, Task<ITextClassifier>> Load)> models,
        IReadOnlyList<Example> examples,
        ulong seed,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(examples);
        string[] texts = [.. examples.Where(e => e.Label is not null).Select(e => e.Text)];
        List<Rung> rungs = [];
        foreach ((string location, Func<CancellationToken, Task<ITextClassifier>> load) in models)
        {
            if (rungs.Count == 0 && texts.Length > 0)
            {
                // The native library and the first pass through the code are nobody's load time.
                using ITextClassifier first = await load(cancellation).ConfigureAwait(false);
                await first.PredictAsync(texts[..1], WorkPriority.Batch, cancellation).ConfigureAwait(false);
            }
            Stopwatch watch = Stopwatch.StartNew();
            using ITextClassifier model = await load(cancellation).ConfigureAwait(false);
            double loading = watch.Elapsed.TotalMilliseconds;
            ModelEvaluation evaluation = await ModelEvaluator
                .EvaluateAsync(model, examples, seed, cancellation)
                .ConfigureAwait(false);
            rungs.Add(
                new Rung(
                    evaluation,
                    await ModelCard
                        .FlipsAsync(model, texts, PerturbationRegistry.Harmless, seed, cancellation)
                        .ConfigureAwait(false),
                    ModelCard.BytesOf(location),
                    loading,
                    await ModelCard.LatencyAsync(model, texts, cancellation).ConfigureAwait(false),
                    ModelCard.Read(location)?.TrainingSeconds
                )
            );
        }
        return new Ladder(
            rungs,
            [.. rungs.Skip(1).Select(rung => ModelEvaluator.Compare(rung.Evaluation, rungs[0].Evaluation, seed))]
        );
    }
}
