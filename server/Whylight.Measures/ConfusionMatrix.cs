namespace Whylight.Measures;

/// <summary>Counts of expected against predicted classes, and the measures that follow from the counts alone.</summary>
/// <remarks>Where a denominator is zero (a class never expected or never predicted), precision, recall and F1 count as 0.</remarks>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    /// <summary>Counts pairs of class indices.</summary>
    /// <param name="expected">True classes, each in [0, classes).</param>
    /// <param name="predicted">Predicted classes, as many.</param>
    /// <param name="classes">Number of classes, at least 1.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a class is out of range.</exception>
    public ConfusionMatrix(IReadOnlyList<int> expected, IReadOnlyList<int> predicted, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (expected.Count != predicted.Count)
        {
            throw new ArgumentException("as many predicted as expected classes are needed", nameof(predicted));
        }
        Classes = classes;
        _counts = new long[classes, classes];
        for (int i = 0; i < expected.Count; i++)
        {
            if ((uint)expected[i] >= (uint)classes || (uint)predicted[i] >= (uint)classes)
            {
                throw new ArgumentException($"class index out of range at position {i}", nameof(expected));
            }
            _counts[expected[i], predicted[i]]++;
            Total++;
        }
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Number of pairs counted.</summary>
    public long Total { get; }

    /// <summary>How often class <paramref name="expected"/> was predicted as <paramref name="predicted"/>.</summary>
    public long this[int expected, int predicted] => _counts[expected, predicted];

    /// <summary>How often a class was expected.</summary>
    public long Support(int label) => Enumerable.Range(0, Classes).Sum(j => _counts[label, j]);

    /// <summary>How often a class was predicted.</summary>
    public long Predicted(int label) => Enumerable.Range(0, Classes).Sum(i => _counts[i, label]);

    /// <summary>Number of right predictions.</summary>
    public long Correct => Enumerable.Range(0, Classes).Sum(i => _counts[i, i]);

    /// <summary>Share of right predictions; NaN with none counted.</summary>
    public double Accuracy => Correct / (double)Total;

    /// <summary>Right predictions of a class over all its predictions.</summary>
    public double Precision(int label) => Ratio(_counts[label, label], Predicted(label));

    /// <summary>Right predictions of a class over all its occurrences.</summary>
    public double Recall(int label) => Ratio(_counts[label, label], Support(label));

    /// <summary>Harmonic mean of precision and recall of a class.</summary>
    public double F1(int label) => Ratio(2 * _counts[label, label], Support(label) + Predicted(label));

    /// <summary>Mean F1 over the classes that were expected or predicted at least once.</summary>
    public double MacroF1 => MeanOver(k => Support(k) + Predicted(k) > 0, F1);

    /// <summary>F1 over pooled counts; with one label a case it equals accuracy.</summary>
    public double MicroF1 => Accuracy;

    /// <summary>Mean F1 weighted by how often each class was expected.</summary>
    public double WeightedF1 => Enumerable.Range(0, Classes).Sum(k => Support(k) * F1(k)) / Total;

    /// <summary>Mean recall over the classes that were expected.</summary>
    public double BalancedAccuracy => MeanOver(k => Support(k) > 0, Recall);

    /// <summary>Matthews' correlation coefficient, in Gorodkin's (2004) form for any number of classes; 0 where undefined.</summary>
    public double MatthewsCorrelation
    {
        get
        {
            double n = Total;
            double cross = 0;
            double expected = 0;
            double predicted = 0;
            for (int k = 0; k < Classes; k++)
            {
                double t = Support(k);
                double p = Predicted(k);
                cross += t * p;
                expected += t * t;
                predicted += p * p;
            }
            double denominator = Math.Sqrt((n * n - predicted) * (n * n - expected));
            return denominator == 0 ? 0 : (Correct * n - cross) / denominator;
        }
    }

    /// <summary>Cohen's kappa (1960): agreement beyond chance; NaN where chance alone gives full agreement.</summary>
    public double Kappa
    {
        get
        {
            double n = Total;
            double chance = Enumerable.Range(0, Classes).Sum(k => Support(k) / n * (Predicted(k) / n));
            return (Accuracy - chance) / (1 - chance);
        }
    }

    private double MeanOver(Func<int, bool> included, Func<int, double> measure)
    {
        double sum = 0;
        int count = 0;
        for (int k = 0; k < Classes; k++)
        {
            if (included(k))
            {
                sum += measure(k);
                count++;
            }
        }
        return sum / count;
    }

    private static double Ratio(double numerator, double denominator) => denominator == 0 ? 0 : numerator / denominator;
}
