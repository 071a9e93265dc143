using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

public class CausalLanguageModelTests
{
    private const string Text = "the movie was not very good , i hated";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string> Variants() =>
        [
            "gpt2",
            "gpt2-inverse",
            "llama",
            "llama-linear",
            "llama-dynamic",
            "llama-llama3",
            "llama-yarn",
            "llama-biased",
        ];

    private static DecoderNetwork Create(string variant)
    {
        LlamaConfig llama = TinyModels.Llama();
        return variant switch
        {
            "gpt2" => Gpt2Network.Create(TinyModels.Gpt2(), 5),
            "gpt2-inverse" => Gpt2Network.Create(
                TinyModels.Gpt2() with
                {
                    ScaleByInverseLayer = true,
                    TieWordEmbeddings = false,
                },
                5
            ),
            "llama" => LlamaNetwork.Create(llama, 5),
            "llama-biased" => LlamaNetwork.Create(
                llama with
                {
                    AttentionBias = true,
                    MlpBias = true,
                    TieWordEmbeddings = true,
                    HeadWidth = 6,
                },
                5
            ),
            _ => LlamaNetwork.Create(
                llama with
                {
                    // Shorter than the text, so that scalings by length act.
                    MaxPositions = 6,
                    RopeScaling = new()
                    {
                        Type = variant["llama-".Length..],
                        Factor = 4,
                        OriginalLength = 4,
                    },
                },
                5
            ),
        };
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Generating_with_kept_keys_and_values_equals_reading_the_whole_text_again(string variant)
    {
        using CausalLanguageModel model = await TinyModels.LanguageModelAsync(() => Create(variant));
        GeneratedText generated = await model.GenerateAsync("the movie", 12, WorkPriority.Batch, Cancellation);
        List<int> ids = [.. model.Tokenize("the movie").Tokens.Select(t => t.Id)];
        int read = ids.Count;
        for (int i = 0; i < 12; i++)
        {
            EncodedInput input = new() { Ids = [.. ids] };
            double[] logits = (await model.NextLogitsAsync([input], cancellation: Cancellation))[0];
            int best = Array.IndexOf(logits, logits.Max());
            if (best == model.Tokenizer.Special.End)
            {
                break;
            }
            ids.Add(best);
        }
        Assert.Equal(ids.Skip(read), generated.Ids);
        Assert.Equal(generated.Ids.Count < 12, generated.Ended);
        // The same logits too, token by token, for any ids and however many are added at once.
        if (variant != "llama-dynamic")
        {
            await model.Scheduler.RunAsync(
                WorkPriority.Batch,
                _ => CompareLogits((DecoderNetwork)model.Network),
                Cancellation
            );
        }
    }

    private static bool CompareLogits(DecoderNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using KeyValueCache cache = new();
        long[] ids = [5, 7, 9, 15, 16, 12, 11, 6, 8];
        int done = 0;
        foreach (int added in new[] { 2, 1, 3, 1, 1, 1 })
        {
            NetworkInput Input(int from, int to) =>
                new()
                {
                    Ids = tensor(ids[from..to], 1, to - from),
                    Positions = arange(from, to).unsqueeze(0),
                    OriginalLength = to,
                };
            Tensor kept = network.Next(Input(done, done + added), cache, CancellationToken.None);
            done += added;
            Tensor whole = network.Forward(Input(0, done), PropagationRules.Plain, CancellationToken.None);
            Assert.Equal(done, cache.Length);
            Assert.True((kept - whole).abs().max().item<float>() < 1e-5f);
        }
        return true;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Running_present_tokens_only_equals_masking_at_full_length(string variant)
    {
        using CausalLanguageModel model = await TinyModels.LanguageModelAsync(() => Create(variant));
        // The tiny tokenizer adds [CLS] and [SEP]; MaxTokens must not cut the text of the short-position variants.
        TokenizedText text = model.Tokenizer.Encode(Text);
        Random random = new(1);
        bool[][] present =
        [
            [.. text.Tokens.Select(_ => true)],
            [.. text.Tokens.Select(_ => false)],
            .. Enumerable.Range(0, 30).Select(_ => text.Tokens.Select(_ => random.Next(2) == 1).ToArray()),
        ];
        IReadOnlyList<double[]> actual = await model.EvaluateNextAsync(
            text,
            present,
            null,
            Absence.AttentionMasked,
            cancellation: Cancellation
        );
        double[][] expected = await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
                present
                    .Select(p =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        using IDisposable noGradient = no_grad();
                        bool[] mask = [.. p.Select((x, i) => x || text.Tokens[i].Special)];
                        NetworkInput input = model.Prepare(text) with
                        {
                            Mask = tensor(mask, 1, mask.Length),
                            Observe = (_, _) => { },
                        };
                        return Flat(model.Network.Forward(input, PropagationRules.Plain, token));
                    })
                    .ToArray(),
            Cancellation
        );
        for (int i = 0; i < present.Length; i++)
        {
            GoldenCheckpoint.AssertClose(expected[i], actual[i], 1e-6);
        }
        Assert.True(expected[0].Zip(expected[1]).Max(v => Math.Abs(v.First - v.Second)) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Continuations_score_as_the_whole_text_does(string variant)
    {
        using CausalLanguageModel model = await TinyModels.LanguageModelAsync(() => Create(variant));
        TokenizedText text = model.Tokenizer.Encode("the movie was");
        int[][] continuations =
        [
            [11],
            [12, 17, 10],
            [12, 17, 9],
            [5],
        ];
        bool[] all = [.. text.Tokens.Select(_ => true)];
        IReadOnlyList<double[][]> actual = await model.EvaluateContinuationsAsync(
            text,
            [all],
            continuations,
            Absence.AttentionMasked,
            cancellation: Cancellation
        );
        for (int c = 0; c < continuations.Length; c++)
        {
            List<int> ids = [.. text.Tokens.Select(t => t.Id)];
            List<double> expected = [];
            foreach (int next in continuations[c])
            {
                // Dynamic scaling looks at the length of what is run: the whole row, less the token only read.
                double[] logits = await LogitsAsync(ids, text.Tokens.Count + continuations[c].Length - 1);
                double max = logits.Max();
                expected.Add(logits[next] - max - Math.Log(logits.Sum(l => Math.Exp(l - max))));
                ids.Add(next);
            }
            GoldenCheckpoint.AssertClose(expected, actual[0][c], 2e-6);
        }

        Task<double[]> LogitsAsync(List<int> ids, int length) =>
            model.Scheduler.RunAsync(
                WorkPriority.Batch,
                token =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    using IDisposable noGradient = no_grad();
                    NetworkInput input = new()
                    {
                        Ids = tensor(ids.Select(i => (long)i).ToArray(), 1, ids.Count),
                        Positions = arange(ids.Count).unsqueeze(0),
                        OriginalLength = length,
                    };
                    return Flat(model.Network.Forward(input, PropagationRules.Plain, token));
                },
                Cancellation
            );
    }

    [Fact]
    public async Task A_prompt_with_choices_is_a_classifier_whose_graph_and_evaluation_agree()
    {
        CausalLanguageModel model = await TinyModels.LanguageModelAsync(() => Create("llama"));
        string[] choices = ["good", "very bad", "not very good"];
        using ChoiceClassifier plain = await ChoiceClassifier.CreateAsync(model, choices, new(), Cancellation);
        ChoiceClassifier mean = await ChoiceClassifier.CreateAsync(
            model,
            choices,
            new() { LengthNormalized = true },
            Cancellation
        );
        ChoiceClassifier calibrated = await ChoiceClassifier.CreateAsync(
            model,
            choices,
            new() { ContentFreePrompt = "the" },
            Cancellation
        );
        const string Prompt = "the movie was";
        double[] sums = await CheckAsync(plain);
        double[] means = await CheckAsync(mean);
        double[] shifted = await CheckAsync(calibrated);
        GoldenCheckpoint.AssertClose([sums[0], sums[1] / 2, sums[2] / 3], means, 1e-6);
        Prediction free = (await plain.PredictAsync(["the"], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose([.. sums.Zip(free.Logits, (s, f) => s - f)], shifted, 1e-6);
        Assert.Equal("sum of token log-probabilities", plain.Info.Scoring);
        Assert.Contains("mean", mean.Info.Scoring, StringComparison.Ordinal);
        Assert.Contains(
            "calibrated on the content-free prompt \"the\"",
            calibrated.Info.Scoring,
            StringComparison.Ordinal
        );
        Assert.Equal(3, new[] { plain, mean, calibrated }.Select(c => c.Info.Hash).Distinct().Count());

        async Task<double[]> CheckAsync(ChoiceClassifier classifier)
        {
            Prediction prediction = (await classifier.PredictAsync([Prompt], cancellation: Cancellation))[0];
            Assert.Equal(choices[prediction.LabelIndex], prediction.Label);
            TokenizedText text = classifier.Tokenize(Prompt);
            double[] graph = await classifier.Scheduler.RunAsync(
                WorkPriority.Batch,
                token =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    NetworkInput input = classifier.Prepare(text);
                    Tensor leaf = classifier.Network.Embed(input.Ids!).detach().clone().requires_grad_(true);
                    Tensor scores = classifier.Network.Forward(
                        input with
                        {
                            Ids = null,
                            Embeddings = leaf,
                        },
                        PropagationRules.Plain,
                        token
                    );
                    scores[0, 0].backward();
                    Assert.True(leaf.grad!.abs().sum().item<float>() > 0);
                    return Flat(scores);
                },
                Cancellation
            );
            GoldenCheckpoint.AssertClose(graph, [.. prediction.Logits], 1e-5);
            return [.. prediction.Logits];
        }
    }

    [Fact]
    public async Task An_empty_coalition_and_an_empty_text_keep_the_token_that_opens_a_text()
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open("gpt2-tied");
        using CausalLanguageModel model = (CausalLanguageModel)
            await ModelLoader.LoadAnyAsync(golden.Folder, cancellation: Cancellation);
        int end = model.Tokenizer.IdOf("<|endoftext|>")!.Value;
        double[] opening = (await model.NextLogitsAsync([new() { Ids = [end] }], cancellation: Cancellation))[0];
        TokenizedText text = model.Tokenize("Once upon");
        double[] nothing = (
            await model.EvaluateNextAsync(
                text,
                [new bool[text.Tokens.Count]],
                null,
                Absence.AttentionMasked,
                cancellation: Cancellation
            )
        )[0];
        Assert.Equal(opening, nothing);
        double[] empty = (
            await model.EvaluateNextAsync(
                model.Tokenize(""),
                [
                    [],
                ],
                null,
                Absence.AttentionMasked,
                cancellation: Cancellation
            )
        )[0];
        Assert.Equal(opening, empty);
        Assert.Empty((await model.ScoreAsync([""], cancellation: Cancellation))[0].Tokens);
        Assert.DoesNotContain(Absence.UnknownToken, model.Absences);
    }

    private static double[] Flat(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).flatten().data<double>().ToArray();
    }
}
