using Whylight.Explanations;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>The linear family's exact decomposition, on the shipped model.</summary>
public sealed class LinearExplanationTests
{
    [Theory]
    [InlineData(ValueKind.Logit)]
    [InlineData(ValueKind.Contrast)]
    public async Task WordsAndBiasAddUpToTheValue(ValueKind kind)
    {
        using ITextClassifier model = await LoadAsync();
        Explanation e = await Explainer.Default.ExplainAsync(
            model,
            new()
            {
                Text = "A great film, but not good acting.",
                Method = "lrp",
                ValueKind = kind,
            },
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal("linear", e.Estimator);
        Assert.Equal(0, e.CompletenessGap!.Value, 1e-5);
        Assert.Equal(e.Value!.Value, e.Remainder!.Value + e.Features.Sum(f => f.Score!.Value), 1e-5);
        Assert.Contains(e.Features, f => f.Score > 0);
        Assert.Contains(e.Features, f => f.Score < 0);
    }

    [Fact]
    public async Task AProbabilityIsNoSumOfWords()
    {
        using ITextClassifier model = await LoadAsync();
        ExplanationException refusal = await Assert.ThrowsAsync<ExplanationException>(() =>
            Explainer.Default.ExplainAsync(
                model,
                new()
                {
                    Text = "great",
                    Method = "lrp",
                    ValueKind = ValueKind.Probability,
                },
                cancellation: TestContext.Current.CancellationToken
            )
        );
        Assert.Contains("--value logit", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<ITextClassifier> LoadAsync()
    {
        string folder = Path.Combine(Shared.Repository, "server", "Whylight.Models", "Shipped", "sentiment-linear");
        return await ModelLoader.LoadAsync(folder, cancellation: TestContext.Current.CancellationToken);
    }
}
