using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Whylight.Models.Training;

/// <summary>The rungs side by side: what moving up buys, and what it costs.</summary>
public static class LadderReport
{
    /// <summary>Measures models on the same labelled texts and writes a Markdown table, then each pair with the first model.</summary>
    /// <param name="models">Folders or <c>builtin:NAME</c>; the first is what the others are compared with.</param>
    /// <param name="dataset">What the texts are called.</param>
    /// <param name="examples">Labelled texts that no model learnt from.</param>
    /// <param name="seed">Decides the draws of the flip rate.</param>
    /// <param name="output">Where the table goes.</param>
    /// <param name="cancellation">Checked between calls.</param>
    /// <exception cref="ModelException">A model cannot be loaded.</exception>
    public static async Task WriteAsync(
        IReadOnlyList<string> models,
        string dataset,
        IReadOnlyList<TrainingExample> examples,
        int seed,
        TextWriter output,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(output);
        string[] texts = [.. examples.Select(e => e.Text)];
        StringBuilder page = new();
        CultureInfo c = CultureInfo.InvariantCulture;
        page.Append(
            c,
            $"{dataset}, {examples.Count} texts, 95 % Clopper-Pearson intervals; flips under one draw each of the harmless edits, seed {seed}.\n\n"
        );
        page.Append(
            "| model | family | accuracy | interval | ECE | Brier | flip rate | MB | load ms | ms a prediction | training s |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
        );
        bool[]? first = null;
        List<string> pairs = [];
        foreach (string name in models)
        {
            Stopwatch load = Stopwatch.StartNew();
            using ITextClassifier model = await ModelLoader.LoadAsync(name, null, cancellation);
            double loadMilliseconds = load.Elapsed.TotalMilliseconds;
            SetMeasures m = await ModelCard.MeasureSetAsync(model, dataset, examples, cancellation);
            FlipMeasures flips = await ModelCard.FlipsAsync(
                model,
                texts,
                Perturbations.PerturbationRegistry.Harmless,
                seed,
                cancellation
            );
            IReadOnlyList<Prediction> answers = await model.PredictAsync(texts, WorkPriority.Batch, cancellation);
            bool[] right = [.. answers.Select((a, i) => a.LabelIndex == examples[i].Label)];
            double milliseconds = await ModelCard.LatencyAsync(model, examples, cancellation);
            string folder = Checkpoints.ModelFolder.Open(name).FolderPath;
            ModelCard? card = ModelCard.Read(folder);
            string training = card is null ? "" : card.TrainingSeconds.ToString("F0", c);
            page.Append(
                c,
                $"| {name} | {model.Info.Family} | {m.Accuracy:F4} | {m.Interval[0]:F3} to {m.Interval[1]:F3} | {m.CalibrationError:F3} | {m.Brier:F3} | {flips.Rate:F3} | {SizeOf(folder) / 1e6:F2} | {loadMilliseconds:F0} | {milliseconds:F2} | {training} |\n"
            );
            if (first is null)
            {
                first = right;
            }
            else
            {
                pairs.Add($"- {name}: {Comparison.Of(models[0], right, first)}");
            }
        }
        if (pairs.Count > 0)
        {
            page.Append('\n').AppendJoin('\n', pairs).Append('\n');
        }
        await output.WriteAsync(page, cancellation);
    }

    private static long SizeOf(string folder) =>
        Directory
            .EnumerateFiles(folder)
            .Where(f => Path.GetFileName(f) is not ("README.md" or "card.json"))
            .Sum(f => new FileInfo(f).Length);
}
