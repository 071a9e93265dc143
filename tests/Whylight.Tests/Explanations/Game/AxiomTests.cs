using FsCheck.Xunit;
using Whylight.Explanations.Game;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Game;

/// <summary>Axioms over random games, and each algorithm against its slow twin.</summary>
public sealed class AxiomTests
{
    [Property(MaxTest = 60)]
    public void Coalitions_are_sets(ulong seed, byte size)
    {
        Random random = new SeededRandom(seed);
        int n = 1 + size % 200;
        bool[] a = [.. Enumerable.Range(0, n).Select(_ => random.Next(2) == 0)];
        bool[] b = [.. Enumerable.Range(0, n).Select(_ => random.Next(2) == 0)];
        Coalition s = Coalition.FromFlags(a);
        Coalition t = Coalition.FromFlags(b);
        Assert.Equal(a.Count(x => x), s.Size);
        Assert.Equal(s, Coalition.Of(n, s.Members()));
        Assert.Equal(s.GetHashCode(), Coalition.Of(n, s.Members()).GetHashCode());
        Assert.Equal(s, s.Complement().Complement());
        Assert.Equal(n, s.Size + s.Complement().Size);
        Assert.Equal(Enumerable.Range(0, n).Where(i => a[i] || b[i]), s.Union(t).Members());
        Assert.Equal(a.Zip(b).Count(p => p.First != p.Second), s.Distance(t));
        Assert.Equal(a.Zip(b).All(p => !p.First || p.Second), s.IsSubsetOf(t));
        int player = random.Next(n);
        Assert.True(s.With(player)[player]);
        Assert.False(s.Without(player)[player]);
        Assert.Equal(-s.CompareTo(t), t.CompareTo(s));
        Assert.Equal(s == t, s.CompareTo(t) == 0);
        Assert.True(Coalition.Empty(n) < Coalition.Full(n));
    }

    [Property(MaxTest = 30)]
    public void Shapley_values_are_efficient_symmetric_linear_and_null_for_dummies(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(6);
        double[] v = Games.Noise(n, random);
        double[] w = Games.Noise(n, random);
        double[] phi = Enumeration.Shapley(v);
        Assert.Equal(v[^1] - v[0], phi.Sum(), 1e-12);
        // Linearity.
        double[] sum = Enumeration.Shapley([.. v.Zip(w, (a, b) => 2 * a - 3 * b)]);
        Golden.Near([.. phi.Zip(Enumeration.Shapley(w), (a, b) => 2 * a - 3 * b)], sum, 1e-12);
        // A dummy adds the same wherever it comes.
        double[] dummy = [.. Enumerable.Range(0, 1 << n).Select(m => v[m & ~1] + (m & 1) * 0.7)];
        Assert.Equal(0.7, Enumeration.Shapley(dummy)[0], 1e-12);
        // Players 0 and 1 made alike.
        double[] alike = [.. Enumerable.Range(0, 1 << n).Select(m => v[m] + v[(m & ~3) | (m & 1) << 1 | (m >> 1 & 1)])];
        double[] even = Enumeration.Shapley(alike);
        Assert.Equal(even[0], even[1], 1e-12);
        // The definition over all orders.
        Golden.Near(Games.ShapleyByOrders(v), phi, 1e-12);
    }

