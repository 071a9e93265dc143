using FsCheck.Xunit;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Game;
using Whylight.Explanations.Local;
using Whylight.Measures;
using Whylight.Tests.Explanations.Attribution;
using Whylight.Tests.Explanations.Game;
using static TorchSharp.torch;
using static Whylight.Tests.Explanations.Attribution.FunctionNetwork;

namespace Whylight.Tests.Explanations;

/// <summary>Each algorithm against the obvious slow way to the same number, on random inputs.</summary>
public sealed class SlowTwinTests
{
    [Property(MaxTest = 25)]
    public async Task<bool> Relevance_rules_follow_their_formulas(ulong seed) =>
        await RunAsync(() =>
        {
            Random random = new SeededRandom(seed);
            int inputs = 1 + random.Next(5);
            int outputs = 1 + random.Next(4);
            double[][] w = [.. Enumerable.Range(0, outputs).Select(_ => Vector(random, inputs))];
            double[]? b = random.Next(2) == 0 ? Vector(random, outputs) : null;
            double[] x = Vector(random, inputs);
            double gamma = random.NextDouble() * 3;
            double alpha = 1 + random.NextDouble() * 2;
            double epsilon = Math.Pow(10, -2 - random.Next(6));
            (double low, double high) = (-4 - random.NextDouble(), 4 + random.NextDouble());
            int target = random.Next(outputs);
            (LrpRule Rule, Func<int, int, double> Share)[] rules =
            [
                (new EpsilonRule(epsilon), (i, j) => x[i] * w[j][i] / Safe(Z(j), epsilon)),
                (new AlphaBetaRule(alpha, alpha - 1, epsilon), AlphaBeta(alpha)),
                (new AlphaBetaRule(1, 0, epsilon), AlphaBeta(1)),
                (new GammaRule(gamma, epsilon), Gamma),
                (new FlatRule(epsilon), (i, j) => 1 / Safe(inputs, epsilon)),
                (
                    new WSquareRule(epsilon),
                    (i, j) => w[j][i] * w[j][i] / Safe(w[j].Sum(v => v * v) + Square(b?[j]), epsilon)
                ),
                (
                    new ZBoxRule(low, high, epsilon),
                    // The bounds pass the bias unscaled: b less its positive and its negative part is nothing.
                    (i, j) => Box(i, j) / Safe(Enumerable.Range(0, inputs).Sum(k => Box(k, j)), epsilon)
                ),
            ];
            foreach ((LrpRule rule, Func<int, int, double> share) in rules)
            {
                double[] expected = [.. Enumerable.Range(0, inputs).Select(i => share(i, target) * Z(target))];
                double[] actual = EmbeddingPass
                    .Run(
                        new FunctionNetwork(
                            (e, r) => r.Linear(e.squeeze(-1), Matrix(w), b is null ? null : tensor(b)),
                            [.. x.Select(v => (double[])[v])]
                        ),
                        Input(inputs, arange(inputs, ScalarType.Int64).view(1, -1)),
                        new LrpRules((_, _) => rule),
                        _ => new Whylight.Explanations.TargetValue(
                            Whylight.Explanations.ValueKind.Logit,
                            target,
                            -1,
                            1
                        ),
                        false,
                        default
                    )
                    .Tokens;
                for (int i = 0; i < inputs; i++)
                {
                    Assert.Equal(expected[i], actual[i], 1e-9 * Math.Max(1, Math.Abs(expected[i])));
                }
            }
            return true;

            double Z(int j) => Enumerable.Range(0, inputs).Sum(i => x[i] * w[j][i]) + (b?[j] ?? 0);
            double Square(double? v) => (v ?? 0) * (v ?? 0);
            // Contributions by their sign, the bias among them.
            Func<int, int, double> AlphaBeta(double a) =>
                (i, j) =>
                {
                    double up = Math.Max(0, b?[j] ?? 0);
                    double down = Math.Min(0, b?[j] ?? 0);
                    for (int k = 0; k < inputs; k++)
                    {
                        up += Math.Max(0, x[k] * w[j][k]);
                        down += Math.Min(0, x[k] * w[j][k]);
                    }
                    double part = x[i] * w[j][i];
                    return a * Math.Max(0, part) / Safe(up, epsilon)
                        - (a - 1) * (a == 1 ? 0 : Math.Min(0, part) / Safe(down, epsilon));
                };
            // What has the output's sign counts 1 + gamma times.
            double Gamma(int i, int j)
            {
                double sign = Math.Sign(Z(j));
                double Favoured(double part) => part * sign > 0 ? part * (1 + gamma) : part;
                double sum = Favoured(b?[j] ?? 0);
                for (int k = 0; k < inputs; k++)
                {
                    sum += Favoured(x[k] * w[j][k]);
                }
                return sign == 0 ? 0 : Favoured(x[i] * w[j][i]) / Safe(sum, epsilon);
            }
            double Box(int i, int j) => x[i] * w[j][i] - low * Math.Max(0, w[j][i]) - high * Math.Min(0, w[j][i]);
        });

