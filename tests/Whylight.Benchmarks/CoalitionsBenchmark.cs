using TorchSharp;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Benchmarks;

/// <summary>
/// What blocks of a fixed shape, which make a coalition's bits its own, cost over blocks as large as they come, where bits
/// depend on the company; and what one coalition alone costs.
/// </summary>
internal static class CoalitionsBenchmark
{
    public static async Task RunAsync(Report report)
    {
        using (INetworkClassifier shipped = (INetworkClassifier)await ModelLoader.LoadAsync("builtin:sentiment"))
        {
            await RowsAsync(report, shipped, "`sentiment`, 12 words", Sentence(12));
            await RowsAsync(report, shipped, "`sentiment`, 40 words", Sentence(40));
        }
        using INetworkClassifier middle = await SizedModels.BertAsync(4, 256);
        await RowsAsync(report, middle, "4L/256, 30 words", SizedModels.Text(30));
        using INetworkClassifier large = await SizedModels.BertAsync(6, 768);
        await RowsAsync(report, large, "6L/768, 30 words", SizedModels.Text(30));
    }

    private static string Sentence(int words)
    {
        string[] all = "it never quite works but the two leads are a joy to watch and".Split(' ');
        return string.Join(' ', Enumerable.Range(0, words).Select(i => all[i % all.Length]));
    }

    private static async Task RowsAsync(Report report, INetworkClassifier model, string name, string text)
    {
        TokenizedText tokens = model.Tokenize(text);
        foreach (int calls in (int[])[1, 8, 256])
        {
            if (calls == 256 && model.Network.EmbeddingWidth > 500)
            {
                continue;
            }
            bool[][] present = Coalitions(tokens, calls);
            double[][] times = await Timing.InTurnsAsync(
                model.Network.EmbeddingWidth > 500 ? 5 : 25,
                () => model.EvaluateAsync(tokens, present, Absence.AttentionMasked),
                () => FreeAsync(model, tokens, present)
            );
            report.Row(
                $"coalitions in fixed blocks / in free blocks, {name}, {calls} calls",
                "-",
                $"{Timing.Median(times[0].Zip(times[1], (a, b) => a / b)):0.00}x",
                $"fastest {times[0].Min():0.00} / {times[1].Min():0.00} ms"
            );
        }
    }

    // As a Shapley sample has them: pairs of complementary sets, sizes alike.
    private static bool[][] Coalitions(TokenizedText text, int count)
    {
        SeededRandom random = new(3);
        List<bool[]> all =
        [
            [.. text.Tokens.Select(_ => true)],
        ];
        while (all.Count < count)
        {
            int threshold = random.Next(101);
            bool[] one = [.. text.Tokens.Select(t => t.Special || random.Next(100) < threshold)];
            all.Add(one);
            all.Add([.. one.Select((p, i) => text.Tokens[i].Special || !p)]);
        }
        return [.. all.Take(count)];
    }

    private static async Task FreeAsync(INetworkClassifier model, TokenizedText text, bool[][] present)
    {
        int[][] kept =
        [
            .. present
                .Select(p => Enumerable.Range(0, p.Length).Where(i => p[i]).ToArray())
                .DistinctBy(p => string.Join(',', p))
                .OrderBy(p => p.Length),
        ];
        foreach (IGrouping<int, int[]> alike in kept.GroupBy(k => k.Length))
        {
            foreach (int[][] block in alike.Chunk(64))
            {
                await model.Scheduler.RunAsync(
                    WorkPriority.Batch,
                    token =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        using IDisposable noGradient = no_grad();
                        long[] ids = [.. block.SelectMany(k => k.Select(i => (long)text.Tokens[i].Id))];
                        long[] positions = [.. block.SelectMany(k => k.Select(i => (long)i))];
                        Tensor output = model.Network.Forward(
                            new NetworkInput
                            {
                                Ids = tensor(ids, block.Length, alike.Key),
                                Positions = tensor(positions, block.Length, alike.Key),
                            },
                            PropagationRules.Plain,
                            token
                        );
                        return output.to(ScalarType.Float64).data<double>().ToArray();
                    }
                );
            }
        }
    }
}
