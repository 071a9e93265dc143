using System.Text.Json;
using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

/// <summary>Classifiers against the values that the reference implementation computed.</summary>
public class GoldenClassifierTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string, Precision> Checkpoints()
    {
        TheoryData<string, Precision> data = [];
        foreach (
            string name in (string[])
                ["bert-2lbl", "bert-2lbl-fp16", "bert-2lbl-gammabeta", "bert-2lbl-sharded", "distilbert-2lbl"]
        )
        {
            data.Add(name, Precision.Bits32);
            data.Add(name, Precision.Bits64);
        }
        return data;
    }

    private static async Task<TransformerClassifier> LoadAsync(GoldenCheckpoint golden, Precision precision) =>
        (TransformerClassifier)
            await ModelLoader.LoadAsync(golden.Folder, new() { Precision = precision }, Cancellation);

    private static EncodedInput Input(JsonElement example) =>
        new()
        {
            Ids = GoldenCheckpoint.Integers(example.GetProperty("input_ids")),
            AttentionMask = GoldenCheckpoint.Integers(example.GetProperty("attention_mask")),
            TypeIds = example.TryGetProperty("token_type_ids", out JsonElement types)
                ? GoldenCheckpoint.Integers(types)
                : null,
        };

    private static IEnumerable<EncodedInput> Rows(JsonElement batch)
    {
        JsonElement[] ids = [.. batch.GetProperty("input_ids").EnumerateArray()];
        JsonElement[] masks = [.. batch.GetProperty("attention_mask").EnumerateArray()];
        JsonElement[]? types = batch.TryGetProperty("token_type_ids", out JsonElement t)
            ? [.. t.EnumerateArray()]
            : null;
        return ids.Select(
            (x, i) =>
                new EncodedInput
                {
                    Ids = GoldenCheckpoint.Integers(x),
                    AttentionMask = GoldenCheckpoint.Integers(masks[i]),
                    TypeIds = types is null ? null : GoldenCheckpoint.Integers(types[i]),
                }
        );
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task Logits_match_from_text_from_ids_and_in_a_padded_batch(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using TransformerClassifier model = await LoadAsync(golden, precision);
        double tolerance = precision == Precision.Bits64 ? 1e-7 : 5e-5;
        JsonElement[] examples = [.. golden.Expected.GetProperty("examples").EnumerateArray()];
        Assert.NotEmpty(examples);
        foreach (JsonElement example in examples)
        {
            double[] expected = GoldenCheckpoint.Numbers(example.GetProperty("logits_f64"));
            Prediction fromIds = (await model.PredictEncodedAsync([Input(example)], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose(expected, [.. fromIds.Logits], tolerance);
            Assert.Equal(example.GetProperty("predicted_id").GetInt32(), fromIds.LabelIndex);
            if (example.GetProperty("text_pair").ValueKind == JsonValueKind.Null)
            {
                string text = example.GetProperty("text").GetString()!;
                Assert.Equal(
                    GoldenCheckpoint.Integers(example.GetProperty("input_ids")),
                    model.Tokenize(text).Tokens.Select(t => t.Id)
                );
                Prediction fromText = (await model.PredictAsync([text], cancellation: Cancellation))[0];
                GoldenCheckpoint.AssertClose(expected, [.. fromText.Logits], tolerance);
            }
        }
        if (golden.Details.TryGetProperty("padded_batch", out JsonElement padded))
        {
            double[][] single = [.. examples.Select(e => GoldenCheckpoint.Numbers(e.GetProperty("logits_f64")))];
            IReadOnlyList<Prediction> batch = await model.PredictEncodedAsync(
                [.. Rows(golden.Details.GetProperty("padded_batch"))],
                cancellation: Cancellation
            );
            Assert.Equal(single.Length, batch.Count);
            for (int i = 0; i < single.Length; i++)
            {
                GoldenCheckpoint.AssertClose(single[i], [.. batch[i].Logits], tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task The_longest_text_matches_and_one_more_token_is_refused(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using TransformerClassifier model = await LoadAsync(golden, precision);
        JsonElement longest = golden.Details.GetProperty("max_length");
        if (name == "bert-2lbl-fp16")
        {
            longest = golden.Expected.GetProperty("max_length");
        }
        EncodedInput input = Input(longest);
        Prediction prediction = (await model.PredictEncodedAsync([input], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose(
            GoldenCheckpoint.Numbers(longest.GetProperty("logits_f64")),
            [.. prediction.Logits],
            precision == Precision.Bits64 ? 1e-7 : 5e-5
        );
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            model.PredictEncodedAsync([new() { Ids = [.. input.Ids, 5] }], cancellation: Cancellation)
        );
        Assert.Contains("more than the 64 tokens", refusal.Message, StringComparison.Ordinal);
        Prediction cut = (
            await model.PredictAsync([string.Concat(Enumerable.Repeat("great ", 80))], cancellation: Cancellation)
        )[0];
        Assert.True(cut.Truncated);
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task Hidden_states_attention_gradients_and_integrated_gradients_match(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        Assert.SkipUnless(golden.Expected.TryGetProperty("detail", out _), $"{name} has no details of its own");
        using TransformerClassifier model = await LoadAsync(golden, precision);
        JsonElement details = golden.Expected;
        JsonElement example = details.GetProperty("examples")[
            details.GetProperty("detail").GetProperty("example").GetInt32()
        ];
        TokenizedText text = model.Tokenize(example.GetProperty("text").GetString()!);
        int target = details.GetProperty("gradient").GetProperty("target_id").GetInt32();
        bool exact = precision == Precision.Bits64;
        await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using DisposeScope scope = NewDisposeScope();
                NetworkInput input = model.Prepare(text);
                CheckHidden(model, input, details.GetProperty("detail"), exact ? 1e-7 : 1e-4, token);
                Tensor words = model.Network.Embed(input.Ids!);
                double[] gradient = Flat(Gradient(model.Network, input, words, target, token));
                double[] expected = GoldenCheckpoint.Flatten(
                    details.GetProperty("gradient").GetProperty("gradient_f64")
                );
                double largest = Math.Max(1, expected.Max(Math.Abs));
                GoldenCheckpoint.AssertClose(expected, gradient, (exact ? 1e-7 : 1e-4) * largest);
                CheckIntegrated(model, text, input, words, details.GetProperty("integrated_gradients"), exact, token);
                return true;
            },
            Cancellation
        );
    }

    private static void CheckHidden(
        TransformerClassifier model,
        NetworkInput input,
        JsonElement detail,
        double tolerance,
        CancellationToken token
    )
    {
        Dictionary<string, double[]> observed = [];
        using IDisposable noGradient = no_grad();
        using Tensor logits = model.Network.Forward(
            input with
            {
                Observe = (at, value) => observed.Add(at, Flat(value)),
            },
            PropagationRules.Plain,
            token
        );
        JsonElement[] states = [.. detail.GetProperty("hidden_states_f64").EnumerateArray()];
        for (int i = 0; i < states.Length; i++)
        {
            string at = i == 0 ? "embeddings" : $"layer.{i - 1}";
            GoldenCheckpoint.AssertClose(GoldenCheckpoint.Flatten(states[i]), observed[at], tolerance);
        }
        JsonElement[] attentions = [.. detail.GetProperty("attentions_f64").EnumerateArray()];
        for (int i = 0; i < attentions.Length; i++)
        {
            GoldenCheckpoint.AssertClose(
                GoldenCheckpoint.Flatten(attentions[i]),
                observed[$"layer.{i}.attention"],
                Math.Min(tolerance, 2e-5)
            );
        }
    }

    private static void CheckIntegrated(
        TransformerClassifier model,
        TokenizedText text,
        NetworkInput input,
        Tensor words,
        JsonElement integrated,
        bool exact,
        CancellationToken token
    )
    {
        int target = integrated.GetProperty("target_id").GetInt32();
        int checkedBaselines = 0;
        foreach (JsonProperty property in integrated.EnumerateObject())
        {
            if (!property.Name.StartsWith("baseline", StringComparison.Ordinal))
            {
                continue;
            }
            bool keep = property.Name.EndsWith("unchanged", StringComparison.Ordinal);
            Tensor baseline = model.Network.Embed(model.BaselineIds(text, keep)!);
            Tensor difference = words - baseline;
            Tensor sum = zeros_like(words);
            for (int k = 0; k < 64; k++)
            {
                using DisposeScope step = NewDisposeScope();
                Tensor at = baseline + (k + 0.5) / 64 * difference;
                sum.add_(Gradient(model.Network, input, at, target, token) / 64);
            }
            double[] sums = Flat((difference * sum).sum(-1));
            double[] expected = GoldenCheckpoint.Numbers(property.Value.GetProperty("midpoint64_token_sums"));
            double tolerance = (exact ? 1e-6 : 1e-3) * Math.Max(1, expected.Max(Math.Abs));
            GoldenCheckpoint.AssertClose(expected, sums, tolerance);
            checkedBaselines++;
        }
        Assert.Equal(2, checkedBaselines);
    }

    private static Tensor Gradient(
        Network network,
        NetworkInput input,
        Tensor words,
        int target,
        CancellationToken token
    )
    {
        Tensor leaf = words.detach().clone().requires_grad_(true);
        Tensor logits = network.Forward(input with { Ids = null, Embeddings = leaf }, PropagationRules.Plain, token);
        logits[0, target].backward();
        return leaf.grad!;
    }

    private static double[] Flat(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).flatten().data<double>().ToArray();
    }

    [Theory]
    [InlineData(Precision.Bits32)]
    [InlineData(Precision.Bits64)]
    public async Task A_masked_language_model_matches_at_every_mask(Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open("bert-mlm");
        using TransformerClassifier model = await LoadAsync(golden, precision);
        double tolerance = precision == Precision.Bits64 ? 1e-7 : 5e-5;
        JsonElement[] examples = [.. golden.Expected.GetProperty("examples").EnumerateArray()];
        Assert.NotEmpty(examples);
        foreach (JsonElement example in examples)
        {
            string text = example.GetProperty("text").GetString()!;
            IReadOnlyList<Prediction> masks = await model.PredictMasksAsync(text, cancellation: Cancellation);
            JsonElement[] expected = [.. example.GetProperty("mask_logits_f64").EnumerateArray()];
            JsonElement[] top = [.. example.GetProperty("mask_top5").EnumerateArray()];
            Assert.Equal(expected.Length, masks.Count);
            for (int i = 0; i < expected.Length; i++)
            {
                GoldenCheckpoint.AssertClose(GoldenCheckpoint.Numbers(expected[i]), [.. masks[i].Logits], tolerance);
                Assert.Equal(top[i][0][1].GetString(), masks[i].Label);
            }
            Prediction first = (await model.PredictAsync([text], cancellation: Cancellation))[0];
            Assert.Equal(masks[0].Label, first.Label);
            GoldenCheckpoint.AssertClose([.. masks[0].Logits], [.. first.Logits], tolerance);

            TokenizedText tokens = model.Tokenize(text);
            double[] alone = (
                await model.EvaluateAsync(
                    tokens,
                    [new bool[tokens.Tokens.Count]],
                    Absence.AttentionMasked,
                    cancellation: Cancellation
                )
            )[0];
            Assert.Equal(model.Network.VocabularySize, alone.Length);
        }
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            model.PredictAsync(["no mask here"], cancellation: Cancellation)
        );
        Assert.Contains("[MASK]", refusal.Message, StringComparison.Ordinal);
    }
}
