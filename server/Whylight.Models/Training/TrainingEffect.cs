using System.Globalization;
using System.Text;
using Whylight.Perturbations;

namespace Whylight.Models.Training;

/// <summary>One measure of two models on the same texts.</summary>
/// <param name="Measure">What is measured.</param>
/// <param name="Without">Of the model trained without.</param>
/// <param name="With">Of the model trained with.</param>
/// <param name="Difference">With less without, paired by text.</param>
/// <param name="Interval">95 % interval of the difference (normal, from the paired differences).</param>
public sealed record PairedChange(
    string Measure,
    double Without,
    double With,
    double Difference,
    IReadOnlyList<double> Interval
)
{
    /// <summary>Compares values paired by text; pairs with a value that is not finite are left out.</summary>
    internal static PairedChange Of(string measure, IReadOnlyList<double> without, IReadOnlyList<double> with)
    {
        (double Without, double With)[] pairs =
        [
            .. without.Zip(with).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second)),
        ];
        double mean = pairs.Average(p => p.With - p.Without);
        double variance = pairs.Average(p => Math.Pow(p.With - p.Without - mean, 2));
        double error = Math.Sqrt(variance / pairs.Length);
        return new PairedChange(
            measure,
            pairs.Average(p => p.Without),
            pairs.Average(p => p.With),
            mean,
            [mean - 1.959964 * error, mean + 1.959964 * error]
        );
    }

    /// <summary>The same for answers of yes and no.</summary>
    internal static PairedChange Of(string measure, IReadOnlyList<bool> without, IReadOnlyList<bool> with) =>
        Of(measure, [.. without.Select(b => b ? 1.0 : 0)], [.. with.Select(b => b ? 1.0 : 0)]);
}

/// <summary>What augmentation or attribution-stability regularisation changed, beside the same training without it.</summary>
/// <param name="Of">What was added to the training, as the command line says it.</param>
/// <param name="Texts">Number of texts measured.</param>
/// <param name="Changes">
/// Accuracy; flip rate under edits that training did not use (any of them, then each); and, for networks, how much attributions move.
/// </param>
public sealed record TrainingEffect(string Of, int Texts, IReadOnlyList<PairedChange> Changes)
{
    /// <summary>The edits that take no parameters, less those used in training.</summary>
    internal static IReadOnlyList<string> Unseen(IReadOnlyList<string> used) =>
        [
            .. PerturbationRegistry.Names.Where(name =>
                !used.Contains(name) && PerturbationRegistry.Parameters(name).All(p => !p.Required)
            ),
        ];

    /// <summary>Measures two models on labelled texts that neither learnt from.</summary>
    /// <param name="of">What was added to the training.</param>
    /// <param name="without">Trained without.</param>
    /// <param name="with">Trained with.</param>
    /// <param name="examples">The texts.</param>
    /// <param name="used">Edits used in training.</param>
    /// <param name="seed">Decides edits and noise.</param>
    /// <param name="cancellation">Checked between calls.</param>
    internal static async Task<TrainingEffect> MeasureAsync(
        string of,
        ITextClassifier without,
        ITextClassifier with,
        IReadOnlyList<TrainingExample> examples,
        IReadOnlyList<string> used,
        ulong seed,
        CancellationToken cancellation
    )
    {
        string[] texts = [.. examples.Select(e => e.Text)];
        List<PairedChange> changes = [PairedChange.Of("accuracy", await RightAsync(without), await RightAsync(with))];
        List<PairedChange> each = [];
        bool[] anyWithout = new bool[texts.Length];
        bool[] anyWith = new bool[texts.Length];
        foreach (string name in Unseen(used))
        {
            bool[] before = await ModelCard.FlippedAsync(without, texts, [name], seed, cancellation);
            bool[] after = await ModelCard.FlippedAsync(with, texts, [name], seed, cancellation);
            for (int i = 0; i < texts.Length; i++)
            {
                anyWithout[i] |= before[i];
                anyWith[i] |= after[i];
            }
            each.Add(PairedChange.Of($"flip rate, {name}", before, after));
        }
        changes.Add(PairedChange.Of($"flip rate, any of the {each.Count} below", anyWithout, anyWith));
        changes.AddRange(each);
        if (without is INetworkClassifier first && with is INetworkClassifier second)
        {
            double[] before = await AttributionSensitivity.OfAsync(first, texts, seed, cancellation);
            double[] after = await AttributionSensitivity.OfAsync(second, texts, seed, cancellation);
            if (before.Zip(after).Any(p => double.IsFinite(p.First) && double.IsFinite(p.Second)))
            {
                changes.Add(PairedChange.Of("attribution change under noise", before, after));
            }
        }
        return new TrainingEffect(of, texts.Length, changes);

        async Task<bool[]> RightAsync(ITextClassifier model)
        {
            IReadOnlyList<Prediction> answers = await model.PredictAsync(texts, WorkPriority.Batch, cancellation);
            return [.. answers.Select((a, i) => a.LabelIndex == examples[i].Label)];
        }
    }

    /// <summary>The changes as a Markdown table with its heading.</summary>
    internal string ToMarkdown()
    {
        StringBuilder page = new();
        CultureInfo c = CultureInfo.InvariantCulture;
        page.Append(
            c,
            $"## What {Of} changed\n\nThe same training without it, on the same {Texts} texts, which neither learnt from, paired by text:\n\n"
        );
        page.Append("| measure | without | with | difference | 95 % interval |\n|---|---|---|---|---|\n");
        foreach (PairedChange change in Changes)
        {
            page.Append(
                c,
                $"| {change.Measure} | {change.Without:F4} | {change.With:F4} | {change.Difference:+0.0000;-0.0000;0} | {change.Interval[0]:+0.0000;-0.0000;0} to {change.Interval[1]:+0.0000;-0.0000;0} |\n"
            );
        }
        page.Append(
            "\nIntervals are normal, from the paired differences. The edits are those that training did not use, one draw each. Attribution change: relative change of gradient x input under noise of a tenth of the embeddings' size; 0 is steady.\n\n"
        );
        return page.ToString();
    }
}
