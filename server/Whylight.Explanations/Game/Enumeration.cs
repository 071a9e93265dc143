namespace Whylight.Explanations.Game;

/// <summary>Every value of a small game, and the quantities that follow exactly from them.</summary>
/// <remarks>
/// Index m of a table is the coalition with bit i of m set where player i is present. Sums are plain float64 sums in
/// index order, so they repeat to the byte.
/// </remarks>
public static class Enumeration
{
    /// <summary>Most players whose 2^n values are ever tabulated.</summary>
    public const int MaxPlayers = 20;

    /// <summary>Whether all coalitions of a game fit a budget of model calls.</summary>
    public static bool Fits(int players, int budget) => players <= MaxPlayers && 1L << players <= budget;

    /// <summary>Fewest calls that answer a question: those that sampling needs, or all 2^n coalitions where they are fewer.</summary>
    public static int LeastCalls(int players, double sampled) => (int)Math.Min(Math.Pow(2, players), sampled);

    /// <summary>Evaluates all 2^n coalitions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxPlayers"/> players.</exception>
    public static Task<double[]> TabulateAsync(IGame game, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(game.Players, MaxPlayers);
        Coalition[] all = new Coalition[1 << game.Players];
        for (int m = 0; m < all.Length; m++)
        {
            all[m] = Coalition.FromBits(game.Players, (ulong)m);
        }
        return game.EvaluateAsync(all, cancellation);
    }

    /// <summary>
    /// Shapley values: phi_i = sum over S without i of |S|! (n-|S|-1)! / n! * (v(S+i) - v(S)) (Shapley 1953).
    /// </summary>
    /// <param name="table">All 2^n values.</param>
    public static double[] Shapley(IReadOnlyList<double> table)
    {
        int n = Players(table);
        double[] weights = SubsetWeights(n, 1);
        return PerPlayer(table, n, weights);
    }

    /// <summary>Banzhaf values: the mean of v(S+i) - v(S) over all S without i (Banzhaf 1965).</summary>
    /// <param name="table">All 2^n values.</param>
    public static double[] Banzhaf(IReadOnlyList<double> table)
    {
        int n = Players(table);
        double[] weights = new double[n];
        Array.Fill(weights, Math.ScaleB(1, 1 - n));
        return PerPlayer(table, n, weights);
    }

    /// <summary>
    /// Pairwise Shapley interaction index: the sum over S without i and j of |S|! (n-|S|-2)! / (n-1)! times the discrete
    /// derivative v(S+i+j) - v(S+i) - v(S+j) + v(S) (Grabisch and Roubens 1999).
    /// </summary>
    /// <param name="table">All 2^n values.</param>
    /// <returns>Symmetric n x n matrix, zero diagonal.</returns>
    public static double[,] ShapleyInteractions(IReadOnlyList<double> table)
    {
        int n = Players(table);
        return n < 2 ? new double[n, n] : PerPair(table, n, SubsetWeights(n, 2));
    }

    /// <summary>Pairwise Banzhaf interaction index: the mean discrete derivative over all S without i and j.</summary>
    /// <param name="table">All 2^n values.</param>
    public static double[,] BanzhafInteractions(IReadOnlyList<double> table)
    {
        int n = Players(table);
        double[] weights = new double[Math.Max(0, n - 1)];
        Array.Fill(weights, Math.ScaleB(1, 2 - n));
        return PerPair(table, n, weights);
    }

    /// <summary>
    /// Pairwise Shapley-Taylor interaction index of order 2: 2/n times the sum over S without i and j of
    /// (discrete derivative) / C(n-1, |S|) (Sundararajan, Dhamdhere and Agarwal 2020).
    /// </summary>
    /// <param name="table">All 2^n values.</param>
    public static double[,] ShapleyTaylorInteractions(IReadOnlyList<double> table)
    {
        int n = Players(table);
        double[] weights = new double[Math.Max(0, n - 1)];
        for (int s = 0; s < weights.Length; s++)
        {
            weights[s] = 2.0 / (n * Combinatorics.Choose(n - 1, s));
        }
        return PerPair(table, n, weights);
    }

    /// <summary>
    /// k-Shapley interaction values of order 2: pairs as <see cref="ShapleyInteractions"/>, and each single player's Shapley
    /// value less half its pairs, so that all together sum to v(N) - v(empty) (Bordt and von Luxburg 2023).
    /// </summary>
    /// <param name="table">All 2^n values.</param>
    public static (double[] Singles, double[,] Pairs) KShapleyInteractions(IReadOnlyList<double> table)
    {
        double[] singles = Shapley(table);
        double[,] pairs = ShapleyInteractions(table);
        for (int i = 0; i < singles.Length; i++)
        {
            for (int j = 0; j < singles.Length; j++)
            {
                singles[i] -= pairs[i, j] / 2;
            }
        }
        return (singles, pairs);
    }

