using Whylight.Explanations;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Tests.Models;

namespace Whylight.Tests.Explanations.LanguageModels;

/// <summary>Prompts with choices, against scores from one full forward pass a token.</summary>
public sealed class ChoiceScoringTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private static readonly string[] s_choices = ["good", "very bad", "not very good"];
    private static readonly int[][] s_ids =
    [
        [12],
        [16, 13],
        [15, 16, 12],
    ];

    public static TheoryData<bool, string?> Scorings() =>
        new()
        {
            { false, null },
            { true, null },
            { false, "the film" },
            { true, "the film" },
        };

    [Theory]
    [MemberData(nameof(Scorings))]
    public async Task Scores_are_those_of_separate_passes(bool normalized, string? contentFree)
    {
        CausalLanguageModel model = await TinyModels.LanguageModelAsync(() =>
            LlamaNetwork.Create(TinyModels.Llama(), 5)
        );
        ChoiceScoring scoring = new() { LengthNormalized = normalized, ContentFreePrompt = contentFree };
        using ChoiceClassifier classifier = await ChoiceClassifier.CreateAsync(model, s_choices, scoring, Cancellation);
        const string Prompt = "the movie was";
        double[] expected = await SlowAsync(Prompt);
        double[] free = contentFree is null ? [0, 0, 0] : await SlowAsync(contentFree);
        double[] scores = [.. expected.Zip(free, (s, f) => s - f)];
        Prediction prediction = (await classifier.PredictAsync([Prompt], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose(scores, [.. prediction.Logits], 1e-5);
        GoldenCheckpoint.AssertClose(Prediction.Softmax(scores), [.. prediction.Probabilities], 1e-5);

        foreach (string method in Explainer.Default.Methods)
        {
            Explanation explanation = await Explainer.Default.ExplainAsync(
                classifier,
                new ExplanationRequest
                {
                    Text = Prompt,
                    Method = method,
                    TargetLabel = method is "anchors" or "counterfactual" or "prime-implicants" ? null : "very bad",
                    Baseline = method == "deeplift" ? BaselineKind.Eos : null,
                },
                cancellation: Cancellation
            );
            Assert.Equal(scoring.ToString(), explanation.Scoring);
            if (explanation.Value is { } value)
            {
                Assert.Equal(scores[1], value, 1e-4);
            }
            if (method == "rollout")
            {
                Assert.InRange(explanation.Features.Sum(f => f.Score!.Value), 0.05, 1.0000001);
            }
        }
        ExplanationRequest sequence = new()
        {
            Text = Prompt,
            Method = "occlusion",
            ValueKind = ValueKind.SequenceLogProbability,
        };
        if (normalized || contentFree is not null)
        {
            ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
                Explainer.Default.ExplainAsync(classifier, sequence, cancellation: Cancellation)
            );
            Assert.Contains("use the value logit", refused.Message, StringComparison.Ordinal);
        }
        else
        {
            Explanation sum = await Explainer.Default.ExplainAsync(classifier, sequence, cancellation: Cancellation);
            Assert.Equal(scores.Max(), sum.Value!.Value, 1e-5);
            Assert.Equal("sequence_log_probability", sum.ValueKind);
        }

        async Task<double[]> SlowAsync(string prompt)
        {
            List<double> sums = [];
            foreach (int[] ids in s_ids)
            {
                List<int> row = [.. model.Tokenizer.Encode(prompt).Tokens.Select(t => t.Id)];
                double sum = 0;
                foreach (int id in ids)
                {
                    double[] logits = (
                        await model.NextLogitsAsync([new() { Ids = [.. row] }], cancellation: Cancellation)
                    )[0];
                    sum += Math.Log(Prediction.Softmax(logits)[id]);
                    row.Add(id);
                }
                sums.Add(normalized ? sum / ids.Length : sum);
            }
            return [.. sums];
        }
    }

    [Fact]
    public async Task A_long_prompt_keeps_its_end_where_the_question_stands()
    {
        CausalLanguageModel model = await TinyModels.LanguageModelAsync(() => Gpt2Network.Create(TinyModels.Gpt2(), 5));
        using ChoiceClassifier classifier = await ChoiceClassifier.CreateAsync(model, s_choices, new(), Cancellation);
        string prompt = string.Join(' ', Enumerable.Repeat("the movie was", 40));
        Prediction prediction = (await classifier.PredictAsync([prompt], cancellation: Cancellation))[0];
        int from = prediction.ReadFrom!.Value;
        Assert.True(prediction.Truncated);
        Prediction end = (await classifier.PredictAsync([prompt[from..]], cancellation: Cancellation))[0];
        Assert.Equal(end.Logits, prediction.Logits);
        Assert.Null(end.ReadFrom);
    }
}
