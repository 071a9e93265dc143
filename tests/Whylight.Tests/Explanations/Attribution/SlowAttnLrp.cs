using Whylight.Explanations.Attribution;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>
/// AttnLRP for BERT the slow and obvious way: plain loops that compute every activation, then hand relevance from layer to
/// layer by the explicit rules of the paper. Shares no code with the rules under test.
/// </summary>
internal sealed class SlowAttnLrp
{
    private readonly Dictionary<string, double[]> _weights = new(StringComparer.Ordinal);
    private readonly EncoderConfig _config;
    private readonly int _length;
    private readonly int _width;
    private readonly List<Func<double[][], double[][]>> _backward = [];

    public SlowAttnLrp(EncoderConfig config, EncoderNetwork network, long[] ids)
    {
        _config = config;
        _length = ids.Length;
        _width = config.HiddenSize;
        foreach ((string name, Tensor tensor) in network.Parameters)
        {
            _weights[name] = EmbeddingPass.Doubles(tensor);
        }
        double[][] words = [.. ids.Select(i => Slice("bert.embeddings.word_embeddings.weight", (int)i))];
        double[] type = Slice("bert.embeddings.token_type_embeddings.weight", 0);
        double[][] sum =
        [
            .. words.Select((w, t) => Plus(Plus(w, type), Slice("bert.embeddings.position_embeddings.weight", t))),
        ];
        _backward.Add(r => Share(words, sum, r));
        double[][] hidden = Norm(sum, "bert.embeddings.LayerNorm");
        for (int layer = 0; layer < config.Layers; layer++)
        {
            hidden = Layer(hidden, $"bert.encoder.layer.{layer}.");
        }
        double[][] all = hidden;
        _backward.Add(r => [.. all.Select((h, t) => t == 0 ? r[0] : new double[_width])]);
        double[][] pooled = Activate(Dense([hidden[0]], "bert.pooler.dense"), Math.Tanh);
        Logits = Dense(pooled, "classifier")[0];
    }

    public double[] Logits { get; }

    /// <summary>Relevance of each token, all of it starting at one logit.</summary>
    public double[] Relevance(int target)
    {
        double[][] relevance =
        [
            [.. Logits.Select((l, i) => i == target ? l : 0)],
        ];
        for (int i = _backward.Count - 1; i >= 0; i--)
        {
            relevance = _backward[i](relevance);
        }
        return [.. relevance.Select(r => r.Sum())];
    }

    private double[][] Layer(double[][] x, string p)
    {
        // The two branches of each residual sum keep their own way back; relevances of x add up.
        int mark = _backward.Count;
        double[][] attended = Attention(x, p);
        Func<double[][], double[][]> backAttention = Cut(mark);
        double[][] first = Sum(attended, x);
        _backward.Add(r => Sum(backAttention(Share(attended, first, r)), Share(x, first, r)));
        double[][] y = Norm(first, p + "attention.output.LayerNorm");
        mark = _backward.Count;
        double[][] inner = Activate(Dense(y, p + "intermediate.dense"), Gelu);
        double[][] outer = Dense(inner, p + "output.dense");
        Func<double[][], double[][]> backFeedForward = Cut(mark);
        double[][] second = Sum(outer, y);
        _backward.Add(r => Sum(backFeedForward(Share(outer, second, r)), Share(y, second, r)));
        return Norm(second, p + "output.LayerNorm");
    }

    private double[][] Attention(double[][] x, string p)
    {
        int heads = _config.Heads;
        int size = _width / heads;
        int mark = _backward.Count;
        double[][] q = Dense(x, p + "attention.self.query");
        Func<double[][], double[][]> backQ = Cut(mark);
        double[][] k = Dense(x, p + "attention.self.key");
        Func<double[][], double[][]> backK = Cut(mark);
        double[][] v = Dense(x, p + "attention.self.value");
        Func<double[][], double[][]> backV = Cut(mark);
        double[,,] z = new double[heads, _length, _length];
        double[,,] a = new double[heads, _length, _length];
        double[][] context = Zeros(_width);
        for (int h = 0; h < heads; h++)
        {
            for (int i = 0; i < _length; i++)
            {
                double total = 0;
                for (int j = 0; j < _length; j++)
                {
                    for (int d = h * size; d < (h + 1) * size; d++)
                    {
                        z[h, i, j] += q[i][d] * k[j][d] / Math.Sqrt(size);
                    }
                    total += Math.Exp(z[h, i, j]);
                }
                for (int j = 0; j < _length; j++)
                {
                    a[h, i, j] = Math.Exp(z[h, i, j]) / total;
                    for (int d = h * size; d < (h + 1) * size; d++)
                    {
                        context[i][d] += a[h, i, j] * v[j][d];
                    }
                }
            }
        }
        _backward.Add(r =>
        {
            (double[][] rq, double[][] rk, double[][] rv) = (Zeros(_width), Zeros(_width), Zeros(_width));
            for (int h = 0; h < heads; h++)
            {
                for (int i = 0; i < _length; i++)
                {
                    double[] ra = new double[_length];
                    for (int d = h * size; d < (h + 1) * size; d++)
                    {
                        for (int j = 0; j < _length; j++)
                        {
                            // Bilinear rule: half of each product's share to either factor.
                            double share = a[h, i, j] * v[j][d] * r[i][d] / (2 * context[i][d]);
                            ra[j] += share;
                            rv[j][d] += share;
                        }
                    }
                    double all = ra.Sum();
                    for (int j = 0; j < _length; j++)
                    {
                        // Softmax rule, then the bilinear rule of the scores.
                        double rz = z[h, i, j] * (ra[j] - a[h, i, j] * all);
                        for (int d = h * size; d < (h + 1) * size; d++)
                        {
                            double share = q[i][d] * k[j][d] / Math.Sqrt(size) * rz / (2 * z[h, i, j]);
                            rq[i][d] += share;
                            rk[j][d] += share;
                        }
                    }
                }
            }
            return Sum(Sum(backQ(rq), backK(rk)), backV(rv));
        });
        return Dense(context, p + "attention.output.dense");
    }

