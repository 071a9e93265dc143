using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Explanations.Local;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Tests.Models;

namespace Whylight.Tests.Explanations.Local;

public sealed class HotFlipTests
{
    [Fact]
    public async Task Substitutions_are_vocabulary_words_verified_by_a_real_call()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int found = 0;
        for (ulong seed = 1; seed <= 4; seed++)
        {
            using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, seed);
            ExplanationRequest request = new() { Text = "The movie was very good .", Method = "counterfactual" };
            Explanation e = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
            foreach (Counterfactual c in e.Counterfactuals!)
            {
                Prediction prediction = (await model.PredictAsync([c.Text], cancellation: cancellation))[0];
                Assert.NotEqual(e.Prediction.Label, prediction.Label);
                Assert.Equal(prediction.Label, c.Prediction.Label);
                Assert.Equal(c.Text, TextEdit.Apply(request.Text, c.Edits));
                if (c.Edits.All(edit => edit.Replacement.Length > 0))
                {
                    found++;
                    Assert.InRange(c.Edits.Count, 1, 3);
                    Assert.Equal(6, c.Text.Split(' ').Length);
                }
            }
            Assert.InRange(e.ModelCalls, 65, 256);
        }
        Assert.InRange(found, 1, 12);
    }

    [Fact]
    public async Task The_first_order_change_is_that_of_a_small_step_towards_the_word()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, 3);
        TextGame game = await TextGame.OpenAsync(
            model,
            new ExplanationRequest { Text = "the movie was good" },
            cancellation: cancellation
        );
        IReadOnlyList<Substitution> candidates = await HotFlip.CandidatesAsync(
            model,
            game,
            new Dictionary<int, TextEdit>(),
            new FlipGoal(game.Prediction.LabelIndex, null),
            null,
            WorkPriority.Batch,
            cancellation
        );
        Assert.Equal(32, candidates.Count);
        Assert.DoesNotContain(candidates, c => c.Word.StartsWith('#') || c.Word.StartsWith('['));
        Assert.Equal(candidates.OrderBy(c => c.Change), candidates);
        Substitution first = candidates[0];
        int label = game.Prediction.LabelIndex;
        double slope = await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
                NetworkInput input = model.Prepare(game.Features.Text);
                TorchSharp.torch.Tensor old = model.Network.Embed(input.Ids!);
                int position = game.Features.Features[first.Feature].Tokens[0];
                TorchSharp.torch.Tensor word = model.Network.Embed(
                    TorchSharp.torch.tensor(new long[] { Array.IndexOf(TinyModels.Words, first.Word) }).view(1, 1)
                );
                TorchSharp.torch.Tensor direction = TorchSharp.torch.zeros_like(old);
                direction[0, position] = word[0, 0] - old[0, position];
                double Margin(double step)
                {
                    double[] logits = Whylight.Explanations.Attribution.EmbeddingPass.Doubles(
                        model.Network.Forward(
                            input with
                            {
                                Ids = null,
                                Embeddings = old + direction * step,
                            },
                            PropagationRules.Plain,
                            token
                        )
                    );
                    return new FlipGoal(label, null).Margin(logits);
                }
                return (Margin(0.01) - Margin(-0.01)) / 0.02;
            },
            cancellation
        );
        Assert.Equal(slope, first.Change, 0.02 * Math.Abs(slope) + 1e-3);
    }
}