    [Property(MaxTest = 20)]
    public void Interaction_indices_follow_their_definitions(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(5);
        double[] v = Games.Noise(n, random);
        double[,] sii = Enumeration.ShapleyInteractions(v);
        double[,] stii = Enumeration.ShapleyTaylorInteractions(v);
        double[,] banzhaf = Enumeration.BanzhafInteractions(v);
        double[] power = Enumeration.Banzhaf(v);
        (double[] kSingles, double[,] kPairs) = Enumeration.KShapleyInteractions(v);
        (double[] fSingles, double[,] fPairs) = Enumeration.FaithfulInteractions(v);
        double[] regression = Faithful(v, n);
        int at = n + 1;
        double kTotal = kSingles.Sum();
        double tTotal = 0;
        for (int i = 0; i < n; i++)
        {
            double expectedPower = 0;
            for (int s = 0; s < v.Length; s++)
            {
                expectedPower += (s >> i & 1) == 0 ? (v[s | 1 << i] - v[s]) / (1 << n - 1) : 0;
            }
            Assert.Equal(expectedPower, power[i], 1e-12);
            Assert.Equal(regression[1 + i], fSingles[i], 1e-6);
            tTotal += v[1 << i] - v[0];
            for (int j = i + 1; j < n; j++)
            {
                (double Sii, double Stii, double Banzhaf) expected = default;
                for (int s = 0; s < v.Length; s++)
                {
                    if ((s >> i & 1) != 0 || (s >> j & 1) != 0)
                    {
                        continue;
                    }
                    int size = System.Numerics.BitOperations.PopCount((uint)s);
                    double d = v[s | 1 << i | 1 << j] - v[s | 1 << i] - v[s | 1 << j] + v[s];
                    expected.Sii += d * Factorial(size) * Factorial(n - size - 2) / Factorial(n - 1);
                    expected.Stii += d * 2 / n / Combinatorics.Choose(n - 1, size);
                    expected.Banzhaf += d / (1 << n - 2);
                }
                Assert.Equal(expected.Sii, sii[i, j], 1e-12);
                Assert.Equal(expected.Stii, stii[i, j], 1e-12);
                Assert.Equal(expected.Banzhaf, banzhaf[i, j], 1e-12);
                Assert.Equal(sii[i, j], kPairs[i, j], 1e-12);
                Assert.Equal(regression[at++], fPairs[i, j], 1e-6);
                kTotal += kPairs[i, j];
                tTotal += stii[i, j];
            }
        }
        Assert.Equal(v[^1] - v[0], kTotal, 1e-12);
        Assert.Equal(v[^1] - v[0], tTotal, 1e-12);
    }

    [Property(MaxTest = 20)]
    public async Task Owen_values_of_any_tree_are_means_over_the_orders_that_keep_phrases_together(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(4);
        double[] v = Games.Noise(n, random);
        PhraseTree tree = Tree([.. Enumerable.Range(0, n)], random);
        PlayerValues owen = await OwenValues.EstimateAsync(
            FunctionGame.FromTable(v),
            tree,
            new ShapleyOptions(),
            random
        );
        double[] expected = new double[n];
        List<int[]> orders = [.. Orders(tree)];
        foreach (int[] order in orders)
        {
            int before = 0;
            foreach (int i in order)
            {
                expected[i] += (v[before | 1 << i] - v[before]) / orders.Count;
                before |= 1 << i;
            }
        }
        Golden.Near(expected, [.. owen.Values], 1e-12);
    }

