using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Harness.Specs;

/// <summary>The measures that specs name, over chosen rows of a dataset.</summary>
internal static class MetricScores
{
    public static double Of(
        string metric,
        int bins,
        IReadOnlyList<int> truth,
        IReadOnlyList<Prediction> predictions,
        IReadOnlyList<int> rows
    )
    {
        int[] expected = rows.Select(i => truth[i]).ToArray();
        int classes = predictions[0].Probabilities.Count;
        switch (metric)
        {
            case "accuracy" or "macro_f1" or "micro_f1" or "weighted_f1" or "balanced_accuracy" or "mcc" or "kappa":
                ConfusionMatrix matrix = new(expected, rows.Select(i => predictions[i].LabelIndex).ToArray(), classes);
                return metric switch
                {
                    "macro_f1" => matrix.MacroF1,
                    "weighted_f1" => matrix.WeightedF1,
                    "balanced_accuracy" => matrix.BalancedAccuracy,
                    "mcc" => matrix.MatthewsCorrelation,
                    "kappa" => matrix.Kappa,
                    _ => matrix.Accuracy,
                };
            case "auroc" or "auroc_ovo" or "log_loss" or "brier" or "classwise_ece":
                IReadOnlyList<double>[] probabilities = rows.Select(i => predictions[i].Probabilities).ToArray();
                return metric switch
                {
                    "auroc" when classes == 2 => ClassificationMeasures.Auroc(
                        expected.Select(t => t == 1).ToArray(),
                        probabilities.Select(p => p[1]).ToArray()
                    ),
                    "auroc" => ClassificationMeasures.AurocOneVersusRest(expected, probabilities),
                    "auroc_ovo" => ClassificationMeasures.AurocOneVersusOne(expected, probabilities),
                    "log_loss" => ClassificationMeasures.LogLoss(expected, probabilities),
                    "brier" => ClassificationMeasures.Brier(expected, probabilities),
                    _ => Calibration.ClasswiseError(expected, probabilities, bins),
                };
            default:
                double[] confidence = rows.Select(i => predictions[i].Confidence).ToArray();
                bool[] correct = rows.Select(i => predictions[i].LabelIndex == truth[i]).ToArray();
                return metric switch
                {
                    "ece" => Calibration.ExpectedError(confidence, correct, bins),
                    "adaptive_ece" => Calibration.AdaptiveError(confidence, correct, bins),
                    "mce" => Calibration.MaximumError(Calibration.EqualWidthBins(confidence, correct, bins)),
                    _ => ClassificationMeasures.SelectiveRisk(confidence, correct),
                };
        }
    }
}
