using System.Text.Json;
using TorchSharp;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

/// <summary>Causal language models against the values that the reference implementation computed.</summary>
public class GoldenLanguageModelTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    public static TheoryData<string, Precision> Checkpoints()
    {
        TheoryData<string, Precision> data = [];
        foreach (string name in (string[])["gpt2-tied", "llama-gqa", "stories260K-hf"])
        {
            data.Add(name, Precision.Bits32);
            data.Add(name, Precision.Bits64);
        }
        return data;
    }

    private static async Task<CausalLanguageModel> LoadAsync(GoldenCheckpoint golden, Precision precision) =>
        (CausalLanguageModel)
            await ModelLoader.LoadAnyAsync(golden.Folder, new() { Precision = precision }, Cancellation);

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task Logits_log_probabilities_and_greedy_continuations_match(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden, precision);
        JsonElement[] examples = [.. golden.Expected.GetProperty("examples").EnumerateArray()];
        Assert.NotEmpty(examples);
        foreach (JsonElement example in examples)
        {
            string text = example.GetProperty("text").GetString()!;
            int[] ids = GoldenCheckpoint.Integers(example.GetProperty("input_ids"));
            Assert.Equal(ids, model.Tokenize(text).Tokens.Select(t => t.Id));

            double[] next = (await model.NextLogitsAsync([new() { Ids = ids }], cancellation: Cancellation))[0];
            JsonElement whole = example.TryGetProperty("last_position_logits", out JsonElement all)
                ? all
                : example.GetProperty("last_position_logits_first16");
            double[] logits = GoldenCheckpoint.Numbers(whole);
            GoldenCheckpoint.AssertClose(logits, next[..logits.Length], 3e-4);

            ScoredText scored = (await model.ScoreAsync([text], 5, cancellation: Cancellation))[0];
            double[] expected = GoldenCheckpoint.Numbers(example.GetProperty("token_log_probs"));
            Assert.Null(scored.Tokens[0].LogProbability);
            GoldenCheckpoint.AssertClose(
                expected,
                [.. scored.Tokens.Skip(1).Select(t => t.LogProbability!.Value)],
                precision == Precision.Bits64 ? 2e-5 : 3e-4
            );
            JsonElement[] top = [.. example.GetProperty("last_position_top5").EnumerateArray()];
            Assert.Equal(top.Select(t => t[0].GetInt32()), scored.Next.Select(a => a.Id));

            GeneratedText generated = await model.GenerateAsync(text, 16, cancellation: Cancellation);
            Assert.Equal(GoldenCheckpoint.Integers(example.GetProperty("greedy16")), generated.Ids);
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task Padding_at_either_end_changes_nothing(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden, precision);
        foreach (
            (string batch, string logits) in ((string, string)[])
                [
                    ("left_padded_batch", "last_position_logits_first16"),
                    ("right_padded_batch", "last_real_position_logits_first16"),
                ]
        )
        {
            JsonElement padded = golden.Expected.GetProperty(batch);
            JsonElement[] masks = [.. padded.GetProperty("attention_mask").EnumerateArray()];
            EncodedInput[] rows =
            [
                .. padded
                    .GetProperty("input_ids")
                    .EnumerateArray()
                    .Select(
                        (ids, i) =>
                            new EncodedInput
                            {
                                Ids = GoldenCheckpoint.Integers(ids),
                                AttentionMask = GoldenCheckpoint.Integers(masks[i]),
                            }
                    ),
            ];
            IReadOnlyList<double[]> actual = await model.NextLogitsAsync(rows, cancellation: Cancellation);
            JsonElement[] expected = [.. padded.GetProperty(logits).EnumerateArray()];
            Assert.Equal(rows.Length, expected.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                GoldenCheckpoint.AssertClose(GoldenCheckpoint.Numbers(expected[i]), actual[i][..16], 3e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task The_longest_text_matches(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden, precision);
        JsonElement longest = golden.Expected.GetProperty("max_length");
        int[] ids = GoldenCheckpoint.Integers(longest.GetProperty("input_ids"));
        double[] next = (await model.NextLogitsAsync([new() { Ids = ids }], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose(
            GoldenCheckpoint.Numbers(longest.GetProperty("last_position_logits_first16")),
            next[..16],
            5e-4
        );
        EncodedInput longer = new() { Ids = [.. ids, 5] };
        if (name == "gpt2-tied")
        {
            await Assert.ThrowsAsync<ModelException>(() => model.NextLogitsAsync([longer], cancellation: Cancellation));
        }
        else
        {
            Assert.Single(await model.NextLogitsAsync([longer], cancellation: Cancellation));
        }
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task Hidden_states_attention_and_gradients_match(string name, Precision precision)
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open(name);
        using CausalLanguageModel model = await LoadAsync(golden, precision);
        JsonElement expected = golden.Expected;
        JsonElement example = expected.GetProperty("examples")[
            expected.GetProperty("detail").GetProperty("example").GetInt32()
        ];
        TokenizedText text = model.Tokenize(example.GetProperty("text").GetString()!);
        await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using DisposeScope scope = NewDisposeScope();
                NetworkInput input = model.Prepare(text);
                Dictionary<string, double[]> observed = [];
                using (no_grad())
                {
                    model.Network.Forward(
                        input with
                        {
                            Observe = (at, value) => observed.Add(at, Flat(value)),
                        },
                        PropagationRules.Plain,
                        token
                    );
                }
                JsonElement detail = expected.GetProperty("detail");
                JsonElement[] states = [.. detail.GetProperty("hidden_states_f64").EnumerateArray()];
                for (int i = 0; i < states.Length; i++)
                {
                    string at =
                        i == 0 ? "embeddings"
                        : i == states.Length - 1 ? "norm"
                        : $"layer.{i - 1}";
                    GoldenCheckpoint.AssertClose(GoldenCheckpoint.Flatten(states[i]), observed[at], 3e-4);
                }
                JsonElement[] attentions = [.. detail.GetProperty("attentions_f64").EnumerateArray()];
                for (int i = 0; i < attentions.Length; i++)
                {
                    GoldenCheckpoint.AssertClose(
                        GoldenCheckpoint.Flatten(attentions[i]),
                        observed[$"layer.{i}.attention"],
                        2e-5
                    );
                }
                JsonElement gradient = expected.GetProperty("gradient");
                Tensor leaf = model.Network.Embed(input.Ids!).detach().clone().requires_grad_(true);
                Tensor logits = model.Network.Forward(
                    input with
                    {
                        Ids = null,
                        Embeddings = leaf,
                    },
                    PropagationRules.Plain,
                    token
                );
                logits[0, gradient.GetProperty("target_id").GetInt32()].backward();
                double[] reference = GoldenCheckpoint.Flatten(gradient.GetProperty("gradient_f64"));
                GoldenCheckpoint.AssertClose(reference, Flat(leaf.grad!), 1e-4 * Math.Max(1, reference.Max(Math.Abs)));
                return true;
            },
            Cancellation
        );
    }

    // From the embedding of the token that ends a text; from zero, normalisation makes the path too rough to compare.
    private static void CheckIntegrated(
        CausalLanguageModel model,
        NetworkInput input,
        JsonElement integrated,
        CancellationToken token
    )
    {
        int target = integrated.GetProperty("target_id").GetInt32();
        int end = model.Tokenizer.Special.End!.Value;
        Tensor words = model.Network.Embed(input.Ids!).detach();
        Tensor baseline = model.Network.Embed(full_like(input.Ids!, end)).detach();
        Tensor sum = zeros_like(words);
        for (int k = 0; k < 64; k++)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor leaf = (baseline + (k + 0.5) / 64 * (words - baseline)).requires_grad_(true);
            Tensor logits = model.Network.Forward(
                input with
                {
                    Ids = null,
                    Embeddings = leaf,
                },
                PropagationRules.Plain,
                token
            );
            logits[0, target].backward();
            sum.add_(leaf.grad! / 64);
        }
        double[] expected = GoldenCheckpoint.Numbers(
            integrated.GetProperty("baseline_EOS_embedding").GetProperty("midpoint64_token_sums")
        );
        GoldenCheckpoint.AssertClose(
            expected,
            Flat(((words - baseline) * sum).sum(-1)),
            1e-3 * Math.Max(1, expected.Max(Math.Abs))
        );
    }

    [Fact]
    public async Task The_real_model_writes_its_published_text()
    {
        GoldenCheckpoint golden = GoldenCheckpoint.Open("stories260K-hf");
        using CausalLanguageModel model = await LoadAsync(golden, Precision.Bits32);
        JsonElement original = golden.Expected.GetProperty("original_run_c");
        int[] expected = GoldenCheckpoint.Integers(original.GetProperty("hf_greedy_from_BOS_256_ids"));
        GeneratedText generated = await model.GenerateAsync("", expected.Length, cancellation: Cancellation);
        // The list may begin with the opening token.
        Assert.Equal(expected.SkipWhile(i => i == 1), generated.Ids.Take(expected.SkipWhile(i => i == 1).Count()));
        foreach (JsonElement prompt in original.GetProperty("prompts").EnumerateArray())
        {
            GeneratedText text = await model.GenerateAsync(
                prompt.GetProperty("text").GetString()!,
                64,
                cancellation: Cancellation
            );
            Assert.Equal(GoldenCheckpoint.Integers(prompt.GetProperty("run_c_greedy64")), text.Ids);
            Assert.Equal(prompt.GetProperty("run_c_greedy64_text").GetString(), text.Text);
        }
    }

    private static double[] Flat(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).flatten().data<double>().ToArray();
    }
}
