namespace Whylight.Measures;

/// <summary>Measures of predicted scores and probabilities against true classes.</summary>
public static class ClassificationMeasures
{
    /// <summary>
    /// Area under the ROC curve of scores against a binary truth: the chance that a positive outranks a negative, ties
    /// counting half (Mann-Whitney U over the number of pairs). NaN where one class is missing.
    /// </summary>
    public static double Auroc(IReadOnlyList<bool> positive, IReadOnlyList<double> score)
    {
        CheckLengths(positive.Count, score.Count);
        double[] ranks = Ranks.Average(score);
        double sum = 0;
        double positives = 0;
        for (int i = 0; i < ranks.Length; i++)
        {
            if (positive[i])
            {
                sum += ranks[i];
                positives++;
            }
        }
        double negatives = ranks.Length - positives;
        return (sum - positives * (positives + 1) / 2) / (positives * negatives);
    }

    /// <summary>Mean over classes of each class's area against all others (classes that occur; NaN with fewer than two).</summary>
    public static double AurocOneVersusRest(
        IReadOnlyList<int> truth,
        IReadOnlyList<IReadOnlyList<double>> probabilities
    )
    {
        CheckLengths(truth.Count, probabilities.Count);
        int classes = probabilities.Count == 0 ? 0 : probabilities[0].Count;
        double sum = 0;
        int count = 0;
        for (int k = 0; k < classes; k++)
        {
            bool[] positive = truth.Select(t => t == k).ToArray();
            if (positive.Any(p => p) && positive.Any(p => !p))
            {
                sum += Auroc(positive, probabilities.Select(p => p[k]).ToArray());
                count++;
            }
        }
        return count == 0 ? double.NaN : sum / count;
    }

    /// <summary>Hand and Till's (2001) M: the mean over pairs of classes of the two areas that tell one from the other.</summary>
    public static double AurocOneVersusOne(IReadOnlyList<int> truth, IReadOnlyList<IReadOnlyList<double>> probabilities)
    {
        CheckLengths(truth.Count, probabilities.Count);
        int classes = probabilities.Count == 0 ? 0 : probabilities[0].Count;
        double sum = 0;
        int count = 0;
        for (int a = 0; a < classes; a++)
        {
            for (int b = a + 1; b < classes; b++)
            {
                int[] rows = Enumerable.Range(0, truth.Count).Where(i => truth[i] == a || truth[i] == b).ToArray();
                bool[] isA = rows.Select(i => truth[i] == a).ToArray();
                bool[] isB = isA.Select(x => !x).ToArray();
                if (isA.Any(x => x) && isB.Any(x => x))
                {
                    sum +=
                        (
                            Auroc(isA, rows.Select(i => probabilities[i][a]).ToArray())
                            + Auroc(isB, rows.Select(i => probabilities[i][b]).ToArray())
                        ) / 2;
                    count++;
                }
            }
        }
        return count == 0 ? double.NaN : sum / count;
    }

    /// <summary>
    /// Average precision: the sum over distinct thresholds, from high to low, of the rise in recall times the precision
    /// there (no interpolation). NaN without a positive.
    /// </summary>
    public static double AveragePrecision(IReadOnlyList<bool> positive, IReadOnlyList<double> score)
    {
        double sum = 0;
        double lastRecall = 0;
        foreach ((double recall, double precision) in PrecisionRecall(positive, score))
        {
            sum += (recall - lastRecall) * precision;
            lastRecall = recall;
        }
        return positive.Any(p => p) ? sum : double.NaN;
    }

    /// <summary>Area under the precision-recall curve by the trapezoid rule, from recall 0 at precision 1.</summary>
    public static double PrecisionRecallArea(IReadOnlyList<bool> positive, IReadOnlyList<double> score)
    {
        double sum = 0;
        double lastRecall = 0;
        double lastPrecision = 1;
        foreach ((double recall, double precision) in PrecisionRecall(positive, score))
        {
            sum += (recall - lastRecall) * (precision + lastPrecision) / 2;
            (lastRecall, lastPrecision) = (recall, precision);
        }
        return positive.Any(p => p) ? sum : double.NaN;
    }

    /// <summary>Mean of -ln p of the true class in nats; probabilities are clipped to [<paramref name="clip"/>, 1 - clip].</summary>
    public static double LogLoss(
        IReadOnlyList<int> truth,
        IReadOnlyList<IReadOnlyList<double>> probabilities,
        double clip = 1e-15
    )
    {
        CheckLengths(truth.Count, probabilities.Count);
        double sum = 0;
        for (int i = 0; i < truth.Count; i++)
        {
            sum -= Math.Log(Math.Clamp(probabilities[i][truth[i]], clip, 1 - clip));
        }
        return sum / truth.Count;
    }

    /// <summary>Brier's (1950) score in its own form: the mean squared distance of the probabilities from the true class's corner, in [0, 2].</summary>
    public static double Brier(IReadOnlyList<int> truth, IReadOnlyList<IReadOnlyList<double>> probabilities)
    {
        CheckLengths(truth.Count, probabilities.Count);
        double sum = 0;
        for (int i = 0; i < truth.Count; i++)
        {
            for (int k = 0; k < probabilities[i].Count; k++)
            {
                double gap = probabilities[i][k] - (k == truth[i] ? 1 : 0);
                sum += gap * gap;
            }
        }
        return sum / truth.Count;
    }

    /// <summary>The binary form of Brier's score: mean of (p - y)^2, in [0, 1]; half of <see cref="Brier"/>.</summary>
    public static double BrierBinary(IReadOnlyList<bool> positive, IReadOnlyList<double> probability)
    {
        CheckLengths(positive.Count, probability.Count);
        double sum = 0;
        for (int i = 0; i < positive.Count; i++)
        {
            double gap = probability[i] - (positive[i] ? 1 : 0);
            sum += gap * gap;
        }
        return sum / positive.Count;
    }

    /// <summary>
    /// Area under the risk-coverage curve (Geifman and El-Yaniv, 2017): mean over k of the error rate among the k most
    /// confident predictions, in [0, 1]; tied confidences enter together.
    /// </summary>
    public static double SelectiveRisk(IReadOnlyList<double> confidence, IReadOnlyList<bool> correct)
    {
        CheckLengths(confidence.Count, correct.Count);
        int n = confidence.Count;
        int[] order = Enumerable.Range(0, n).OrderByDescending(i => confidence[i]).ToArray();
        double area = 0;
        double errors = 0;
        for (int start = 0; start < n; )
        {
            int end = start;
            while (end < n && confidence[order[end]] == confidence[order[start]])
            {
                errors += correct[order[end]] ? 0 : 1;
                end++;
            }
            area += (end - start) * errors / end;
            start = end;
        }
        return area / n;
    }

    private static List<(double Recall, double Precision)> PrecisionRecall(
        IReadOnlyList<bool> positive,
        IReadOnlyList<double> score
    )
    {
        CheckLengths(positive.Count, score.Count);
        double positives = positive.Count(p => p);
        int[] order = Enumerable.Range(0, score.Count).OrderByDescending(i => score[i]).ToArray();
        List<(double, double)> curve = [];
        double hits = 0;
        for (int i = 0; i < order.Length; i++)
        {
            hits += positive[order[i]] ? 1 : 0;
            if (i + 1 == order.Length || score[order[i + 1]] != score[order[i]])
            {
                curve.Add((hits / positives, hits / (i + 1)));
            }
        }
        return curve;
    }

    private static void CheckLengths(int a, int b)
    {
        if (a != b)
        {
            throw new ArgumentException($"as many values as truths are needed: {a} and {b} were given");
        }
    }
}