    /// <summary>
    /// Faithful Shapley interactions of order 2, from the Möbius transform a: E(S) = a(S) + (-1)^(2-|S|) |S|/(2+|S|) C(2,|S|)
    /// times the sum over T containing S with |T| > 2 of C(|T|-1, 2) / C(|T|+1, 2+|S|) a(T) (Tsai, Yeh and Ravikumar 2023,
    /// theorem 19). They are the pairwise function closest to the game under the Shapley kernel.
    /// </summary>
    /// <param name="table">All 2^n values.</param>
    public static (double[] Singles, double[,] Pairs) FaithfulInteractions(IReadOnlyList<double> table)
    {
        int n = Players(table);
        double[] moebius = Moebius(table);
        double[] singles = new double[n];
        double[,] pairs = new double[n, n];
        for (int m = 1; m < moebius.Length; m++)
        {
            int size = System.Numerics.BitOperations.PopCount((uint)m);
            double alone = size switch
            {
                1 => 1,
                2 => 0,
                _ => -2.0 / 3 * Combinatorics.Choose(size - 1, 2) / Combinatorics.Choose(size + 1, 3),
            };
            double together = size switch
            {
                1 => 0,
                2 => 1,
                _ => 0.5 * Combinatorics.Choose(size - 1, 2) / Combinatorics.Choose(size + 1, 4),
            };
            for (int i = 0; i < n; i++)
            {
                if ((m >> i & 1) == 0)
                {
                    continue;
                }
                singles[i] += alone * moebius[m];
                for (int j = i + 1; j < n; j++)
                {
                    if ((m >> j & 1) != 0)
                    {
                        pairs[i, j] += together * moebius[m];
                        pairs[j, i] = pairs[i, j];
                    }
                }
            }
        }
        return (singles, pairs);
    }

    /// <summary>Möbius transform (Harsanyi dividends): a(S) = sum over T in S of (-1)^(|S|-|T|) v(T).</summary>
    /// <param name="table">All 2^n values.</param>
    public static double[] Moebius(IReadOnlyList<double> table)
    {
        int n = Players(table);
        double[] a = [.. table];
        for (int i = 0; i < n; i++)
        {
            for (int m = 0; m < a.Length; m++)
            {
                if ((m >> i & 1) != 0)
                {
                    a[m] -= a[m ^ 1 << i];
                }
            }
        }
        return a;
    }

    private static double[] PerPlayer(IReadOnlyList<double> table, int n, double[] weights)
    {
        double[] phi = new double[n];
        for (int m = 0; m < table.Count; m++)
        {
            int size = System.Numerics.BitOperations.PopCount((uint)m);
            for (int i = 0; i < n; i++)
            {
                if ((m >> i & 1) == 0)
                {
                    phi[i] += weights[size] * (table[m | 1 << i] - table[m]);
                }
            }
        }
        return phi;
    }

    private static double[,] PerPair(IReadOnlyList<double> table, int n, double[] weights)
    {
        double[,] pairs = new double[n, n];
        for (int m = 0; m < table.Count; m++)
        {
            int size = System.Numerics.BitOperations.PopCount((uint)m);
            for (int i = 0; i < n; i++)
            {
                if ((m >> i & 1) != 0)
                {
                    continue;
                }
                int withI = m | 1 << i;
                for (int j = i + 1; j < n; j++)
                {
                    if ((m >> j & 1) == 0)
                    {
                        int withJ = 1 << j;
                        pairs[i, j] +=
                            weights[size] * (table[withI | withJ] - table[withI] - table[m | withJ] + table[m]);
                    }
                }
            }
        }
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                pairs[i, j] = pairs[j, i];
            }
        }
        return pairs;
    }

    // |S|! (n-|S|-k)! / (n-k+1)! = 1 / ((n-k+1) C(n-k, |S|))
    private static double[] SubsetWeights(int n, int k)
    {
        double[] weights = new double[Math.Max(0, n - k + 1)];
        for (int s = 0; s < weights.Length; s++)
        {
            weights[s] = 1 / ((n - k + 1) * Combinatorics.Choose(n - k, s));
        }
        return weights;
    }

    private static int Players(IReadOnlyList<double> table)
    {
        int n = System.Numerics.BitOperations.Log2((uint)Math.Max(1, table.Count));
        return table.Count == 1 << n ? n : throw new ArgumentException("a game's table has 2^n values", nameof(table));
    }
}
