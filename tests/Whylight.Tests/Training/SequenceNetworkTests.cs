using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Training;

public sealed class SequenceNetworkTests
{
    private static readonly string[] s_words = ["good", "bad", "film", "not", "very", "a", "long", "dull"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<SequenceClassifier> ClassifierAsync(string modelType)
    {
        string[] vocabulary = [.. WordPieceTrainer.BertSpecialTokens, .. s_words];
        SequenceConfig config = new()
        {
            ModelType = modelType,
            VocabularySize = vocabulary.Length,
            EmbeddingSize = 6,
            HiddenSize = 5,
            MaxTokens = 40,
            Labels = ["negative", "neutral", "positive"],
        };
        SequenceNetwork network = await InferenceScheduler.Shared.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                SequenceNetwork made = SequenceNetwork.Create(config, 3);
                using IDisposable noGrad = torch.no_grad();
                // Large weights, so that what should not matter would be seen to matter.
                foreach (torch.Tensor weight in made.Parameters.Select(p => p.Value))
                {
                    weight.mul_(8);
                }
                return made;
            },
            Cancel
        );
        ModelInfo info = new()
        {
            Name = "tiny",
            Family = "cnn",
            Hash = "",
            Labels = config.Labels,
            MaxTokens = 40,
        };
        return new SequenceClassifier(info, network, WordPieceTokenizer.Create(vocabulary), InferenceScheduler.Shared);
    }

    [Theory]
    [InlineData(SequenceConfig.Convolutional)]
    [InlineData(SequenceConfig.Recurrent)]
    public async Task ABatchAnswersAsItsTextsAlone(string modelType)
    {
        using SequenceClassifier model = await ClassifierAsync(modelType);
        string[] texts = ["good", "", "a very long film", "not good not bad a dull very dull film", "bad bad"];
        IReadOnlyList<Prediction> together = await model.PredictAsync(texts, cancellation: Cancel);
        for (int i = 0; i < texts.Length; i++)
        {
            Prediction alone = (await model.PredictAsync([texts[i]], cancellation: Cancel))[0];
            for (int k = 0; k < 3; k++)
            {
                Assert.Equal(alone.Logits[k], together[i].Logits[k], 1e-5);
            }
        }
        Assert.NotEqual(together[0].Logits[0], together[4].Logits[0], 1e-3);
    }

    [Theory]
    [InlineData(SequenceConfig.Convolutional)]
    [InlineData(SequenceConfig.Recurrent)]
    public async Task DeletedTokensLeaveTheTextWithoutThem(string modelType)
    {
        using SequenceClassifier model = await ClassifierAsync(modelType);
        TokenizedText text = model.Tokenize("not a very good film");
        bool[] present = [true, false, true, true, false, true, true];
        double[] without = (
            await model.EvaluateAsync(
                text,
                [present, [.. present.Select(_ => true)]],
                Absence.Deleted,
                cancellation: Cancel
            )
        )[0];
        Prediction shorter = (await model.PredictAsync(["a very film"], cancellation: Cancel))[0];
        for (int k = 0; k < 3; k++)
        {
            Assert.Equal(shorter.Logits[k], without[k], 1e-5);
        }
    }

    [Fact]
    public async Task AnAbsentTokenOfTheConvolutionIsAZeroInItsPlace()
    {
        using SequenceClassifier model = await ClassifierAsync(SequenceConfig.Convolutional);
        TokenizedText text = model.Tokenize("not a very good film");
        bool[] present = [true, true, false, true, true, true, true];
        double[] answer = (await model.EvaluateAsync(text, [present], Absence.Padding, cancellation: Cancel))[0];
        double[] twin = await InferenceScheduler.Shared.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using DisposeScope scope = torch.NewDisposeScope();
                NetworkInput input = model.Prepare(text);
                torch.Tensor embeddings = model.Network.Embed(input.Ids!);
                embeddings[0, 2].zero_();
                return model
                    .Network.Forward(input with { Ids = null, Embeddings = embeddings }, PropagationRules.Plain, token)
                    .to(torch.ScalarType.Float64)
                    .data<double>()
                    .ToArray();
            },
            Cancel
        );
        for (int k = 0; k < 3; k++)
        {
            Assert.Equal(twin[k], answer[k], 1e-5);
        }
    }

    [Fact]
    public async Task AnAbsenceThatMeansNothingIsRefused()
    {
        using SequenceClassifier model = await ClassifierAsync(SequenceConfig.Recurrent);
        TokenizedText text = model.Tokenize("good");
        await Assert.ThrowsAsync<ModelException>(() =>
            model.EvaluateAsync(
                text,
                [
                    [true, true, true],
                ],
                Absence.Padding,
                cancellation: Cancel
            )
        );
    }
}
