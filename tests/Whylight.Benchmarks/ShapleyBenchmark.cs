using TorchSharp;
using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Benchmarks;

/// <summary>
/// Time to equal median error: our Shapley values against plain KernelSHAP (sizes by the kernel, masks with replacement,
/// unpaired, full-length masked batches of 64), on the same games, weights and thread.
/// </summary>
internal static class ShapleyBenchmark
{
    private const int Players = 12;
    private const int Games = 6;
    private const int Seeds = 5;

    // Words that the shipped model's vocabulary holds whole, so that a word is a token.
    private static readonly string[] s_sentences =
    [
        "the plot is not good but the film is very funny here",
        "this is one of the best films that i have not seen",
        "a bad film with a good story and it is too long",
        "it is not so bad but there is no life in it",
        "the story is new and the film has a lot of love",
        "i like it more than the other one but not too much",
    ];

    public static async Task RunAsync(Report report)
    {
        using (TransformerClassifier shipped = (TransformerClassifier)await ModelLoader.LoadAsync("builtin:sentiment"))
        {
            await RunAsync(report, "`sentiment`", [.. s_sentences.Select(s => (shipped, s))]);
        }
        foreach ((int layers, int hidden) in ((int, int)[])[(2, 128), (4, 256)])
        {
            List<(TransformerClassifier, string)> games = [];
            for (int g = 0; g < Games; g++)
            {
                // Wide weights: strong interactions, the hard case.
                games.Add(
                    (await SizedModels.BertAsync(layers, hidden, 0.12, (ulong)g + 1), SizedModels.Text(Players, g))
                );
            }
            await RunAsync(report, $"random {layers}L/{hidden}", games);
            games.ForEach(g => g.Item1.Dispose());
        }
    }

    private static async Task RunAsync(
        Report report,
        string name,
        IReadOnlyList<(TransformerClassifier Model, string Text)> models
    )
    {
        List<(TransformerClassifier Model, TokenizedText Text, double[] Table, double[] Exact)> games = [];
        foreach ((TransformerClassifier model, string words) in models)
        {
            if (model.Tokenize(words).Tokens.Count != Players + 2)
            {
                continue;
            }
            TextGame game = await TextGame.OpenAsync(model, Request(words, 1 << Players), cache: new CoalitionCache());
            double[] table = await Enumeration.TabulateAsync(game.Value, default);
            games.Add((model, model.Tokenize(words), table, Enumeration.Shapley(table)));
        }
        foreach (int budget in (int[])[128, 256, 512])
        {
            List<double> ours = [];
            List<Func<Task>> runs = [];
            foreach ((TransformerClassifier model, TokenizedText text, double[] table, double[] exact) in games)
            {
                for (ulong seed = 0; seed < Seeds; seed++)
                {
                    PlayerValues values = await ShapleyEstimator.EstimateAsync(
                        FunctionGame.FromTable(table),
                        Options(budget),
                        new SeededRandom(seed)
                    );
                    ours.Add(Error(values.Values, exact));
                }
                runs.Add(async () =>
                {
                    TextGame game = await TextGame.OpenAsync(
                        model,
                        Request(text.Text, budget),
                        cache: new CoalitionCache()
                    );
                    await ShapleyEstimator.EstimateAsync(game.Value, Options(budget), new SeededRandom(1));
                });
            }
            double target = Timing.Median(ours);
            int masks = MasksFor(games.Select(g => (g.Table, g.Exact)), target);
            Func<Task>[] works =
            [
                () => EachAsync(runs),
                () => EachAsync(games.Select(g => (Func<Task>)(() => PlainAsync(g.Model, g.Text, masks)))),
            ];
            double[][] times = await Timing.InTurnsAsync(3, works);
            report.Row(
                $"Shapley, time to equal median error, plain KernelSHAP / ours at {budget} calls, {name}, n = {Players}",
                ">= 10x",
                $"{Timing.Median(times[1].Zip(times[0], (a, b) => a / b)):0.0}x",
                $"error {target:0.0e0} over {games.Count} games: ours {times[0].Min() / games.Count:0.0} ms, plain {masks} masks {times[1].Min() / games.Count:0.0} ms"
            );
        }
    }

    private static async Task EachAsync(IEnumerable<Func<Task>> works)
    {
        foreach (Func<Task> work in works)
        {
            await work();
        }
    }

    private static ExplanationRequest Request(string text, int budget) =>
        new()
        {
            Text = text,
            Method = "shapley",
            Budget = budget,
            ValueKind = ValueKind.Probability,
        };

    private static ShapleyOptions Options(int budget) => new() { Budget = budget, StopWhenConverged = false };

    internal static double Error(IReadOnlyList<double> values, double[] exact) =>
        values.Zip(exact, (a, b) => (a - b) * (a - b)).Sum() / exact.Sum(v => v * v);