    /// <summary>Takes the steps recorded since a mark out of the chain, as one way back.</summary>
    private Func<double[][], double[][]> Cut(int mark)
    {
        Func<double[][], double[][]>[] steps = [.. _backward.Skip(mark)];
        _backward.RemoveRange(mark, steps.Length);
        return r =>
        {
            foreach (Func<double[][], double[][]> step in steps.Reverse())
            {
                r = step(r);
            }
            return r;
        };
    }

    private double[][] Dense(double[][] x, string name)
    {
        double[] w = _weights[name + ".weight"];
        double[] b = _weights[name + ".bias"];
        int inputs = x[0].Length;
        double[][] z =
        [
            .. x.Select(row =>
                (double[])
                    [.. b.Select((bias, o) => bias + Enumerable.Range(0, inputs).Sum(i => w[o * inputs + i] * row[i]))]
            ),
        ];
        _backward.Add(r =>
            [
                .. x.Select(
                    (row, t) =>
                        (double[])
                            [
                                .. row.Select(
                                    (value, i) =>
                                        Enumerable
                                            .Range(0, b.Length)
                                            .Sum(o => value * w[o * inputs + i] * r[t][o] / z[t][o])
                                ),
                            ]
                ),
            ]
        );
        return z;
    }

    private double[][] Norm(double[][] x, string name)
    {
        double[] w = _weights[name + ".weight"];
        double[] b = _weights[name + ".bias"];
        int n = w.Length;
        double[] deviation =
        [
            .. x.Select(row =>
                Math.Sqrt(row.Average(v => (v - row.Average()) * (v - row.Average())) + _config.LayerNormEpsilon)
            ),
        ];
        double[][] y =
        [
            .. x.Select(
                (row, t) => (double[])[.. row.Select((v, i) => (v - row.Average()) / deviation[t] * w[i] + b[i])]
            ),
        ];
        // With the deviation held fixed this is a linear map: y_o = sum_i (1[i = o] - 1/n) w_o / deviation x_i + b_o.
        _backward.Add(r =>
            [
                .. x.Select(
                    (row, t) =>
                        (double[])
                            [
                                .. row.Select(
                                    (v, i) =>
                                        Enumerable
                                            .Range(0, n)
                                            .Sum(o =>
                                                v
                                                * ((i == o ? 1 : 0) - 1.0 / n)
                                                * w[o]
                                                / deviation[t]
                                                * r[t][o]
                                                / y[t][o]
                                            )
                                ),
                            ]
                ),
            ]
        );
        return y;
    }

    /// <summary>Elementwise functions pass relevance unchanged.</summary>
    private static double[][] Activate(double[][] x, Func<double, double> function) =>
        [.. x.Select(row => (double[])[.. row.Select(function)])];

    private static double Gelu(double x) => x * 0.5 * (1 + Erf(x / Math.Sqrt(2)));

    /// <summary>The error function by its Taylor series, which is exact enough for the small arguments here.</summary>
    private static double Erf(double x)
    {
        double sum = 0;
        double term = x;
        for (int n = 0; n < 200; n++)
        {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double[][] Share(double[][] part, double[][] whole, double[][] relevance) =>
        [.. part.Select((row, t) => (double[])[.. row.Select((v, i) => v * relevance[t][i] / whole[t][i])])];

    private static double[][] Sum(double[][] a, double[][] b) => [.. a.Select((row, t) => Plus(row, b[t]))];

    private static double[] Plus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private double[][] Zeros(int width) => [.. Enumerable.Range(0, _length).Select(_ => new double[width])];

    private double[] Slice(string name, int row) => _weights[name][(row * _width)..((row + 1) * _width)];
}
