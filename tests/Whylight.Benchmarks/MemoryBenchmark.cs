using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Benchmarks;

/// <summary>Growth of resident memory over 10,000 explanations of different texts, after the caches have filled.</summary>
internal static class MemoryBenchmark
{
    private const int Explanations = 10_000;

    public static async Task RunAsync(Report report)
    {
        using ITextClassifier model = await ModelLoader.LoadAsync("builtin:sentiment");
        string[] words = "good bad film plot dull warm funny never quite works not very leads joy watch end".Split(' ');
        // Until the bounded cache of coalitions is full, memory grows as it should.
        int n = 0;
        while (CoalitionCache.Shared.Held < 3_500_000 && n < 2000)
        {
            await ExplainAsync(n++, "shapley", 256);
        }
        for (int i = 0; i < 500; i++)
        {
            await ExplainAsync(n++, "attnlrp", 256);
        }
        long before = Resident();
        for (int i = 0; i < Explanations; i++)
        {
            (string method, int budget) = (i % 20) switch
            {
                0 => ("shapley", 64),
                1 => ("integrated-gradients", 64),
                2 => ("lime", 64),
                3 => ("occlusion", 64),
                4 => ("deeplift", 64),
                5 => ("auto", 48),
                _ => ("attnlrp", 64),
            };
            await ExplainAsync(n++, method, budget);
        }
        long after = Resident();
        report.Row(
            "resident memory: growth over 10,000 explanations",
            "<= 50 MB",
            $"{(after - before) / 1048576.0:0.0} MB",
            $"{before / 1048576} -> {after / 1048576} MB"
        );

        Task<Explanation> ExplainAsync(int i, string method, int budget)
        {
            string text = string.Join(
                ' ',
                Enumerable.Range(0, 9).Select(k => words[(i * 7 + k * k + i / 16 * k) % 16])
            );
            return Explainer.Default.ExplainAsync(
                model,
                new ExplanationRequest
                {
                    Text = $"{text} {i}",
                    Method = method,
                    Budget = budget,
                }
            );
        }
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