    [Property(MaxTest = 20)]
    public void Interactions_follow_their_definition(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(5);
        double[] v = Games.Noise(n, random);
        double[,] sii = Enumeration.ShapleyInteractions(v);
        // The interaction of i and j is their Shapley value as one player, less each one's alone without the other.
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                double together = Merged(v, n, i, j);
                double alone = Without(v, n, i, j) + Without(v, n, j, i);
                Assert.Equal(together - alone, sii[i, j], 1e-12);
            }
        }
        (double[] singles, double[,] pairs) = Enumeration.FaithfulInteractions(v);
        double total = singles.Sum();
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                total += pairs[i, j];
            }
        }
        Assert.Equal(v[^1] - v[0], total, 1e-10);
    }

    [Property(MaxTest = 15)]
    public async Task Owen_values_are_efficient_and_equal_shapley_on_a_flat_tree(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 2 + random.Next(4);
        double[] v = Games.Noise(n, random);
        PhraseTree flat = new([.. Enumerable.Range(0, n)], [.. Enumerable.Range(0, n).Select(PhraseTree.Leaf)]);
        PlayerValues values = await OwenValues.EstimateAsync(
            FunctionGame.FromTable(v),
            flat,
            new ShapleyOptions(),
            random
        );
        Golden.Near(Enumeration.Shapley(v), [.. values.Values], 1e-12);
        Assert.Equal(1 << n, values.ModelCalls);
        // Two levels: all orders that keep the halves together, one by one.
        PhraseTree left = PhraseTree.Of([.. Enumerable.Range(0, n / 2).Select(PhraseTree.Leaf)]);
        PhraseTree right = PhraseTree.Of([.. Enumerable.Range(n / 2, n - n / 2).Select(PhraseTree.Leaf)]);
        PlayerValues owen = await OwenValues.EstimateAsync(
            FunctionGame.FromTable(v),
            PhraseTree.Of([left, right]),
            new ShapleyOptions(),
            random
        );
        Golden.Near(OwenByOrders(v, n), [.. owen.Values], 1e-12);
        Assert.Equal(v[^1] - v[0], owen.Values.Sum(), 1e-12);
    }

    [Property(MaxTest = 10)]
    public async Task Pairwise_games_are_exact_at_64_calls(ulong seed)
    {
        Random random = new SeededRandom(seed);
        double[] table = Games.Pairwise(12, random);
        PlayerValues values = await ShapleyEstimator.EstimateAsync(
            FunctionGame.FromTable(table),
            new ShapleyOptions { Budget = 64 },
            random
        );
        Assert.InRange(values.ModelCalls, 34, 64);
        Golden.Near(Enumeration.Shapley(table), [.. values.Values], 1e-10);
        Assert.All(values.StandardErrors, e => Assert.InRange(e!.Value, 0, 1e-10));
        Assert.True(values.Converged);
    }

    [Property(MaxTest = 10)]
    public async Task Faithful_interactions_by_regression_are_exact_on_pairwise_games(ulong seed)
    {
        Random random = new SeededRandom(seed);
        double[] table = Games.Pairwise(10, random);
        InteractionValues values = await InteractionEstimator.EstimateAsync(
            FunctionGame.FromTable(table),
            new ShapleyOptions { Budget = 200 },
            random
        );
        Assert.Equal("paired-regression", values.Estimator);
        Assert.Equal(200, values.ModelCalls);
        (double[] singles, double[,] pairs) = Enumeration.FaithfulInteractions(table);
        Golden.Near(singles, [.. values.Singles.Select(s => s!.Value)], 1e-9);
        Assert.Equal(45, values.Pairs.Count);
        Assert.All(values.Pairs, p => Assert.Equal(pairs[p.I, p.J], p.Score, 1e-9));
    }

    [Theory]
    [InlineData(5, 2, 0.6)]
    [InlineData(6, 3, 0.9)]
    [InlineData(4, 0, 0.3)]
    [InlineData(4, 4, 0.3)]
    public void The_kernel_proxys_shapley_values_are_those_of_its_game(int n, int t, double rho)
    {
        int target = (1 << t) - 1;
        double[] phi = Enumeration.Shapley([
            .. Enumerable
                .Range(0, 1 << n)
                .Select(m => Math.Pow(rho, System.Numerics.BitOperations.PopCount((uint)(m ^ target)))),
        ]);
        (double inside, double outside) = KernelProxy.MemberValues(n, t, rho);
        Golden.Near([.. Enumerable.Range(0, n).Select(i => i < t ? inside : outside)], phi, 1e-12);
    }

    [Fact]
    public async Task Sampled_orders_are_efficient_unbiased_and_bounded()
    {
        Random random = new SeededRandom(3);
        double[] table = Games.Sentence(8, random);
        double[] exact = Enumeration.Shapley(table);
        double[] mean = new double[8];
        double covered = 0;
        const int runs = 60;
        for (int run = 0; run < runs; run++)
        {
            PlayerValues values = await PermutationShapley.EstimateAsync(
                FunctionGame.FromTable(table),
                new ShapleyOptions { Budget = 120 },
                new SeededRandom((ulong)run),
                cancellation: TestContext.Current.CancellationToken
            );
            Assert.InRange(values.ModelCalls, 16, 120);
            Assert.Equal(table[^1] - table[0], values.Values.Sum(), 1e-12);
            for (int i = 0; i < 8; i++)
            {
                mean[i] += values.Values[i] / runs;
                covered += Math.Abs(values.Values[i] - exact[i]) <= 2.2 * values.StandardErrors[i] ? 1.0 / runs / 8 : 0;
            }
        }
        Golden.Near(exact, mean, 0.02);
        Assert.InRange(covered, 0.85, 1);
    }

    private static double Merged(double[] v, int n, int i, int j)
    {
        // Player i stands for both; j is taken out.
        double[] merged = new double[1 << (n - 1)];
        for (int m = 0; m < merged.Length; m++)
        {
            int full = Insert(m, j);
            merged[m] = v[(full >> i & 1) != 0 ? full | 1 << j : full];
        }
        return Enumeration.Shapley(merged)[i < j ? i : i - 1];
    }

    private static double Without(double[] v, int n, int player, int removed)
    {
        double[] rest = new double[1 << (n - 1)];
        for (int m = 0; m < rest.Length; m++)
        {
            rest[m] = v[Insert(m, removed)];
        }
        return Enumeration.Shapley(rest)[player < removed ? player : player - 1];
    }

    private static int Insert(int m, int at) => (m >> at) << (at + 1) | m & ((1 << at) - 1);

    private static double[] OwenByOrders(double[] v, int n)
    {
        double[] phi = new double[n];
        int orders = 0;
        int half = n / 2;
        foreach (int[] first in Orders([.. Enumerable.Range(0, half)]))
        {
            foreach (int[] second in Orders([.. Enumerable.Range(half, n - half)]))
            {
                foreach (
                    int[] order in (int[][])
                        [
                            [.. first, .. second],
                            [.. second, .. first],
                        ]
                )
                {
                    orders++;
                    int before = 0;
                    foreach (int i in order)
                    {
                        phi[i] += v[before | 1 << i] - v[before];
                        before |= 1 << i;
                    }
                }
            }
        }
        return [.. phi.Select(p => p / orders)];
    }

    private static IEnumerable<int[]> Orders(int[] players) =>
        players.Length == 0
            ?
            [
                [],
            ]
            : players.SelectMany(p => Orders([.. players.Where(q => q != p)]).Select(rest => (int[])[p, .. rest]));
}
