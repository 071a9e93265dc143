namespace Whylight.Measures;

/// <summary>Cases whose confidence fell in one range.</summary>
/// <param name="Lower">Least confidence of the range, excluded (included in the first).</param>
/// <param name="Upper">Greatest confidence of the range, included.</param>
/// <param name="Count">Number of cases.</param>
/// <param name="Confidence">Their mean confidence; NaN without cases.</param>
/// <param name="Accuracy">Share of them that came true; NaN without cases.</param>
public readonly record struct CalibrationBin(double Lower, double Upper, int Count, double Confidence, double Accuracy);

/// <summary>How well stated confidence matches how often predictions come true, and the temperature that mends it.</summary>
public static class Calibration
{
    /// <summary>Bins of equal width over [0, 1], each (lower, upper], with 0 in the first.</summary>
    /// <param name="confidence">Stated probabilities in [0, 1].</param>
    /// <param name="correct">Whether each came true.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    public static IReadOnlyList<CalibrationBin> EqualWidthBins(
        IReadOnlyList<double> confidence,
        IReadOnlyList<bool> correct,
        int bins = 15
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double step = 1.0 / bins;
        List<int>[] members = Enumerable.Range(0, bins).Select(_ => new List<int>()).ToArray();
        for (int i = 0; i < confidence.Count; i++)
        {
            int bin = Math.Clamp((int)Math.Ceiling(confidence[i] * bins) - 1, 0, bins - 1);
            // The product may have rounded across an edge; the edges themselves decide.
            while (bin > 0 && confidence[i] <= bin * step)
            {
                bin--;
            }
            while (bin < bins - 1 && confidence[i] > (bin + 1) * step)
            {
                bin++;
            }
            members[bin].Add(i);
        }
        return members
            .Select((m, k) => Bin(m, k * step, k == bins - 1 ? 1 : (k + 1) * step, confidence, correct))
            .ToArray();
    }

    /// <summary>Bins of equal count over the sorted confidences (the first ones larger by one where the count does not divide).</summary>
    public static IReadOnlyList<CalibrationBin> EqualCountBins(
        IReadOnlyList<double> confidence,
        IReadOnlyList<bool> correct,
        int bins = 15
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        int[] order = Enumerable.Range(0, confidence.Count).OrderBy(i => confidence[i]).ToArray();
        List<CalibrationBin> result = [];
        int start = 0;
        for (int k = 0; k < bins; k++)
        {
            int size = order.Length / bins + (k < order.Length % bins ? 1 : 0);
            int[] members = order[start..(start + size)];
            double lower = size == 0 ? double.NaN : confidence[members[0]];
            double upper = size == 0 ? double.NaN : confidence[members[^1]];
            result.Add(Bin(members, lower, upper, confidence, correct));
            start += size;
        }
        return result;
    }

    /// <summary>
    /// Expected calibration error (Naeini et al. 2015; Guo et al. 2017): the gap between accuracy and confidence of the
    /// bins, weighted by their counts.
    /// </summary>
    public static double ExpectedError(IReadOnlyList<CalibrationBin> bins)
    {
        double total = bins.Sum(b => (double)b.Count);
        return bins.Where(b => b.Count > 0).Sum(b => b.Count / total * Math.Abs(b.Accuracy - b.Confidence));
    }

    /// <summary>Maximum calibration error: the greatest gap of any bin that has cases.</summary>
    public static double MaximumError(IReadOnlyList<CalibrationBin> bins) =>
        bins.Where(b => b.Count > 0).Select(b => Math.Abs(b.Accuracy - b.Confidence)).DefaultIfEmpty(0).Max();

    /// <summary>Expected calibration error of the top label with equal-width bins.</summary>
    public static double ExpectedError(IReadOnlyList<double> confidence, IReadOnlyList<bool> correct, int bins = 15) =>
        ExpectedError(EqualWidthBins(confidence, correct, bins));

    /// <summary>Expected calibration error with bins of equal count (adaptive; Nixon et al. 2019).</summary>
    public static double AdaptiveError(IReadOnlyList<double> confidence, IReadOnlyList<bool> correct, int bins = 15) =>
        ExpectedError(EqualCountBins(confidence, correct, bins));

    /// <summary>Class-wise error (Kull et al. 2019): the mean over classes of the calibration error of that class's probability.</summary>
    public static double ClasswiseError(
        IReadOnlyList<int> truth,
        IReadOnlyList<IReadOnlyList<double>> probabilities,
        int bins = 15
    )
    {
        int classes = probabilities.Count == 0 ? 0 : probabilities[0].Count;
        return Enumerable
            .Range(0, classes)
            .Average(k =>
                ExpectedError(probabilities.Select(p => p[k]).ToArray(), truth.Select(t => t == k).ToArray(), bins)
            );
    }

    /// <summary>
    /// The temperature T > 0 that minimises the mean negative log-likelihood of softmax(logits / T) (Guo et al. 2017), by
    /// golden-section search over ln T in [ln 0.01, ln 100]; the likelihood is convex in 1/T, so the minimum is the only one.
    /// </summary>
    public static double FitTemperature(IReadOnlyList<IReadOnlyList<double>> logits, IReadOnlyList<int> truth)
    {
        double low = Math.Log(0.01);
        double high = Math.Log(100);
        double ratio = (Math.Sqrt(5) - 1) / 2;
        double a = high - ratio * (high - low);
        double b = low + ratio * (high - low);
        double fa = NegativeLogLikelihood(logits, truth, Math.Exp(a));
        double fb = NegativeLogLikelihood(logits, truth, Math.Exp(b));
        while (high - low > 1e-10)
        {
            if (fa <= fb)
            {
                (high, b, fb) = (b, a, fa);
                a = high - ratio * (high - low);
                fa = NegativeLogLikelihood(logits, truth, Math.Exp(a));
            }
            else
            {
                (low, a, fa) = (a, b, fb);
                b = low + ratio * (high - low);
                fb = NegativeLogLikelihood(logits, truth, Math.Exp(b));
            }
        }
        return Math.Exp((low + high) / 2);
    }

    /// <summary>Mean negative log-likelihood, in nats, of the true classes under softmax(logits / temperature).</summary>
    public static double NegativeLogLikelihood(
        IReadOnlyList<IReadOnlyList<double>> logits,
        IReadOnlyList<int> truth,
        double temperature = 1
    )
    {
        double sum = 0;
        for (int i = 0; i < truth.Count; i++)
        {
            double max = logits[i].Max();
            double z = logits[i].Sum(l => Math.Exp((l - max) / temperature));
            sum += Math.Log(z) - (logits[i][truth[i]] - max) / temperature;
        }
        return sum / truth.Count;
    }

    private static CalibrationBin Bin(
        IReadOnlyList<int> members,
        double lower,
        double upper,
        IReadOnlyList<double> confidence,
        IReadOnlyList<bool> correct
    ) =>
        members.Count == 0
            ? new CalibrationBin(lower, upper, 0, double.NaN, double.NaN)
            : new CalibrationBin(
                lower,
                upper,
                members.Count,
                members.Average(i => confidence[i]),
                members.Average(i => correct[i] ? 1.0 : 0.0)
            );
}
