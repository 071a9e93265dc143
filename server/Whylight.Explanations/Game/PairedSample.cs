namespace Whylight.Explanations.Game;

/// <summary>Evaluated pairs of complementary coalitions: a stratified sample of a game's odd part.</summary>
/// <remarks>
/// Shapley values depend on a game only through (v(S) - v(N\S)) / 2. One row here is one pair: a = z_S - |S|/n (the
/// centred membership) and b = (v(S) - v(N\S)) / 2 - (2|S|-n)/(2n) (v(N) - v(empty)); then the Shapley values are
/// (v(N) - v(empty))/n + argmin over x of the sum over all pairs of w(|S|) (b - a.x)^2, sum of x = 0.
/// </remarks>
internal sealed class PairedSample
{
    private PairedSample(int players, int rows)
    {
        Players = players;
        Centred = new double[rows * players];
        Target = new double[rows];
        Weight = new double[rows];
        Stratum = new int[rows];
        Coalitions = new Coalition[rows];
    }

    public int Players { get; }

    public int Rows => Target.Length;

    /// <summary>The smaller coalition of each pair.</summary>
    public Coalition[] Coalitions { get; }

    /// <summary>Rows a, by rows.</summary>
    public double[] Centred { get; }

    /// <summary>Targets b.</summary>
    public double[] Target { get; }

    /// <summary>Shapley kernel times the pairs in the stratum over the pairs drawn: each row's share of the whole sum.</summary>
    public double[] Weight { get; }

    public int[] Stratum { get; }

    /// <summary>Pairs drawn over pairs in the stratum, in (0, 1].</summary>
    public required double[] Fraction { get; init; }

    public required int[] Drawn { get; init; }

    public ReadOnlySpan<double> Row(int row) => Centred.AsSpan(row * Players, Players);

    public static PairedSample Of(
        int players,
        PairSampler sampler,
        IReadOnlyList<(Coalition Coalition, int Stratum)> pairs,
        IReadOnlyList<double> values,
        IReadOnlyList<double> complements,
        double difference
    )
    {
        PairedSample sample = new(players, pairs.Count)
        {
            Fraction =
            [
                .. Enumerable.Range(0, sampler.StrataCount).Select(k => sampler.DrawnFrom(k) / sampler.PairsIn(k)),
            ],
            Drawn = [.. Enumerable.Range(0, sampler.StrataCount).Select(sampler.DrawnFrom)],
        };
        for (int r = 0; r < pairs.Count; r++)
        {
            (Coalition coalition, int stratum) = pairs[r];
            int size = stratum + 1;
            sample.Coalitions[r] = coalition;
            sample.Stratum[r] = stratum;
            for (int i = 0; i < players; i++)
            {
                sample.Centred[r * players + i] = (coalition[i] ? 1.0 : 0.0) - (double)size / players;
            }
            sample.Target[r] = (values[r] - complements[r]) / 2 - (2.0 * size - players) / (2.0 * players) * difference;
            // w(s) times the number of pairs of the stratum; the middle stratum has half as many pairs as subsets.
            double total = (players - 1.0) / ((double)size * (players - size)) * (2 * size == players ? 0.5 : 1);
            sample.Weight[r] = total / sampler.DrawnFrom(stratum);
        }
        return sample;
    }

    /// <summary>
    /// Variance of a stratified without-replacement total of vectors, each row's vector being its share of the total:
    /// the sum over strata of (1 - f) n/(n-1) sum (z - mean)(z - mean)^T. Neighbouring strata with few rows are pooled.
    /// </summary>
    /// <returns>One variance for each of the linear forms.</returns>
    public double[] Variances(double[] shares, int width)
    {
        double[] variances = new double[width];
        int start = 0;
        while (start < Fraction.Length)
        {
            int end = start;
            int rows = 0;
            // A stratum of one row has no variance of its own.
            while (end < Fraction.Length && (rows < 6 || Remaining(end) < 6))
            {
                rows += Fraction[end] < 1 ? Drawn[end] : 0;
                end++;
            }
            AddGroup(shares, width, start, end, rows, variances);
            start = end;
        }
        return variances;
    }

    private int Remaining(int from)
    {
        int rows = 0;
        for (int k = from; k < Fraction.Length; k++)
        {
            rows += Fraction[k] < 1 ? Drawn[k] : 0;
        }
        return rows;
    }

    private void AddGroup(double[] shares, int width, int start, int end, int rows, double[] variances)
    {
        if (rows == 0)
        {
            return;
        }
        for (int i = 0; i < width; i++)
        {
            double mean = 0;
            for (int r = 0; r < Rows; r++)
            {
                if (InGroup(r, start, end))
                {
                    mean += shares[r * width + i];
                }
            }
            mean = rows > 1 ? mean / rows : 0;
            double sum = 0;
            for (int r = 0; r < Rows; r++)
            {
                if (InGroup(r, start, end))
                {
                    double deviation = shares[r * width + i] - mean;
                    sum += (1 - Fraction[Stratum[r]]) * deviation * deviation;
                }
            }
            variances[i] += sum * rows / Math.Max(1, rows - 1);
        }
    }

    private bool InGroup(int row, int start, int end) =>
        Stratum[row] >= start && Stratum[row] < end && Fraction[Stratum[row]] < 1;
}
