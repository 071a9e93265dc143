using Whylight.Documents;
using Whylight.Harness.Specs;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Harness.Scorecard;

/// <summary>A measure of a model on a dataset.</summary>
/// <param name="Name">As specs name it, such as <c>macro_f1</c>.</param>
/// <param name="Value">The measure; null where it is undefined on this dataset.</param>
/// <param name="Interval">Its 95 % interval, or null.</param>
/// <param name="IntervalMethod">How the interval was made: <c>clopper_pearson</c> or <c>bootstrap</c>.</param>
public sealed record ModelMeasure(string Name, double? Value, Interval? Interval, string IntervalMethod);

/// <summary>How well a model does on a dataset.</summary>
/// <param name="Model">The model.</param>
/// <param name="N">Labelled texts measured.</param>
/// <param name="Measures">The measures, in a fixed order.</param>
/// <param name="Correct">Whether each text's prediction is right, in dataset order.</param>
public sealed record ModelEvaluation(
    ModelInfo Model,
    int N,
    IReadOnlyList<ModelMeasure> Measures,
    IReadOnlyList<bool> Correct
);

/// <summary>Two models on the same texts.</summary>
/// <param name="First">Name of the first model.</param>
/// <param name="Second">Name of the second.</param>
/// <param name="Difference">Accuracy of the first less that of the second.</param>
/// <param name="Interval">95 % paired bootstrap interval of the difference.</param>
/// <param name="OnlyFirst">Texts that only the first gets right.</param>
/// <param name="OnlySecond">Texts that only the second gets right.</param>
/// <param name="PValue">Two-sided exact McNemar test that neither is better.</param>
public sealed record ModelComparison(
    string First,
    string Second,
    double Difference,
    Interval Interval,
    int OnlyFirst,
    int OnlySecond,
    double PValue
);

/// <summary>Measures models on labelled texts, with intervals, and compares them in pairs on the same texts.</summary>
public static class ModelEvaluator
{
    private const int Replicates = 1000;
    private const int Bins = 15;

    private static readonly string[] s_measures =
    [
        "accuracy",
        "macro_f1",
        "micro_f1",
        "mcc",
        "auroc",
        "log_loss",
        "brier",
        "ece",
        "adaptive_ece",
    ];

    /// <summary>Measures one model; texts without a label are left out.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">The dataset.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="DocumentException">No text has a label, or a label is none of the model's.</exception>
    public static async Task<ModelEvaluation> EvaluateAsync(
        ITextClassifier model,
        IReadOnlyList<Example> examples,
        ulong seed = 1729,
        CancellationToken cancellation = default
    )
    {
        Example[] labelled = [.. examples.Where(example => example.Label is not null)];
        if (labelled.Length == 0)
        {
            throw new DocumentException("the dataset has no labels: name their column with --label-column");
        }
        int[] truth = [.. labelled.Select(example => LabelOf(model.Info, example))];
        IReadOnlyList<Prediction> predictions = await model
            .PredictAsync([.. labelled.Select(example => example.Text)], WorkPriority.Batch, cancellation)
            .ConfigureAwait(false);
        bool[] correct = [.. predictions.Select((prediction, i) => prediction.LabelIndex == truth[i])];
        List<ModelMeasure> measures = [];
        foreach (string name in s_measures)
        {
            cancellation.ThrowIfCancellationRequested();
            measures.Add(Measure(name, truth, predictions, correct, seed));
        }
        return new ModelEvaluation(model.Info, labelled.Length, measures, correct);
    }

    /// <summary>Compares two evaluations of the same texts.</summary>
    /// <exception cref="ArgumentException">They are of different numbers of texts.</exception>
    public static ModelComparison Compare(ModelEvaluation first, ModelEvaluation second, ulong seed = 1729)
    {
        if (first.N != second.N)
        {
            throw new ArgumentException("evaluations of different texts cannot be compared", nameof(second));
        }
        int onlyFirst = first.Correct.Zip(second.Correct).Count(pair => pair.First && !pair.Second);
        int onlySecond = first.Correct.Zip(second.Correct).Count(pair => !pair.First && pair.Second);
        Interval interval = Bootstrap.Percentile(
            first.N,
            rows => rows.Average(i => (first.Correct[i] ? 1.0 : 0) - (second.Correct[i] ? 1.0 : 0)),
            seed,
            Replicates
        );
        return new ModelComparison(
            first.Model.Name,
            second.Model.Name,
            (double)(onlyFirst - onlySecond) / first.N,
            interval,
            onlyFirst,
            onlySecond,
            PairedTests.McNemarExact(onlyFirst, onlySecond)
        );
    }

    private static ModelMeasure Measure(
        string name,
        int[] truth,
        IReadOnlyList<Prediction> predictions,
        bool[] correct,
        ulong seed
    )
    {
        int[] all = [.. Enumerable.Range(0, truth.Length)];
        double value = MetricScores.Of(name, Bins, truth, predictions, all);
        if (!double.IsFinite(value))
        {
            return new ModelMeasure(name, null, null, "bootstrap");
        }
        if (name == "accuracy")
        {
            Interval exact = ProportionIntervals.ClopperPearson(correct.Count(right => right), correct.Length);
            return new ModelMeasure(name, value, exact, "clopper_pearson");
        }
        Interval interval = Bootstrap.Percentile(
            truth.Length,
            rows => MetricScores.Of(name, Bins, truth, predictions, rows),
            seed,
            Replicates
        );
        return new ModelMeasure(name, value, interval, "bootstrap");
    }

    private static int LabelOf(ModelInfo model, Example example)
    {
        for (int i = 0; i < model.Labels.Count; i++)
        {
            if (model.Labels[i] == example.Label)
            {
                return i;
            }
        }
        throw new DocumentException(
            $"line {example.Line + 1}: label '{example.Label}' is none of the model's labels ({string.Join(", ", model.Labels)}); map it with --labels"
        );
    }
}
