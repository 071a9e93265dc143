using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Measures;
using Whylight.Models.Networks;
using static TorchSharp.torch;
using static Whylight.Tests.Explanations.Attribution.FunctionNetwork;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>The axioms, over random small nets in double precision.</summary>
public sealed class AttributionPropertyTests
{
    private static readonly TargetValue s_first = new(ValueKind.Logit, 0, -1, 1);

    [Property(MaxTest = 20)]
    public async Task<bool> IntegratedGradientsAreComplete(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: true, "tanh");
            (double[] x, double[] b) = (net.Vector(3), net.Vector(3));
            double change = net.Value(x) - net.Value(b);
            PathScores path = net.Integrate(x, b);
            double gap = Math.Abs(path.Scores.Sum() - change);
            return path.Converged
                ? gap <= PathIntegral.Tolerance * Math.Abs(change) + 1e-12
                : path.Nodes == NestedQuadrature.Levels[^1].Nodes.Count;
        });

    [Property(MaxTest = 20)]
    public async Task<bool> LinearFunctionsAreExact(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: true, "linear");
            (double[] x, double[] b) = (net.Vector(3), net.Vector(3));
            // f(x) = sum w_i x_i + c: the slope is the difference of two values.
            double[] zero = new double[3];
            PathScores path = net.Integrate(x, b);
            bool exact = path.Converged && path.Nodes == NestedQuadrature.Levels[1].Nodes.Count;
            for (int i = 0; i < 3; i++)
            {
                double[] unit = new double[3];
                unit[i] = 1;
                double slope = net.Value(unit) - net.Value(zero);
                exact &= Math.Abs(path.Scores[i] - slope * (x[i] - b[i])) < 1e-10;
            }
            return exact;
        });

    [Property(MaxTest = 20)]
    public async Task<bool> WhatDoesNotMatterGetsNothing(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: true, "tanh", ignored: 1);
            double[] x = net.Vector(3);
            double[] b = net.Vector(3);
            return net.Integrate(x, b).Scores[1] == 0
                && net.Integrate(x, [b[0], x[1], b[2]]).Scores is [var first, 0, _]
                && (first != 0 || net.Value(x) == net.Value(b));
        });

    [Property(MaxTest = 20)]
    public async Task<bool> TheSameFunctionGetsTheSameScores(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: true, "tanh");
            // Another implementation of the same function: every hidden unit twice, at half weight.
            Net twice = net.Doubled();
            (double[] x, double[] b) = (net.Vector(3), net.Vector(3));
            double[] one = net.Integrate(x, b).Scores;
            double[] two = twice.Integrate(x, b).Scores;
            return one.Zip(two).All(p => Math.Abs(p.First - p.Second) < 1e-10);
        });

    [Property(MaxTest = 20)]
    public async Task<bool> DeepLiftIsComplete(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: true, "tanh");
            (double[] x, double[] b) = (net.Vector(3), net.Vector(3));
            (double[][] logits, double[] scores, _) = DeepLift.Contributions(
                net.Network(),
                Input(3),
                Points(x),
                Points(b),
                _ => s_first,
                default
            );
            return Math.Abs(scores.Sum() - (logits[0][0] - logits[1][0])) < 1e-10;
        });

    [Property(MaxTest = 20)]
    public async Task<bool> ConservingRulesConserveOnNetsWithoutBiases(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: false, "relu");
            double[] x = net.Vector(3);
            double value = net.Value(x);
            // The z-plus rule conserves only where a unit has a positive contribution, so its inputs are made positive.
            return new LrpRule[] { new EpsilonRule(1e-12), new GammaRule(0.25, 1e-12), new GammaRule(10, 1e-12) }.All(
                rule =>
                {
                    double sum = net.Relevance(x, rule).Tokens.Sum();
                    return Math.Abs(sum - value) <= 1e-6 * Math.Max(1, Math.Abs(value));
                }
            );
        });

    [Property(MaxTest = 20)]
    public async Task<bool> BiasesTakeTheirShareUnderTheEpsilonRule(int seed) =>
        await RunAsync(() =>
        {
            Net net = new(seed, biases: true, "relu");
            double[] x = net.Vector(3);
            PassResult pass = net.Relevance(x, new EpsilonRule(1e-12));
            return Math.Abs(pass.Tokens.Sum() + pass.BiasShare - net.Value(x))
                < 1e-6 * Math.Max(1, Math.Abs(net.Value(x)));
        });

    [Fact]
    public void NestedRulesAreExactForTheirDegree()
    {
        Assert.Equal([5, 11, 23, 47, 95], NestedQuadrature.Levels.Select(l => l.Nodes.Count));
        foreach ((QuadratureRule rule, int degree) in NestedQuadrature.Levels.Zip([9, 16, 34, 70, 142]))
        {
            for (int power = 0; power <= degree; power++)
            {
                double sum = rule.Nodes.Zip(rule.Weights).Sum(n => n.Second * Math.Pow(n.First, power));
                Assert.Equal(1.0 / (power + 1), sum, 1e-14);
            }
        }
        for (int level = 1; level < NestedQuadrature.Levels.Count; level++)
        {
            IReadOnlyList<double> coarse = NestedQuadrature.Levels[level - 1].Nodes;
            Assert.Equal(coarse, NestedQuadrature.Levels[level].Nodes.Take(coarse.Count));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(33)]
    public void GaussLegendreIsExactForItsDegree(int n)
    {
        QuadratureRule rule = QuadratureRule.GaussLegendre(n);
        for (int power = 0; power < 2 * n; power++)
        {
            double sum = rule.Nodes.Zip(rule.Weights).Sum(x => x.Second * Math.Pow(x.First, power));
            Assert.Equal(1.0 / (power + 1), sum, 1e-13);
        }
    }

    [Fact]
    public void CaptumsTrapezoidLosesOnePartInN()
    {
        Assert.Equal(0.95, QuadratureRule.CaptumTrapezoid(20).Weights.Sum(), 1e-15);
        Assert.Equal(1, QuadratureRule.Trapezoid(20).Weights.Sum(), 1e-15);
    }

    [Fact]
    public async Task AStepInTheIntegrandIsNotCalledConverged()
    {
        PathScores path = await PathIntegral.AdaptiveAsync(
            1,
            1000,
            nodes => Task.FromResult<double[][]>([.. nodes.Select(a => (double[])[a > 0.3 ? 1 / 0.7 : 0])])
        );
        Assert.Equal(95, path.Nodes);
        Assert.False(path.Converged);
    }

    [Fact]
    public async Task ABudgetTooSmallToRefineIsNotConverged()
    {
        PathScores path = await PathIntegral.AdaptiveAsync(
            1,
            10,
            nodes => Task.FromResult<double[][]>([.. nodes.Select(_ => (double[])[1])])
        );
        Assert.Equal(5, path.Nodes);
        Assert.False(path.Converged);
        Assert.Equal(1, path.Scores[0], 1e-15);
    }

    private static Tensor Points(double[] x) => tensor(x).view(1, -1, 1);

    /// <summary>Three inputs, four hidden units, two outputs.</summary>
    private sealed class Net
    {
        private readonly SeededRandom _random;
        private readonly string _activation;
        private readonly double[][] _first;
        private readonly double[][] _second;
        private readonly double[]? _b1;
        private readonly double[]? _b2;

        public Net(int seed, bool biases, string activation, int ignored = -1)
        {
            _random = new SeededRandom((ulong)seed);
            _activation = activation;
            _first = [.. Enumerable.Range(0, 4).Select(_ => Vector(3))];
            _second = [.. Enumerable.Range(0, 2).Select(_ => Vector(4))];
            _b1 = biases ? Vector(4) : null;
            _b2 = biases ? Vector(2) : null;
            if (ignored >= 0)
            {
                foreach (double[] row in _first)
                {
                    row[ignored] = 0;
                }
            }
        }

        private Net(Net of)
        {
            _random = of._random;
            _activation = of._activation;
            _first = [.. of._first, .. of._first];
            _second = [.. of._second.Select(r => (double[])[.. r.Concat(r).Select(v => v / 2)])];
            _b1 = [.. of._b1!, .. of._b1!];
            _b2 = of._b2;
        }

        public Net Doubled() => new(this);

        public double[] Vector(int n) => [.. Enumerable.Range(0, n).Select(_ => _random.NextGaussian())];

        public FunctionNetwork Network(double[][]? table = null) =>
            new(
                (x, rules) =>
                {
                    Tensor hidden = rules.Linear(x.squeeze(-1), Matrix(_first), _b1 is null ? null : tensor(_b1));
                    hidden = rules.Activation(hidden, ActivationFunctions.Find(_activation)!);
                    return rules.Linear(hidden, Matrix(_second), _b2 is null ? null : tensor(_b2));
                },
                table
            );

        public double Value(double[] x) => EmbeddingPass.Logits(Network(), Input(3), Points(x), default)[0][0];

        public PathScores Integrate(double[] x, double[] b) =>
            PathIntegral
                .AdaptiveAsync(
                    Value(x) - Value(b),
                    int.MaxValue,
                    nodes =>
                        Task.FromResult(
                            EmbeddingPass
                                .Points(
                                    Network(),
                                    Input(3),
                                    Points(b) + tensor(nodes.ToArray()).view(-1, 1, 1) * (Points(x) - Points(b)),
                                    Points(x) - Points(b),
                                    s_first,
                                    default
                                )
                                .Tokens
                        )
                )
                .GetAwaiter()
                .GetResult();

        public PassResult Relevance(double[] x, LrpRule rule) =>
            EmbeddingPass.Run(
                Network([.. x.Select(v => (double[])[v])]),
                Input(3, arange(3, ScalarType.Int64).view(1, -1)),
                new LrpRules((_, _) => rule),
                _ => s_first,
                false,
                default
            );
    }
}
