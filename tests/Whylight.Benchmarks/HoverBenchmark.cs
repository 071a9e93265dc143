using Whylight.Explanations;
using Whylight.Models;

namespace Whylight.Benchmarks;

/// <summary>What a hover computes first: prediction and attribution of a text of 64 tokens, by the shipped model, in this process.</summary>
internal static class HoverBenchmark
{
    public static async Task RunAsync(Report report)
    {
        using ITextClassifier model = await ModelLoader.LoadAsync("builtin:sentiment");
        string text =
            "it never quite works but the two leads are a joy to watch and the end moved me more than i care to say";
        while (model.Tokenize(text).Tokens.Count < 64)
        {
            text += " good";
        }
        List<double> times = [];
        for (int i = -20; i < 300; i++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            await Explainer.Default.ExplainAsync(
                model,
                new ExplanationRequest { Text = text, Method = "attnlrp" },
                priority: WorkPriority.Visible
            );
            if (i >= 0)
            {
                times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        report.Row(
            "hover: prediction + attribution, `sentiment`, 64 tokens, in process, p95",
            "<= 15 ms over stdio",
            $"{Timing.Quantile(times, 0.95):0.0} ms",
            $"median {Timing.Median(times):0.0} ms"
        );
    }
}
