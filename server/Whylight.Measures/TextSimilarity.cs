using System.Text;

namespace Whylight.Measures;

/// <summary>How BLEU treats n-gram orders without a match (Chen and Cherry, 2014).</summary>
public enum BleuSmoothing
{
    /// <summary>One order without a match makes the score 0.</summary>
    None,

    /// <summary>Method 1: an order without a match counts 0.1 matches.</summary>
    Epsilon,

    /// <summary>Method 2: one is added to matches and totals of every order above the first.</summary>
    AddOne,
}

/// <summary>Precision, recall and their harmonic mean.</summary>
/// <param name="Precision">In [0, 1].</param>
/// <param name="Recall">In [0, 1].</param>
/// <param name="F1">In [0, 1].</param>
public readonly record struct PrecisionRecall(double Precision, double Recall, double F1)
{
    internal static PrecisionRecall Of(double matches, double candidate, double reference)
    {
        double precision = candidate == 0 ? 0 : matches / candidate;
        double recall = reference == 0 ? 0 : matches / reference;
        return From(precision, recall);
    }

    internal static PrecisionRecall From(double precision, double recall) =>
        new(precision, recall, precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall));
}

/// <summary>Similarity of a candidate text to a reference, over tokens given or over characters.</summary>
public static class TextSimilarity
{
    /// <summary>Sentence BLEU (Papineni et al. 2002) with uniform weights over orders 1 to <paramref name="order"/> and brevity penalty.</summary>
    public static double Bleu(
        IReadOnlyList<string> candidate,
        IReadOnlyList<string> reference,
        int order = 4,
        BleuSmoothing smoothing = BleuSmoothing.Epsilon
    )
    {
        double logs = 0;
        for (int n = 1; n <= order; n++)
        {
            double matches = Overlap(NGrams(candidate, n), NGrams(reference, n));
            double total = Math.Max(1, candidate.Count - n + 1);
            if (n == 1 && matches == 0)
            {
                return 0;
            }
            if (smoothing == BleuSmoothing.AddOne && n > 1)
            {
                matches++;
                total++;
            }
            else if (matches == 0)
            {
                if (smoothing == BleuSmoothing.None)
                {
                    return 0;
                }
                matches = 0.1;
            }
            logs += Math.Log(matches / total) / order;
        }
        double penalty =
            candidate.Count > reference.Count ? 1 : Math.Exp(1 - reference.Count / (double)candidate.Count);
        return penalty * Math.Exp(logs);
    }

    /// <summary>Google's BLEU (Wu et al. 2016): common n-grams of orders 1 to 4 over the larger side's count.</summary>
    public static double Gleu(IReadOnlyList<string> candidate, IReadOnlyList<string> reference, int order = 4)
    {
        double matches = 0;
        double candidateTotal = 0;
        double referenceTotal = 0;
        for (int n = 1; n <= order; n++)
        {
            matches += Overlap(NGrams(candidate, n), NGrams(reference, n));
            candidateTotal += Math.Max(0, candidate.Count - n + 1);
            referenceTotal += Math.Max(0, reference.Count - n + 1);
        }
        double total = Math.Max(candidateTotal, referenceTotal);
        return total == 0 ? 0 : matches / total;
    }

    /// <summary>ROUGE-N (Lin 2004): overlap of n-grams, each counted at most as often as on the other side.</summary>
    public static PrecisionRecall Rouge(IReadOnlyList<string> candidate, IReadOnlyList<string> reference, int n) =>
        PrecisionRecall.Of(
            Overlap(NGrams(candidate, n), NGrams(reference, n)),
            Math.Max(0, candidate.Count - n + 1),
            Math.Max(0, reference.Count - n + 1)
        );

    /// <summary>ROUGE-L (Lin 2004): the longest common subsequence.</summary>
    public static PrecisionRecall RougeL(IReadOnlyList<string> candidate, IReadOnlyList<string> reference)
    {
        int[] row = new int[reference.Count + 1];
        foreach (string token in candidate)
        {
            int diagonal = 0;
            for (int j = 1; j <= reference.Count; j++)
            {
                int above = row[j];
                row[j] = token == reference[j - 1] ? diagonal + 1 : Math.Max(row[j], row[j - 1]);
                diagonal = above;
            }
        }
        return PrecisionRecall.Of(row[reference.Count], candidate.Count, reference.Count);
    }

    /// <summary>
    /// Sentence chrF (Popovic 2015): the mean over character n-gram orders of F-beta, white space ignored, as NLTK computes it.
    /// </summary>
    public static double ChrF(string candidate, string reference, int order = 6, double beta = 3)
    {
        string[] a = Characters(candidate);
        string[] b = Characters(reference);
        double sum = 0;
        for (int n = 1; n <= order; n++)
        {
            double matches = Overlap(NGrams(a, n), NGrams(b, n));
            if (matches > 0)
            {
                double precision = matches / (a.Length - n + 1);
                double recall = matches / (b.Length - n + 1);
                double factor = beta * beta;
                sum += (1 + factor) * precision * recall / (factor * precision + recall);
            }
        }
        return sum / order;

        static string[] Characters(string text) =>
            text.EnumerateRunes().Where(r => !Rune.IsWhiteSpace(r)).Select(r => r.ToString()).ToArray();
    }

    /// <summary>Jaccard index of the sets of tokens; 1 for two empty ones.</summary>
    public static double Jaccard(IEnumerable<string> a, IEnumerable<string> b)
    {
        HashSet<string> x = new(a, StringComparer.Ordinal);
        HashSet<string> y = new(b, StringComparer.Ordinal);
        int both = x.Count(y.Contains);
        int either = x.Count + y.Count - both;
        return either == 0 ? 1 : both / (double)either;
    }

    /// <summary>
    /// Greedy matching of BERTScore (Zhang et al. 2020), no weighting, no rescaling: precision is the mean over candidate
    /// vectors of the greatest cosine to a reference vector, recall the other way round.
    /// </summary>
    public static PrecisionRecall GreedyMatching(
        IReadOnlyList<IReadOnlyList<double>> candidate,
        IReadOnlyList<IReadOnlyList<double>> reference
    ) =>
        PrecisionRecall.From(
            candidate.Average(c => reference.Max(r => Cosine(c, r))),
            reference.Average(r => candidate.Max(c => Cosine(c, r)))
        );

    /// <summary>Cosine of the angle between two vectors; 0 where one is zero.</summary>
    public static double Cosine(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        double dot = a.Zip(b, (x, y) => x * y).Sum();
        double norm = Math.Sqrt(a.Sum(x => x * x) * b.Sum(y => y * y));
        return norm == 0 ? 0 : dot / norm;
    }

    private static Dictionary<string, int> NGrams(IReadOnlyList<string> tokens, int n)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        for (int i = 0; i + n <= tokens.Count; i++)
        {
            // A unit separator cannot stand inside a token of running text.
            string gram = string.Join('\u001f', tokens.Skip(i).Take(n));
            counts[gram] = counts.GetValueOrDefault(gram) + 1;
        }
        return counts;
    }

    private static double Overlap(Dictionary<string, int> a, Dictionary<string, int> b) =>
        a.Sum(g => Math.Min(g.Value, b.GetValueOrDefault(g.Key)));
}
