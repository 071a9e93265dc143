using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Tests.Models;

namespace Whylight.Tests.Explanations;

/// <summary>Same model, input, seed and options, same bytes: whatever the cache holds and whatever ran before.</summary>
public sealed class SameBytesTests
{
    private const string Text = "the movie was not very good but i loved the acting";

    public static TheoryData<string> Families() => [.. TinyFamilies.Names];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task In_whatever_order_methods_ask_of_one_cache(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 21);
        // The same weights under another hash draw on a cache of their own.
        string[] methods = [.. Explainer.Default.Methods];
        Dictionary<string, string>[] runs = new Dictionary<string, string>[3];
        for (int run = 0; run < runs.Length; run++)
        {
            ITextClassifier renamed =
                model is INetworkClassifier
                    ? new Renamed(model, $"{family} {run} {Guid.NewGuid()}")
                    : await TinyFamilies.MakeAsync(family, 21);
            string[] order = [.. methods];
            new SeededRandom((ulong)run).Shuffle(order);
            if (run == 1)
            {
                // Other budgets, values and seeds before, so that the cache holds odd parts of what is needed.
                foreach (string method in order.Where(m => m is "shapley" or "lime" or "occlusion" or "owen"))
                {
                    await TryAsync(
                        renamed,
                        new ExplanationRequest
                        {
                            Text = Text,
                            Method = method,
                            Budget = 77,
                            Seed = 3,
                            ValueKind = ValueKind.Probability,
                        }
                    );
                }
            }
            runs[run] = [];
            foreach (string method in order)
            {
                runs[run][method] = await TryAsync(
                    renamed,
                    new ExplanationRequest
                    {
                        Text = Text,
                        Method = method,
                        Budget = 300,
                    }
                );
            }
        }
        foreach (string method in methods)
        {
            Assert.Equal(runs[0][method], runs[1][method]);
            Assert.Equal(runs[0][method], runs[2][method]);
        }
        Assert.Contains(runs[0].Values, json => json.StartsWith('{'));
    }

    [Fact]
    public async Task While_other_requests_run()
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync("bert", 22);
        ExplanationRequest request = new()
        {
            Text = Text,
            Method = "shapley",
            Budget = 400,
        };
        string alone = await TryAsync(new Renamed(model, $"alone {Guid.NewGuid()}"), request);
        Renamed shared = new(model, $"together {Guid.NewGuid()}");
        Task<string>[] together =
        [
            .. Enumerable
                .Range(0, 6)
                .Select(i =>
                    TryAsync(
                        shared,
                        request with
                        {
                            Method = (i % 3) switch
                            {
                                0 => "shapley",
                                1 => "lime",
                                _ => "owen",
                            },
                            Seed = request.Seed + (ulong)(i / 3),
                        }
                    )
                ),
        ];
        string[] answers = await Task.WhenAll(together);
        Assert.Equal(alone, answers[0]);
    }

    private static async Task<string> TryAsync(ITextClassifier model, ExplanationRequest request)
    {
        try
        {
            Explanation e = await Explainer.Default.ExplainAsync(
                model,
                request,
                cancellation: TestContext.Current.CancellationToken
            );
            return ExplanationJson.Write(e with { ModelHash = "" }, timing: false);
        }
        catch (ExplanationException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>A model under another hash: to caches it is another model.</summary>
    private sealed class Renamed(ITextClassifier model, string hash) : INetworkClassifier
    {
        public ModelInfo Info { get; } = model.Info with { Hash = hash };

        public IReadOnlyList<Absence> Absences => model.Absences;

        public Whylight.Models.Networks.Network Network => ((INetworkClassifier)model).Network;

        public Whylight.Models.Scheduling.InferenceScheduler Scheduler => ((INetworkClassifier)model).Scheduler;

        public int? MaskTokenId => (model as INetworkClassifier)?.MaskTokenId;

        public TokenizedText Tokenize(string text) => model.Tokenize(text);

        public Whylight.Models.Networks.NetworkInput Prepare(TokenizedText text) =>
            ((INetworkClassifier)model).Prepare(text);

        public TorchSharp.torch.Tensor? BaselineIds(TokenizedText text, bool keepSpecial) =>
            ((INetworkClassifier)model).BaselineIds(text, keepSpecial);

        public string? PieceOf(int id) => (model as INetworkClassifier)?.PieceOf(id);

        public Task<IReadOnlyList<Prediction>> PredictAsync(
            IReadOnlyList<string> texts,
            WorkPriority priority = WorkPriority.Batch,
            CancellationToken cancellation = default
        ) => model.PredictAsync(texts, priority, cancellation);

        public Task<IReadOnlyList<double[]>> EvaluateAsync(
            TokenizedText text,
            IReadOnlyList<bool[]> present,
            Absence absence,
            WorkPriority priority = WorkPriority.Batch,
            CancellationToken cancellation = default
        ) => model.EvaluateAsync(text, present, absence, priority, cancellation);

        public void Dispose() { }
    }
}
