using Whylight.Explanations;
using Whylight.Models;

namespace Whylight.Benchmarks;

/// <summary>Model calls of methods whose inputs can be enumerated.</summary>
internal static class CallsBenchmark
{
    public static async Task RunAsync(Report report)
    {
        using ITextClassifier model = await ModelLoader.LoadAsync("builtin:sentiment");
        Explanation anchor = await Explainer.Default.ExplainAsync(
            model,
            new ExplanationRequest { Text = "this is not good film", Method = "anchors" }
        );
        Explanation lime = await Explainer.Default.ExplainAsync(
            model,
            new ExplanationRequest { Text = "not a very good movie with dull plot", Method = "lime" }
        );
        report.Row(
            "Anchors on 5 words; LIME on 8 words: model calls",
            "<= 32; <= 256",
            $"{anchor.ModelCalls}; {lime.ModelCalls}",
            $"{anchor.Estimator}; {lime.Estimator}"
        );
    }
}