    [Property(MaxTest = 25)]
    public void Weighted_ridge_is_the_least_of_its_objective(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 1 + random.Next(5);
        double[][] rows =
        [
            .. Enumerable
                .Range(0, 4 + random.Next(20))
                .Select(_ => (double[])[.. Enumerable.Range(0, n).Select(_ => (double)random.Next(2))]),
        ];
        double[] y = Vector(random, rows.Length);
        double[] weights = [.. rows.Select(r => LimeFit.Kernel(n, (int)r.Sum()))];
        double alpha = 0.05 + random.NextDouble();
        LimeFit fit = LimeFit.Of(rows, y, weights, alpha);
        // Normal equations with the intercept as a column of its own that is not penalised.
        double[,] a = new double[n + 1, n + 2];
        for (int r = 0; r < rows.Length; r++)
        {
            double[] z = [1, .. rows[r]];
            for (int i = 0; i <= n; i++)
            {
                for (int j = 0; j <= n; j++)
                {
                    a[i, j] += weights[r] * z[i] * z[j];
                }
                a[i, n + 1] += weights[r] * z[i] * y[r];
            }
        }
        for (int i = 1; i <= n; i++)
        {
            a[i, i] += alpha;
        }
        double[] solution = Solve(a);
        Assert.Equal(solution[0], fit.Intercept, 1e-8);
        Golden.Near(solution[1..], fit.Weights, 1e-8);
    }

    [Property(MaxTest = 40)]
    public void Kl_bounds_are_where_the_divergence_meets_the_level(ulong seed)
    {
        Random random = new SeededRandom(seed);
        double p = random.Next(4) switch
        {
            0 => 0,
            1 => 1,
            _ => random.NextDouble(),
        };
        double level = Math.Pow(10, -9 + 11 * random.NextDouble());
        double upper = KlBounds.Upper(p, level);
        double lower = KlBounds.Lower(p, level);
        Assert.InRange(lower, 0, p);
        Assert.InRange(upper, p, 1);
        // A grid of what is inside and outside.
        for (int k = 0; k <= 400; k++)
        {
            double q = k / 400.0;
            bool inside = KlBounds.Divergence(p, q) <= level;
            Assert.True(
                inside == (q >= lower && q <= upper) || Math.Min(Math.Abs(q - lower), Math.Abs(q - upper)) < 1e-9,
                $"p {p:R}, level {level:R}, q {q:R}"
            );
        }
    }

