using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// SmoothGrad: Smilkov et al. 2017. The gradient averaged over noisy copies of the embeddings, times the embeddings; noise of
/// a tenth of the range of the text's embedding values. Scores carry standard errors.
/// </summary>
internal sealed class SmoothGrad : IExplanationMethod
{
    /// <summary>Most samples drawn, whatever the budget.</summary>
    private const int MaxSamples = 64;

    /// <summary>Standard deviation of the noise over the range of the embedding values.</summary>
    private const double NoiseLevel = 0.1;

    /// <inheritdoc/>
    public string Name => "smoothgrad";

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        Subject subject = Subject.Of(model, request, Name, priority, cancellation);
        int samples = Math.Min(MaxSamples, (request.Budget - 1) / 2);
        if (samples < 2)
        {
            throw new ExplanationException($"'{Name}' needs a budget of 5 model calls or more for two samples");
        }
        double[] logits = await subject.RunAsync(
            (input, token) =>
                EmbeddingPass.Logits(subject.Model.Network, input, subject.Model.Network.Embed(input.Ids!), token)[0]
        );
        TargetValue target = subject.Target(logits);
        SeededRandom random = SeededRandom.For(request.Seed, Name);
        List<double[]> rows = [];
        while (rows.Count < samples)
        {
            cancellation.ThrowIfCancellationRequested();
            int size = Math.Min(EmbeddingPass.Block, samples - rows.Count);
            rows.AddRange(
                await subject.RunAsync(
                    (input, token) =>
                    {
                        Tensor x = subject.Model.Network.Embed(input.Ids!);
                        double range = (x.max() - x.min()).to(ScalarType.Float64).item<double>();
                        double[] noise = new double[size * x.shape[1] * x.shape[2]];
                        for (int i = 0; i < noise.Length; i++)
                        {
                            noise[i] = NoiseLevel * range * random.NextGaussian();
                        }
                        Tensor points = x.Plus(tensor(noise, x.dtype).view(size, x.shape[1], x.shape[2]));
                        return EmbeddingPass.Points(subject.Model.Network, input, points, x, target, token).Tokens;
                    }
                )
            );
        }
        Explanation explanation = subject.Explain(
            Name,
            $"noise-{NoiseLevel.ToString(System.Globalization.CultureInfo.InvariantCulture)}-samples-{samples}",
            logits,
            target,
            Means(rows),
            baseValue: 0,
            biasShare: 0,
            calls: 1 + 2 * samples
        );
        return Subject.WithErrors(explanation, subject.StandardErrors(rows));
    }

    /// <summary>Mean of rows, component by component.</summary>
    internal static double[] Means(IReadOnlyList<double[]> rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(i => Compensated.Sum(rows.Select(r => r[i])) / rows.Count)];
}
