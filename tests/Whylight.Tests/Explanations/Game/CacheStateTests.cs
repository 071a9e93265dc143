using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Tests.Models;

namespace Whylight.Tests.Explanations.Game;

public sealed class CacheStateTests
{
    [Fact]
    public async Task What_is_cached_leaves_a_real_models_values_as_they_are()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, 77);
        ExplanationRequest request = new() { Text = "the movie was not very good but i loved it", Budget = 200 };
        double[][] values = new double[2][];
        for (int run = 0; run < 2; run++)
        {
            CoalitionCache cache = new();
            TextGame game = await TextGame.OpenAsync(model, request, cache: cache, cancellation: cancellation);
            if (run == 1)
            {
                // Every third coalition was asked before, so that the blocks of the rest are made up otherwise.
                await game.Value.EvaluateAsync(
                    [.. Enumerable.Range(0, 1024).Where(m => m % 3 == 0).Select(m => Coalition.FromBits(10, (ulong)m))],
                    cancellation
                );
            }
            values[run] = await Enumeration.TabulateAsync(game.Value, cancellation);
        }
        Assert.Equal(values[0], values[1]);
    }
}
