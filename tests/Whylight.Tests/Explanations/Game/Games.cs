namespace Whylight.Tests.Explanations.Game;

/// <summary>Games for tests, each a table of 2^n values.</summary>
internal static class Games
{
    /// <summary>Independent uniform values: the least regular game there is.</summary>
    public static double[] Noise(int n, Random random) =>
        [.. Enumerable.Range(0, 1 << n).Select(_ => 2 * random.NextDouble() - 1)];

    /// <summary>Only single and pairwise terms.</summary>
    public static double[] Pairwise(int n, Random random)
    {
        double[] single = [.. Enumerable.Range(0, n).Select(_ => Normal(random))];
        double[,] pair = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                pair[i, j] = Normal(random);
            }
        }
        return Table(
            n,
            m =>
            {
                double v = 0.3;
                for (int i = 0; i < n; i++)
                {
                    if ((m >> i & 1) == 0)
                    {
                        continue;
                    }
                    v += single[i];
                    for (int j = i + 1; j < n; j++)
                    {
                        v += (m >> j & 1) != 0 ? pair[i, j] : 0;
                    }
                }
                return v;
            }
        );
    }

    /// <summary>A sigmoid of word weights and a few interactions: like a sentence.</summary>
    public static double[] Sentence(int n, Random random)
    {
        double[] weights = [.. Enumerable.Range(0, n).Select(_ => Normal(random))];
        (int, int, double)[] pairs =
        [
            .. Enumerable.Range(0, 4).Select(_ => (random.Next(n), random.Next(n), 2 * Normal(random))),
        ];
        return Table(
            n,
            m =>
            {
                double v = 0;
                for (int i = 0; i < n; i++)
                {
                    v += (m >> i & 1) != 0 ? weights[i] : 0;
                }
                foreach ((int i, int j, double w) in pairs)
                {
                    v += (m >> i & 1) != 0 && (m >> j & 1) != 0 ? w : 0;
                }
                return 1 / (1 + Math.Exp(-v));
            }
        );
    }

    /// <summary>A random two-layer transformer classifier; absent tokens get no attention; the value is a probability.</summary>
    public static double[] Transformer(int n, Random random, int width = 16, int layers = 2, double spread = 1)
    {
        double[][] embedding = Matrix(n, width, 1, random);
        double[] start = Matrix(1, width, 1, random)[0];
        (double[][] Q, double[][] K, double[][] V, double[][] O, double[][] Up, double[][] Down)[] weights =
        [
            .. Enumerable
                .Range(0, layers)
                .Select(_ =>
                {
                    double s = spread / Math.Sqrt(width);
                    return (
                        Matrix(width, width, 1.5 * s, random),
                        Matrix(width, width, 1.5 * s, random),
                        Matrix(width, width, s, random),
                        Matrix(width, width, s, random),
                        Matrix(2 * width, width, s, random),
                        Matrix(width, 2 * width, s, random)
                    );
                }),
        ];
        double[][] head = Matrix(2, width, 2 / Math.Sqrt(width), random);
        return Table(
            n,
            m =>
            {
                List<double[]> x = [(double[])start.Clone()];
                for (int i = 0; i < n; i++)
                {
                    if ((m >> i & 1) != 0)
                    {
                        x.Add((double[])embedding[i].Clone());
                    }
                }
                foreach (var w in weights)
                {
                    double[][] h = [.. x.Select(Normalise)];
                    double[][] q = [.. h.Select(r => Times(w.Q, r))];
                    double[][] k = [.. h.Select(r => Times(w.K, r))];
                    double[][] v = [.. h.Select(r => Times(w.V, r))];
                    for (int t = 0; t < x.Count; t++)
                    {
                        double[] scores = [.. k.Select(kk => kk.Zip(q[t], (a, b) => a * b).Sum() / Math.Sqrt(width))];
                        double max = scores.Max();
                        double sum = 0;
                        for (int s = 0; s < scores.Length; s++)
                        {
                            scores[s] = Math.Exp(scores[s] - max);
                            sum += scores[s];
                        }
                        double[] mixed = new double[width];
                        for (int s = 0; s < scores.Length; s++)
                        {
                            for (int d = 0; d < width; d++)
                            {
                                mixed[d] += scores[s] / sum * v[s][d];
                            }
                        }
                        Add(x[t], Times(w.O, mixed));
                    }
                    for (int t = 0; t < x.Count; t++)
                    {
                        double[] up = Times(w.Up, Normalise(x[t]));
                        for (int d = 0; d < up.Length; d++)
                        {
                            up[d] = Math.Max(0, up[d]);
                        }
                        Add(x[t], Times(w.Down, up));
                    }
                }
                double[] logits = Times(head, Normalise(x[0]));
                return 1 / (1 + Math.Exp(logits[1] - logits[0]));
            }
        );
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Shapley values by the definition over all orders: the slow twin, for n up to 7.</summary>
    public static double[] ShapleyByOrders(double[] table)
    {
        int n = System.Numerics.BitOperations.Log2((uint)table.Length);
        double[] phi = new double[n];
        int orders = 0;
        Visit([], 0);
        return [.. phi.Select(p => p / orders)];

        void Visit(List<int> order, int mask)
        {
            if (order.Count == n)
            {
                orders++;
                int before = 0;
                foreach (int i in order)
                {
                    phi[i] += table[before | 1 << i] - table[before];
                    before |= 1 << i;
                }
                return;
            }
            for (int i = 0; i < n; i++)
            {
                if ((mask >> i & 1) == 0)
                {
                    order.Add(i);
                    Visit(order, mask | 1 << i);
                    order.RemoveAt(order.Count - 1);
                }
            }
        }
    }

    private static double[] Table(int n, Func<int, double> value) => [.. Enumerable.Range(0, 1 << n).Select(value)];

    private static double[][] Matrix(int rows, int columns, double scale, Random random) =>
        [
            .. Enumerable
                .Range(0, rows)
                .Select(_ => Enumerable.Range(0, columns).Select(_ => scale * Normal(random)).ToArray()),
        ];

    private static double[] Times(double[][] matrix, double[] x)
    {
        double[] y = new double[matrix.Length];
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            double[] row = matrix[i];
            for (int j = 0; j < row.Length; j++)
            {
                sum += row[j] * x[j];
            }
            y[i] = sum;
        }
        return y;
    }

    private static void Add(double[] x, double[] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] += y[i];
        }
    }

    private static double[] Normalise(double[] x)
    {
        double mean = x.Average();
        double deviation = Math.Sqrt(x.Sum(v => (v - mean) * (v - mean)) / x.Length + 1e-5);
        return [.. x.Select(v => (v - mean) / deviation)];
    }
}
