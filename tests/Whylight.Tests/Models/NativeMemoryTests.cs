using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

/// <summary>
/// Predictions, gradients and coalitions of every family leave no tensor behind, a thousand calls and more each.
/// WHYLIGHT_SOAK sets the rounds; resident memory is printed.
/// </summary>
public class NativeMemoryTests(ITestOutputHelper output)
{
    private const string Text = "the movie was not very good , i hated it .";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("WHYLIGHT_SOAK"), CultureInfo.InvariantCulture, out int rounds)
            ? rounds
            : 250;

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("roberta")]
    [InlineData("electra")]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("choice")]
    [InlineData("gpt2-classifier")]
    [InlineData("cnn")]
    [InlineData("lstm")]
    [InlineData("encoder")]
    public async Task Calls_leave_no_tensor_behind(string family)
    {
        using InferenceScheduler scheduler = new();
        using IModel model = await CreateAsync(family, scheduler);
        Func<Task>[] calls = [.. CallsOf(model)];
        Assert.NotEmpty(calls);
        // What is made once (caches, OpenMP's threads) is made in the first round.
        await RoundAsync();
        long before = await LiveAsync();
        long resident = Environment.WorkingSet;
        for (int i = 0; i < Rounds; i++)
        {
            await RoundAsync();
        }
        Assert.Equal(before, await LiveAsync());
        output.WriteLine(
            $"{family}: {Rounds * calls.Length} calls, {before} live tensors, resident memory {(Environment.WorkingSet - resident) / 1e6:+0.0;-0.0} MB"
        );

        async Task RoundAsync()
        {
            foreach (Func<Task> call in calls)
            {
                await call();
            }
        }
        Task<long> LiveAsync() =>
            scheduler.RunAsync(
                WorkPriority.Batch,
                _ => DisposeScopeManager.Statistics.ThreadTotalLiveCount,
                Cancellation
            );
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public async Task Eight_tasks_on_one_language_model_get_what_one_gets(string family)
    {
        using InferenceScheduler scheduler = new();
        using CausalLanguageModel model = (CausalLanguageModel)await CreateAsync(family, scheduler);
        string expected = await AskAsync();
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(AskAsync, Cancellation)));
        Assert.All(answers, answer => Assert.Equal(expected, answer));

        async Task<string> AskAsync()
        {
            TokenizedText text = model.Tokenize(Text);
            IReadOnlyList<ScoredText> scored = await model.ScoreAsync([Text, "bad"], 3, cancellation: Cancellation);
            IReadOnlyList<double[]> next = await model.EvaluateNextAsync(
                text,
                Coalitions(text, 20),
                null,
                Absence.AttentionMasked,
                cancellation: Cancellation
            );
            GeneratedText generated = await model.GenerateAsync("the movie", 5, cancellation: Cancellation);
            IEnumerable<double> numbers = scored
                .SelectMany(s => s.Tokens)
                .Select(t => t.LogProbability ?? 0)
                .Concat(next.SelectMany(n => n));
            return string.Join(' ', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)))
                + string.Join(',', generated.Ids);
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public async Task Cancelling_a_decoder_stops_between_layers(string family)
    {
        using InferenceScheduler scheduler = new();
        using CausalLanguageModel model = (CausalLanguageModel)await CreateAsync(family, scheduler);
        List<string> seen = [];
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            scheduler.RunAsync(
                WorkPriority.Batch,
                token =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    NetworkInput input = model.Prepare(model.Tokenize(Text)) with
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
    }

    private static async Task<IModel> CreateAsync(string family, InferenceScheduler scheduler)
    {
        switch (family)
        {
            case "gpt2":
                return await TinyModels.LanguageModelAsync(() => Gpt2Network.Create(TinyModels.Gpt2(), 5), scheduler);
            case "llama":
                return await TinyModels.LanguageModelAsync(() => LlamaNetwork.Create(TinyModels.Llama(), 5), scheduler);
            case "choice":
                return await ChoiceClassifier.CreateAsync(
                    (CausalLanguageModel)await CreateAsync("llama", scheduler),
                    ["good", "very bad", "not"],
                    new(),
                    Cancellation
                );
            case "cnn":
                return await ModelLoader.LoadAsync(
                    "builtin:sentiment-cnn",
                    new() { Scheduler = scheduler },
                    Cancellation
                );
            case "lstm":
                return await ModelLoader.LoadAsync(
                    "builtin:sentiment-lstm",
                    new() { Scheduler = scheduler },
                    Cancellation
                );
            case "encoder":
            case "gpt2-classifier":
                using (TemporaryFolder folder = new())
                {
                    bool encoder = family == "encoder";
                    string json = encoder
                        ? "{\"model_type\":\"bert\",\"architectures\":[\"BertModel\"],\"vocab_size\":30,\"hidden_size\":16,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"intermediate_size\":24,\"max_position_embeddings\":40}"
                        : "{\"model_type\":\"gpt2\",\"architectures\":[\"GPT2ForSequenceClassification\"],\"vocab_size\":30,\"n_embd\":16,\"n_layer\":2,\"n_head\":4,\"n_positions\":40,\"num_labels\":3}";
                    SlowTransformer twin = new((JsonObject)JsonNode.Parse(json)!, 5);
                    _ = encoder ? twin.Encoder([2, 3]) : twin.Decoder([2, 3]);
                    twin.Write(folder.Path, TinyModels.Words);
                    return await ModelLoader.LoadAnyAsync(folder.Path, new() { Scheduler = scheduler }, Cancellation);
                }
            default:
                return await TinyModels.ClassifierAsync(
                    Enum.Parse<EncoderFamily>(family, ignoreCase: true),
                    scheduler: scheduler
                );
        }
    }

    private static bool[][] Coalitions(TokenizedText text, int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => text.Tokens.Select(_ => random.Next(2) == 1).ToArray())];
    }

    private static IEnumerable<Func<Task>> CallsOf(IModel model)
    {
        if (model is TextEncoder encoder)
        {
            yield return () => encoder.EncodeAsync([encoder.Encode(Text)], cancellation: Cancellation);
        }
        if (model is INetworkClassifier classifier)
        {
            TokenizedText text = classifier.Tokenize(Text);
            yield return () => classifier.PredictAsync([Text, "a great film"], cancellation: Cancellation);
            yield return () =>
                classifier.EvaluateAsync(text, Coalitions(text, 4), classifier.Absences[0], cancellation: Cancellation);
            yield return () => GradientAsync(classifier.Scheduler, classifier.Network, () => classifier.Prepare(text));
        }
        if (model is CausalLanguageModel language)
        {
            TokenizedText text = language.Tokenize(Text);
            yield return () => language.ScoreAsync([Text], 3, cancellation: Cancellation);
            yield return () =>
                language.EvaluateNextAsync(
                    text,
                    Coalitions(text, 4),
                    [5, 6],
                    Absence.AttentionMasked,
                    cancellation: Cancellation
                );
            yield return () =>
                language.EvaluateContinuationsAsync(
                    text,
                    Coalitions(text, 2),
                    [
                        [5, 6],
                        [7],
                    ],
                    Absence.AttentionMasked,
                    cancellation: Cancellation
                );
            yield return () => language.GenerateAsync("the movie", 2, cancellation: Cancellation);
            yield return () => GradientAsync(language.Scheduler, language.Network, () => language.Prepare(text));
        }
    }

    private static Task GradientAsync(InferenceScheduler scheduler, Network network, Func<NetworkInput> prepare) =>
        scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using DisposeScope scope = NewDisposeScope();
                NetworkInput input = prepare();
                Tensor leaf = network.Embed(input.Ids!).detach().clone().requires_grad_(true);
                network
                    .Forward(input with { Ids = null, Embeddings = leaf }, PropagationRules.Plain, token)[0, 1]
                    .backward();
                double sum = leaf.grad!.abs().sum().item<float>();
                Assert.True(sum > 0);
                return sum;
            },
            Cancellation
        );
}
