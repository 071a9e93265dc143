namespace Whylight.Models.Training;

/// <summary>Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017): one number by which logits are divided.</summary>
public static class TemperatureScaling
{
    /// <summary>The temperature in [0.05, 20] that makes the held-out labels most probable.</summary>
    /// <param name="logits">Raw logits of each held-out example.</param>
    /// <param name="labels">Their label indices.</param>
    /// <returns>1 where there is nothing to fit on.</returns>
    public static double Fit(IReadOnlyList<IReadOnlyList<double>> logits, IReadOnlyList<int> labels)
    {
        if (logits.Count == 0)
        {
            return 1;
        }
        // The mean loss is convex in 1/T, so a golden-section search over log T finds its one minimum.
        double low = Math.Log(0.05);
        double high = Math.Log(20);
        double ratio = (Math.Sqrt(5) - 1) / 2;
        for (int i = 0; i < 60; i++)
        {
            double left = high - ratio * (high - low);
            double right = low + ratio * (high - low);
            if (Loss(logits, labels, Math.Exp(left)) <= Loss(logits, labels, Math.Exp(right)))
            {
                high = right;
            }
            else
            {
                low = left;
            }
        }
        return Math.Exp((low + high) / 2);
    }

    /// <summary>Mean negative log-likelihood in nats of the labels under softmax(logits / temperature).</summary>
    public static double Loss(IReadOnlyList<IReadOnlyList<double>> logits, IReadOnlyList<int> labels, double temperature)
    {
        double sum = 0;
        for (int i = 0; i < logits.Count; i++)
        {
            double max = logits[i].Max();
            double partition = logits[i].Sum(logit => Math.Exp((logit - max) / temperature));
            sum += Math.Log(partition) - (logits[i][labels[i]] - max) / temperature;
        }
        return sum / logits.Count;
    }
}
