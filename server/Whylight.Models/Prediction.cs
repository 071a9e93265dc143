namespace Whylight.Models;

/// <summary>What a text classifier says of one text.</summary>
public sealed record Prediction
{
    /// <summary>The text predicted, whole, as given.</summary>
    public required string Text { get; init; }

    /// <summary>The most probable label; ties go to the lower index.</summary>
    public required string Label { get; init; }

    /// <summary>Index of <see cref="Label"/> among the model's labels.</summary>
    public required int LabelIndex { get; init; }

    /// <summary>The model's labels in index order; empty where a record was made without them.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// Calibrated probabilities, softmax(logits / temperature), in label order, summing to 1; of a language model's next
    /// token, the labels' shares of the whole vocabulary, which sum to less.
    /// </summary>
    public required IReadOnlyList<double> Probabilities { get; init; }

    /// <summary>The network's raw outputs in label order, before temperature.</summary>
    public required IReadOnlyList<double> Logits { get; init; }

    /// <summary>UTF-16 offset from which on the text was not read, or null where all of it was.</summary>
    public int? TruncatedAt { get; init; }

    /// <summary>UTF-16 offset before which the text was not read, or null where its beginning was.</summary>
    public int? ReadFrom { get; init; }

    /// <summary>Whether the model read less than the whole text.</summary>
    public bool Truncated => TruncatedAt is not null || ReadFrom is not null;

    /// <summary>Probability of <see cref="Label"/>, in (0, 1].</summary>
    public double Confidence => Probabilities[LabelIndex];

    /// <summary>Makes a prediction from logits: softmax at a temperature, and the most probable label.</summary>
    /// <param name="text">The text predicted.</param>
    /// <param name="labels">The model's labels.</param>
    /// <param name="logits">One finite logit a label.</param>
    /// <param name="temperature">Positive; 1 leaves the softmax as it is.</param>
    /// <param name="truncatedAt">Where the text was cut, or null.</param>
    /// <param name="readFrom">Where the reading began, or null for the beginning.</param>
    /// <param name="rest">Index of a label that is never predicted (<see cref="ModelInfo.RestIndex"/>), or null.</param>
    /// <exception cref="ModelException">A logit is not finite.</exception>
    public static Prediction FromLogits(
        string text,
        IReadOnlyList<string> labels,
        IReadOnlyList<double> logits,
        double temperature = 1,
        int? truncatedAt = null,
        int? readFrom = null,
        int? rest = null
    )
    {
        double[] probabilities = Softmax(logits, temperature);
        int best = 0;
        for (int i = 1; i < logits.Count; i++)
        {
            if (logits[i] > logits[best] && i != rest)
            {
                best = i;
            }
        }
        return new Prediction
        {
            Text = text,
            Label = labels[best],
            LabelIndex = best,
            Labels = labels,
            Probabilities = probabilities,
            Logits = logits,
            TruncatedAt = truncatedAt,
            ReadFrom = readFrom,
        };
    }

    /// <summary>softmax(logits / temperature), computed without overflow.</summary>
    /// <exception cref="ModelException">A logit is not finite.</exception>
    public static double[] Softmax(IReadOnlyList<double> logits, double temperature = 1)
    {
        double max = double.NegativeInfinity;
        foreach (double logit in logits)
        {
            if (!double.IsFinite(logit))
            {
                throw new ModelException("the model's output is not a finite number; its weights may be damaged");
            }
            max = Math.Max(max, logit);
        }
        double[] p = new double[logits.Count];
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            p[i] = Math.Exp((logits[i] - max) / temperature);
            sum += p[i];
        }
        for (int i = 0; i < p.Length; i++)
        {
            p[i] /= sum;
        }
        return p;
    }
}
