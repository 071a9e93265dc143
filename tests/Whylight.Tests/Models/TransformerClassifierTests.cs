using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

public class TransformerClassifierTests
{
    private const string Text = "the movie was not very good , i hated it .";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private static bool[][] Coalitions(TokenizedText text, int count, int seed)
    {
        Random random = new(seed);
        int n = text.Tokens.Count;
        return
        [
            [.. Enumerable.Repeat(true, n)],
            [.. Enumerable.Repeat(false, n)],
            .. Enumerable
                .Range(0, count)
                .Select(_ => Enumerable.Range(0, n).Select(_ => random.Next(2) == 1).ToArray()),
        ];
    }

    // The slow obvious twin: every token is run, absent keys get the lowest score in every layer.
    private static Task<double[][]> FullLengthAsync(INetworkClassifier model, TokenizedText text, bool[][] present) =>
        model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using IDisposable noGradient = no_grad();
                return present
                    .Select(p =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        bool[] mask = [.. p.Select((x, i) => x || text.Tokens[i].Special)];
                        NetworkInput input = model.Prepare(text) with
                        {
                            Mask = tensor(mask, 1, mask.Length),
                            // Watching makes the graph run every query of the last layer too.
                            Observe = (_, _) => { },
                        };
                        Tensor logits = model.Network.Forward(input, PropagationRules.Plain, token);
                        return logits.to(ScalarType.Float64).flatten().data<double>().ToArray();
                    })
                    .ToArray();
            },
            Cancellation
        );

    [Theory]
    [InlineData(EncoderFamily.Bert)]
    [InlineData(EncoderFamily.DistilBert)]
    [InlineData(EncoderFamily.Roberta)]
    [InlineData(EncoderFamily.Electra)]
    public async Task Running_present_tokens_only_equals_masking_at_full_length(EncoderFamily family)
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            using TransformerClassifier model = await TinyModels.ClassifierAsync(family, seed, layers: (int)seed);
            TokenizedText text = model.Tokenize(Text);
            bool[][] present = Coalitions(text, 40, (int)seed);
            double[][] expected = await FullLengthAsync(model, text, present);
            IReadOnlyList<double[]> actual = await model.EvaluateAsync(
                text,
                present,
                Absence.AttentionMasked,
                cancellation: Cancellation
            );
            for (int i = 0; i < present.Length; i++)
            {
                GoldenCheckpoint.AssertClose(expected[i], actual[i], 1e-6);
            }
            // The game is worth playing: what is absent matters by far more than rounding.
            Assert.True(Math.Abs(expected[0][0] - expected[1][0]) > 1e-3);
        }
    }

    [Fact]
    public async Task Replacing_and_deleting_equal_predicting_the_edited_text()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        TokenizedText text = model.Tokenize("the movie was good");
        bool[] present = [.. text.Tokens.Select(t => t.Text != "was")];
        foreach (
            (Absence absence, string edited) in ((Absence, string)[])
                [
                    (Absence.MaskToken, "the movie [MASK] good"),
                    (Absence.UnknownToken, "the movie [UNK] good"),
                    (Absence.Deleted, "the movie good"),
                ]
        )
        {
            double[] actual = (await model.EvaluateAsync(text, [present], absence, cancellation: Cancellation))[0];
            Prediction expected = (await model.PredictAsync([edited], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose([.. expected.Logits], actual, 1e-6);
        }
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            model.EvaluateAsync(text, [present], Absence.NgramsRemoved, cancellation: Cancellation)
        );
        Assert.Contains("means nothing for bert", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coalitions_give_the_same_bytes_in_any_order_and_repeated()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        TokenizedText text = model.Tokenize(Text);
        bool[][] present = Coalitions(text, 60, 7);
        IReadOnlyList<double[]> forward = await model.EvaluateAsync(
            text,
            present,
            Absence.AttentionMasked,
            cancellation: Cancellation
        );
        bool[][] shuffled = [.. present.Reverse(), .. present.Take(5)];
        IReadOnlyList<double[]> backward = await model.EvaluateAsync(
            text,
            shuffled,
            Absence.AttentionMasked,
            cancellation: Cancellation
        );
        Assert.Equal(forward.Reverse().Concat(forward.Take(5)).SelectMany(x => x), backward.SelectMany(x => x));
    }

    [Fact]
    public async Task A_batch_answers_like_each_text_alone_and_twice_the_same_bytes()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Electra);
        Random random = new(3);
        string[] texts =
        [
            .. Enumerable
                .Range(0, 150)
                .Select(_ =>
                    string.Join(
                        ' ',
                        Enumerable
                            .Range(0, random.Next(0, 34))
                            .Select(_ => TinyModels.Words[random.Next(5, TinyModels.Words.Length - 2)])
                    )
                ),
        ];
        IReadOnlyList<Prediction> batch = await model.PredictAsync(texts, cancellation: Cancellation);
        IReadOnlyList<Prediction> again = await model.PredictAsync(texts, cancellation: Cancellation);
        Assert.Equal(batch.SelectMany(p => p.Logits), again.SelectMany(p => p.Logits));
        Assert.Equal(texts, batch.Select(p => p.Text));
        for (int i = 0; i < texts.Length; i += 7)
        {
            Prediction single = (await model.PredictAsync([texts[i]], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose([.. single.Logits], [.. batch[i].Logits], 2e-6);
        }
    }

    [Fact]
    public async Task Eight_tasks_on_one_model_get_what_one_gets()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        TokenizedText text = model.Tokenize(Text);
        bool[][] present = Coalitions(text, 20, 11);
        double[] expected = await AskAsync();
        double[][] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(AskAsync, Cancellation)));
        Assert.All(answers, answer => Assert.Equal(expected, answer));

        async Task<double[]> AskAsync()
        {
            IReadOnlyList<Prediction> predictions = await model.PredictAsync(
                [Text, "a great film", "bad"],
                cancellation: Cancellation
            );
            IReadOnlyList<double[]> values = await model.EvaluateAsync(
                text,
                present,
                Absence.AttentionMasked,
                cancellation: Cancellation
            );
            return [.. predictions.SelectMany(p => p.Logits), .. values.SelectMany(v => v)];
        }
    }

    [Fact]
    public async Task Cancelling_stops_between_layers()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, layers: 3);
        TokenizedText text = model.Tokenize(Text);
        List<string> seen = [];
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            model.Scheduler.RunAsync(
                WorkPriority.Batch,
                token =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    NetworkInput input = model.Prepare(text) with
                    {
                        Observe = (at, _) =>
                        {
                            seen.Add(at);
                            if (at == "layer.0")
                            {
                                source.Cancel();
                            }
                        },
                    };
                    return model.Network.Forward(input, PropagationRules.Plain, token).numel();
                },
                source.Token
            )
        );
        Assert.Equal(["embeddings", "layer.0.attention", "layer.0"], seen);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            model.PredictAsync(["good"], cancellation: source.Token)
        );
    }

    [Fact]
    public async Task Calls_leave_no_tensor_behind()
    {
        using InferenceScheduler scheduler = new();
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, scheduler: scheduler);
        TokenizedText text = model.Tokenize(Text);
        bool[][] present = Coalitions(text, 4, 1);
        await AskAsync();
        long before = await LiveAsync();
        for (int i = 0; i < 200; i++)
        {
            await AskAsync();
        }
        Assert.Equal(before, await LiveAsync());

        async Task AskAsync()
        {
            await model.PredictAsync([Text], cancellation: Cancellation);
            await model.EvaluateAsync(text, present, Absence.AttentionMasked, cancellation: Cancellation);
        }
        Task<long> LiveAsync() =>
            scheduler.RunAsync(
                WorkPriority.Batch,
                _ => DisposeScopeManager.Statistics.ThreadTotalLiveCount,
                Cancellation
            );
    }

    [Fact]
    public async Task A_damaged_weight_is_an_error_and_not_an_answer()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using IDisposable noGradient = no_grad();
                model.Network.Parameters.Single(p => p.Key == "classifier.bias").Value.fill_(float.NaN);
                return true;
            },
            Cancellation
        );
        ModelException exception = await Assert.ThrowsAsync<ModelException>(() =>
            model.PredictAsync(["good"], cancellation: Cancellation)
        );
        Assert.Contains("not a finite number", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EncoderFamily.Bert)]
    [InlineData(EncoderFamily.DistilBert)]
    [InlineData(EncoderFamily.Roberta)]
    [InlineData(EncoderFamily.Electra)]
    public async Task What_is_written_loads_with_the_same_answers(EncoderFamily family)
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(family);
        using TemporaryFolder folder = new();
        await folder.WriteAsync(model, temperature: 1.5);
        using ITextClassifier loaded = await ModelLoader.LoadAsync(folder.Path, cancellation: Cancellation);
        Prediction expected = (await model.PredictAsync([Text], cancellation: Cancellation))[0];
        Prediction actual = (await loaded.PredictAsync([Text], cancellation: Cancellation))[0];
        Assert.Equal(expected.Logits, actual.Logits);
        Assert.Equal(1.5, loaded.Info.Temperature);
        Assert.Equal(Prediction.Softmax(expected.Logits, 1.5), actual.Probabilities);
        Assert.Equal(64, loaded.Info.Hash.Length);
        Assert.Equal(model.Info.Labels, loaded.Info.Labels);
    }

    [Fact]
    public async Task The_hash_changes_with_weights_configuration_and_vocabulary()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert);
        using TransformerClassifier other = await TinyModels.ClassifierAsync(EncoderFamily.Bert, seed: 2);
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        await folder.WriteAsync(model, temperature: 1);
        hashes.Add(await HashAsync());
        Assert.Contains(await HashAsync(), hashes);
        await folder.WriteAsync(model, temperature: 2);
        hashes.Add(await HashAsync());
        await folder.WriteAsync(other, temperature: 2);
        hashes.Add(await HashAsync());
        await File.AppendAllTextAsync(Path.Combine(folder.Path, "vocab.txt"), "\n", Cancellation);
        hashes.Add(await HashAsync());
        Assert.Equal(4, hashes.Count);

        async Task<string> HashAsync()
        {
            using ITextClassifier loaded = await ModelLoader.LoadAsync(folder.Path, cancellation: Cancellation);
            return loaded.Info.Hash;
        }
    }
}
