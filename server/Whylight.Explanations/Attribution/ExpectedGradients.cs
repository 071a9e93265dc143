using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Expected gradients: Erion et al., Improving performance of deep learning models with axiomatic attribution priors, 2021.
/// Integrated gradients averaged over baselines: here texts of the same length whose words are vocabulary entries drawn at
/// random, special tokens kept. One point a baseline, stratified along the path. Scores carry standard errors.
/// </summary>
internal sealed class ExpectedGradients : IExplanationMethod
{
    /// <summary>Most baselines drawn, whatever the budget.</summary>
    private const int MaxSamples = 128;

    /// <inheritdoc/>
    public string Name => "expected-gradients";

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
        // A sample costs a forward at its baseline, and a forward and a backward on the path.
        int samples = Math.Min(MaxSamples, (request.Budget - 1) / 3);
        if (samples < 2)
        {
            throw new ExplanationException($"'{Name}' needs a budget of 7 model calls or more for two baselines");
        }
        double[] logits = await subject.RunAsync(
            (input, token) =>
                EmbeddingPass.Logits(subject.Model.Network, input, subject.Model.Network.Embed(input.Ids!), token)[0]
        );
        TargetValue target = subject.Target(logits);
        SeededRandom random = SeededRandom.For(request.Seed, Name);
        int[] strata = [.. Enumerable.Range(0, samples)];
        random.Shuffle(strata);
        double[] at = [.. strata.Select(s => (s + random.NextDouble()) / samples)];
        List<double[]> rows = [];
        List<double> baseValues = [];
        while (rows.Count < samples)
        {
            cancellation.ThrowIfCancellationRequested();
            int size = Math.Min(EmbeddingPass.Block, samples - rows.Count);
            long[] ids = new long[size * subject.Text.Tokens.Count];
            for (int i = 0; i < ids.Length; i++)
            {
                Token token = subject.Text.Tokens[i % subject.Text.Tokens.Count];
                int drawn = random.Next(subject.Model.Network.VocabularySize);
                ids[i] = token.Special ? token.Id : drawn;
            }
            double[] block = at[rows.Count..(rows.Count + size)];
            (double[] values, double[][] tokens) = await subject.RunAsync(
                (input, token) =>
                {
                    Tensor x = subject.Model.Network.Embed(input.Ids!);
                    Tensor b = subject.Model.Network.Embed(tensor(ids).view(size, -1));
                    double[][] outputs = EmbeddingPass.Logits(subject.Model.Network, input, b, token);
                    Tensor points = b.Plus(tensor(block, x.dtype).view(-1, 1, 1) * (x - b));
                    double[][] scores = EmbeddingPass
                        .Points(subject.Model.Network, input, points, x - b, target, token)
                        .Tokens;
                    return ((double[])[.. outputs.Select(o => target.Of(o))], scores);
                }
            );
            baseValues.AddRange(values);
            rows.AddRange(tokens);
        }
        Explanation explanation = subject.Explain(
            Name,
            $"baselines-{samples}",
            logits,
            target,
            SmoothGrad.Means(rows),
            Compensated.Sum(baseValues) / samples,
            biasShare: 0,
            calls: 1 + 3 * samples
        );
        return Subject.WithErrors(explanation, subject.StandardErrors(rows)) with { Baseline = "random_tokens" };
    }
}