    [Property(MaxTest = 20)]
    public void Rollout_is_the_product_of_mixed_attention(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 1 + random.Next(6);
        List<double[,]> layers = [];
        double[,] product = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            product[i, i] = 1;
        }
        for (int l = 0; l < 1 + random.Next(4); l++)
        {
            double[,] attention = new double[n, n];
            for (int i = 0; i < n; i++)
            {
                double[] row = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];
                for (int j = 0; j < n; j++)
                {
                    attention[i, j] = row[j] / row.Sum();
                }
            }
            layers.Add(attention);
            double[,] next = new double[n, n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    for (int k = 0; k < n; k++)
                    {
                        next[i, j] += (attention[i, k] + (i == k ? 1 : 0)) / 2 * product[k, j];
                    }
                }
            }
            product = next;
        }
        int readOut = random.Next(n);
        double[] shares = RolloutRules.Roll(layers, readOut);
        Golden.Near([.. Enumerable.Range(0, n).Select(j => product[readOut, j])], shares, 1e-12);
        Assert.Equal(1, shares.Sum(), 1e-12);
    }

    [Property(MaxTest = 20)]
    public void Quadrature_rules_are_what_their_names_say(byte size, ulong seed)
    {
        int n = 2 + size % 60;
        Random random = new SeededRandom(seed);
        double c = 4 * random.NextDouble();
        double f(double t) => Math.Exp(-c * t);
        double Sum(QuadratureRule rule) => rule.Nodes.Zip(rule.Weights).Sum(x => x.Second * f(x.First));
        double left = 0;
        double right = 0;
        double middle = 0;
        for (int k = 0; k < n; k++)
        {
            left += f((double)k / n) / n;
            right += f((k + 1.0) / n) / n;
            middle += f((k + 0.5) / n) / n;
        }
        Assert.Equal(left, Sum(QuadratureRule.RiemannLeft(n)), 1e-12);
        Assert.Equal(right, Sum(QuadratureRule.RiemannRight(n)), 1e-12);
        Assert.Equal(middle, Sum(QuadratureRule.RiemannMiddle(n)), 1e-12);
        Assert.Equal((left + right) / 2, Sum(QuadratureRule.Trapezoid(n)), 1e-12);
        double exact = c == 0 ? 1 : (1 - Math.Exp(-c)) / c;
        Assert.Equal(exact, Sum(QuadratureRule.GaussLegendre(Math.Max(12, n))), 1e-12);
        // The defect: nodes of n - 1 intervals with weights of n.
        double captum = Enumerable.Range(0, n).Sum(k => f((double)k / (n - 1)) * (k == 0 || k == n - 1 ? 0.5 : 1) / n);
        Assert.Equal(captum, Sum(QuadratureRule.CaptumTrapezoid(n)), 1e-12);
    }

    private static double Safe(double z, double epsilon) => z + (z >= 0 ? epsilon : -epsilon);

    private static double[] Vector(Random random, int n) =>
        [.. Enumerable.Range(0, n).Select(_ => Games.Normal(random))];

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);

    // Weighted least squares over all coalitions, both ends at a very large weight: empty, singles, pairs.
    private static double[] Faithful(double[] v, int n)
    {
        int columns = 1 + n + n * (n - 1) / 2;
        double[,] a = new double[columns, columns + 1];
        for (int m = 0; m < v.Length; m++)
        {
            int size = System.Numerics.BitOperations.PopCount((uint)m);
            double weight = size == 0 || size == n ? 1e7 : Combinatorics.ShapleyKernel(n, size);
            List<double> row = [1];
            for (int i = 0; i < n; i++)
            {
                row.Add(m >> i & 1);
            }
            for (int i = 0; i < n; i++)
            {
                for (int j = i + 1; j < n; j++)
                {
                    row.Add((m >> i & 1) * (m >> j & 1));
                }
            }
            for (int r = 0; r < columns; r++)
            {
                for (int c = 0; c < columns; c++)
                {
                    a[r, c] += weight * row[r] * row[c];
                }
                a[r, columns] += weight * row[r] * v[m];
            }
        }
        return Solve(a);
    }

    private static double[] Solve(double[,] a)
    {
        int n = a.GetLength(0);
        for (int c = 0; c < n; c++)
        {
            int pivot = Enumerable.Range(c, n - c).MaxBy(r => Math.Abs(a[r, c]));
            for (int j = 0; j <= n; j++)
            {
                (a[c, j], a[pivot, j]) = (a[pivot, j], a[c, j]);
            }
            for (int r = 0; r < n; r++)
            {
                double factor = r == c ? 0 : a[r, c] / a[c, c];
                for (int j = c; j <= n && factor != 0; j++)
                {
                    a[r, j] -= factor * a[c, j];
                }
            }
        }
        return [.. Enumerable.Range(0, n).Select(i => a[i, n] / a[i, i])];
    }

    private static PhraseTree Tree(int[] players, Random random)
    {
        if (players.Length == 1)
        {
            return PhraseTree.Leaf(players[0]);
        }
        int parts = 2 + random.Next(Math.Min(4, players.Length) - 1);
        int[] cuts = [.. Enumerable.Range(1, players.Length - 1)];
        random.Shuffle(cuts);
        int[] ends = [.. cuts.Take(parts - 1).Order(), players.Length];
        int from = 0;
        List<PhraseTree> children = [];
        foreach (int end in ends)
        {
            children.Add(Tree(players[from..end], random));
            from = end;
        }
        return new PhraseTree(players, children);
    }

    private static IEnumerable<int[]> Orders(PhraseTree tree)
    {
        if (tree.Children.Count == 0)
        {
            return
            [
                [tree.Players[0]],
            ];
        }
        return Permutations([.. tree.Children])
            .SelectMany(order =>
                order.Aggregate(
                    (IEnumerable<int[]>)
                        [
                            [],
                        ],
                    (before, child) => before.SelectMany(b => Orders(child).Select(c => (int[])[.. b, .. c]))
                )
            );
    }

    private static IEnumerable<PhraseTree[]> Permutations(PhraseTree[] parts) =>
        parts.Length == 0
            ?
            [
                [],
            ]
            : parts.SelectMany(p =>
                Permutations([.. parts.Where(q => q != p)]).Select(rest => (PhraseTree[])[p, .. rest])
            );
}
