namespace Whylight.Models.Training;

/// <summary>How well a language model foretells a set of texts, beside two n-gram models of the same tokens and training texts.</summary>
/// <param name="Set">What the texts are, such as "held out" or "dev".</param>
/// <param name="Texts">Number of texts.</param>
/// <param name="Tokens">Tokens foretold: all of each text, the first after the opening token.</param>
/// <param name="Bytes">UTF-8 bytes of the texts.</param>
/// <param name="BitsPerByte">Bits the model spends on a byte.</param>
/// <param name="Perplexity">e to the mean nats a token, which depends on the vocabulary; bits a byte do not.</param>
/// <param name="WittenBell">Bits a byte of the interpolated Witten-Bell 5-gram.</param>
/// <param name="KneserNey">Bits a byte of the interpolated modified Kneser-Ney 5-gram.</param>
/// <param name="Gain">Bits a byte that the model saves over the better 5-gram.</param>
/// <param name="GainInterval">95 % interval of the gain (normal, ratio estimate over texts), or null for fewer than two texts.</param>
public sealed record LanguageMeasures(
    string Set,
    int Texts,
    long Tokens,
    long Bytes,
    double BitsPerByte,
    double Perplexity,
    double WittenBell,
    double KneserNey,
    double Gain,
    IReadOnlyList<double>? GainInterval
)
{
    /// <summary>Measures of a set from the nats spent on each of its texts.</summary>
    internal static LanguageMeasures Of(
        string set,
        long tokens,
        IReadOnlyList<int> bytes,
        double[] model,
        double[] wittenBell,
        double[] kneserNey
    )
    {
        long all = bytes.Sum(b => (long)b);
        double Bits(double[] nats) => nats.Sum() / Math.Log(2) / all;
        double[] better = kneserNey.Sum() < wittenBell.Sum() ? kneserNey : wittenBell;
        double gain = Bits(better) - Bits(model);
        int n = bytes.Count;
        // Linearised variance of a ratio of sums over texts.
        double square = Enumerable
            .Range(0, n)
            .Sum(i => Math.Pow((better[i] - model[i]) / Math.Log(2) - gain * bytes[i], 2));
        double error = Math.Sqrt(square * n / Math.Max(1, n - 1)) / all;
        return new LanguageMeasures(
            set,
            n,
            tokens,
            all,
            Bits(model),
            Math.Exp(model.Sum() / tokens),
            Bits(wittenBell),
            Bits(kneserNey),
            gain,
            n < 2 ? null : [gain - 1.959964 * error, gain + 1.959964 * error]
        );
    }
}