    // Masks that plain KernelSHAP needs for the same median error: doubled until it is reached, then interpolated.
    private static int MasksFor(IEnumerable<(double[] Table, double[] Exact)> games, double target)
    {
        double before = double.NaN;
        for (int masks = 128; ; masks *= 2)
        {
            double error = Timing.Median(
                games.SelectMany(g =>
                    Enumerable
                        .Range(0, Seeds)
                        .Select(seed =>
                        {
                            SeededRandom random = new((ulong)seed + 77);
                            int[] drawn = [.. Enumerable.Range(0, masks).Select(_ => Draw(random))];
                            return Error(
                                Solve(drawn, [.. drawn.Select(m => g.Table[m])], g.Table[0], g.Table[^1]),
                                g.Exact
                            );
                        })
                )
            );
            if (error <= target || masks >= 1 << 20)
            {
                double share = double.IsNaN(before) ? 1 : Math.Log(before / target) / Math.Log(before / error);
                return (int)(masks / 2 * Math.Pow(2, share));
            }
            before = error;
        }
    }

    // A size by the Shapley kernel's total weight, then a set of that size.
    private static int Draw(SeededRandom random)
    {
        double[] sizes = [.. Enumerable.Range(1, Players - 1).Select(s => 1.0 / (s * (Players - s)))];
        double u = random.NextDouble() * sizes.Sum();
        int size = 1;
        while (size < Players - 1 && u >= sizes[size - 1])
        {
            u -= sizes[size - 1];
            size++;
        }
        int[] order = [.. Enumerable.Range(0, Players)];
        random.Shuffle(order);
        return order.Take(size).Aggregate(0, (m, i) => m | 1 << i);
    }

    // Least squares under the constraint that the values sum to v(N) - v(empty): masks are drawn by weight, so all count alike.
    private static double[] Solve(int[] masks, double[] values, double empty, double full)
    {
        int p = Players - 1;
        double[,] a = new double[p, p + 1];
        double[] row = new double[p];
        for (int k = 0; k < masks.Length; k++)
        {
            int last = masks[k] >> p & 1;
            double y = values[k] - empty - last * (full - empty);
            for (int i = 0; i < p; i++)
            {
                row[i] = (masks[k] >> i & 1) - last;
            }
            for (int i = 0; i < p; i++)
            {
                for (int j = 0; j < p; j++)
                {
                    a[i, j] += row[i] * row[j];
                }
                a[i, p] += row[i] * y;
            }
        }
        for (int c = 0; c < p; c++)
        {
            int pivot = Enumerable.Range(c, p - c).MaxBy(r => Math.Abs(a[r, c]));
            for (int j = 0; j <= p; j++)
            {
                (a[c, j], a[pivot, j]) = (a[pivot, j], a[c, j]);
            }
            for (int r = 0; r < p; r++)
            {
                double factor = r == c ? 0 : a[r, c] / a[c, c];
                for (int j = c; j <= p && factor != 0; j++)
                {
                    a[r, j] -= factor * a[c, j];
                }
            }
        }
        double[] phi = [.. Enumerable.Range(0, p).Select(i => a[i, p] / a[i, i])];
        return [.. phi, full - empty - phi.Sum()];
    }

    private static Task PlainAsync(TransformerClassifier model, TokenizedText text, int masks) =>
        model.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using IDisposable noGradient = no_grad();
                SeededRandom random = new(5);
                int[] drawn = [0, (1 << Players) - 1, .. Enumerable.Range(0, masks).Select(_ => Draw(random))];
                List<double> values = [];
                foreach (int[] block in drawn.Chunk(64))
                {
                    using DisposeScope scope = NewDisposeScope();
                    NetworkInput one = model.Prepare(text);
                    bool[] mask =
                    [
                        .. block.SelectMany(m =>
                            Enumerable
                                .Range(0, Players + 2)
                                .Select(t => t == 0 || t > Players || (m >> (t - 1) & 1) != 0)
                        ),
                    ];
                    NetworkInput input = one with
                    {
                        Ids = one.Ids!.expand(block.Length, Players + 2),
                        Positions = one.Positions.expand(block.Length, Players + 2),
                        TypeIds = one.TypeIds?.expand(block.Length, Players + 2),
                        Mask = tensor(mask, block.Length, Players + 2),
                    };
                    Tensor p = nn.functional.softmax(model.Network.Forward(input, PropagationRules.Plain, default), 1);
                    values.AddRange(p.select(1, 1).to(ScalarType.Float64).contiguous().data<double>().ToArray());
                }
                return Solve(drawn[2..], [.. values.Skip(2)], values[0], values[1])[0];
            }
        );
}
