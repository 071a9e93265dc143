using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Tests.Models;

/// <summary>
/// Every configuration key that changes numbers, on folders made up for it: what loads answers as the slow twin does, in 64-bit
/// arithmetic to nine digits, alone, in batches, padded and with segments.
/// </summary>
public class ConfigurationVariantTests
{
    private const double Tolerance = 2e-9;
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private static readonly int[] s_ids = [2, 7, 9, 15, 16, 12, 24, 21, 3];
    private static readonly int[] s_other = [2, 19, 13, 5, 3];

    private const string Sizes =
        "\"vocab_size\":30,\"hidden_size\":16,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"intermediate_size\":24,\"max_position_embeddings\":40";

    private static string Bert(string more = "", string type = "bert", string name = "Bert") =>
        $"{{\"model_type\":\"{type}\",\"architectures\":[\"{name}ForSequenceClassification\"],{Sizes}{Comma(more)}}}";

    private static string Distil(string more = "") =>
        $"{{\"model_type\":\"distilbert\",\"architectures\":[\"DistilBertForSequenceClassification\"],\"vocab_size\":30,\"dim\":16,\"n_layers\":2,\"n_heads\":4,\"hidden_dim\":24,\"max_position_embeddings\":40{Comma(more)}}}";

    private static string Gpt2(string more = "", string head = "LMHeadModel") =>
        $"{{\"model_type\":\"gpt2\",\"architectures\":[\"GPT2{head}\"],\"vocab_size\":30,\"n_embd\":16,\"n_layer\":2,\"n_head\":4,\"n_positions\":40{Comma(more)}}}";

    private static string Llama(
        string more = "",
        string type = "llama",
        string name = "Llama",
        string head = "ForCausalLM"
    ) => $"{{\"model_type\":\"{type}\",\"architectures\":[\"{name}{head}\"],{Sizes}{Comma(more)}}}";

    private static string Comma(string more) => more.Length == 0 ? "" : "," + more;

    public static TheoryData<string> Encoders()
    {
        TheoryData<string> data =
        [
            Bert(),
            Bert("\"layer_norm_eps\":0.03"),
            Bert("\"type_vocab_size\":5,\"num_attention_heads\":2"),
            Bert("\"num_labels\":5"),
            Bert("\"id2label\":{\"1\":\"b\",\"0\":\"a\",\"2\":\"c\"},\"label2id\":{\"a\":0,\"b\":1,\"c\":2}"),
            Bert(
                "\"classifier_dropout\":0.9,\"hidden_dropout_prob\":0.5,\"torch_dtype\":\"bfloat16\",\"use_cache\":false"
            ),
            Bert("\"position_embedding_type\":\"absolute\",\"pad_token_id\":4,\"is_decoder\":false"),
            Bert("", "roberta", "Roberta"),
            Bert("\"pad_token_id\":0", "roberta", "Roberta"),
            Bert("\"pad_token_id\":3,\"type_vocab_size\":1,\"layer_norm_eps\":1e-3", "roberta", "Roberta"),
            Bert("\"hidden_act\":\"gelu_new\"", "xlm-roberta", "XLMRoberta"),
            Bert("\"layer_norm_eps\":1e-5", "camembert", "Camembert"),
            Bert("\"embedding_size\":12", "electra", "Electra"),
            Bert("\"embedding_size\":16,\"hidden_act\":\"relu\",\"summary_activation\":\"tanh\"", "electra", "Electra"),
            Bert("\"embedding_size\":12,\"layer_norm_eps\":0.02,\"num_labels\":4", "electra", "Electra"),
            Distil(),
            Distil("\"activation\":\"relu\",\"sinusoidal_pos_embds\":true,\"num_labels\":3"),
            // The reference fixes DistilBERT's epsilon, whatever the file says.
            Distil("\"layer_norm_eps\":0.5,\"n_heads\":2"),
        ];
        foreach (string name in Activations)
        {
            data.Add(Bert($"\"hidden_act\":\"{name}\""));
        }
        return data;
    }

    private static readonly string[] Activations =
    [
        "gelu",
        "gelu_10",
        "gelu_accurate",
        "gelu_fast",
        "gelu_new",
        "gelu_python",
        "gelu_python_tanh",
        "gelu_pytorch_tanh",
        "laplace",
        "leaky_relu",
        "linear",
        "mish",
        "quick_gelu",
        "relu",
        "relu2",
        "relu6",
        "sigmoid",
        "silu",
        "swish",
        "tanh",
    ];

    public static TheoryData<string> Decoders() =>
        [
            Gpt2(),
            Gpt2("\"n_inner\":20,\"activation_function\":\"gelu\",\"layer_norm_epsilon\":0.01"),
            Gpt2("\"n_inner\":null,\"activation_function\":\"relu\""),
            Gpt2("\"activation_function\":\"silu\",\"scale_attn_by_inverse_layer_idx\":true"),
            Gpt2("\"activation_function\":\"tanh\",\"scale_attn_weights\":false"),
            Gpt2(
                "\"reorder_and_upcast_attn\":true,\"scale_attn_by_inverse_layer_idx\":true,\"scale_attn_weights\":false"
            ),
            Gpt2("\"tie_word_embeddings\":false,\"attn_pdrop\":0.9"),
            Gpt2("\"tie_word_embeddings\":true", "Model"),
            Llama(),
            Llama("\"num_key_value_heads\":1"),
            Llama("\"num_key_value_heads\":2,\"tie_word_embeddings\":true"),
            Llama("\"num_key_value_heads\":null,\"head_dim\":null,\"rope_scaling\":null"),
            Llama("\"head_dim\":6,\"num_key_value_heads\":2"),
            Llama("\"attention_bias\":true"),
            Llama("\"mlp_bias\":true,\"hidden_act\":\"gelu_pytorch_tanh\""),
            Llama("\"rms_norm_eps\":0.05,\"rope_theta\":50.0,\"pretraining_tp\":4"),
            Llama("\"rope_scaling\":{\"type\":\"linear\",\"factor\":2.0}"),
            Llama("\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":3}"),
            Llama("\"rope_parameters\":{\"rope_type\":\"linear\",\"factor\":3.5,\"rope_theta\":77.0}"),
            Llama(
                "\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":500000.0,\"partial_rotary_factor\":1.0}"
            ),
            Llama("\"rope_theta\":77.0,\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":77.0}"),
            // An empty old key hides nothing.
            Llama(
                "\"rope_scaling\":{},\"rope_parameters\":{\"rope_type\":\"linear\",\"factor\":3.5,\"rope_theta\":77.0}"
            ),
            Llama("\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2.0}"),
            Llama("\"max_position_embeddings\":6,\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2.0}"),
            Llama(
                "\"rope_theta\":100,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":10}"
            ),
            Llama(
                "\"rope_theta\":30,\"rope_scaling\":{\"rope_type\":\"yarn\",\"original_max_position_embeddings\":16,\"beta_fast\":2,\"beta_slow\":0.5,\"truncate\":false}"
            ),
            Llama(
                "\"rope_theta\":30,\"head_dim\":8,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2.5,\"attention_factor\":0.8,\"beta_fast\":4,\"beta_slow\":1,\"original_max_position_embeddings\":16}"
            ),
            Llama(
                "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"mscale\":0.7,\"mscale_all_dim\":0.4,\"original_max_position_embeddings\":10}"
            ),
            Llama(
                "\"rope_scaling\":{\"rope_type\":\"longrope\",\"factor\":4.0,\"short_factor\":[1.5,2.5],\"long_factor\":[3.0,7.0],\"original_max_position_embeddings\":10}"
            ),
            Llama(
                "\"rope_scaling\":{\"rope_type\":\"longrope\",\"short_factor\":[1.5,2.5],\"long_factor\":[3.0,7.0],\"original_max_position_embeddings\":8}"
            ),
            Llama(
                "\"rope_scaling\":{\"type\":\"longrope\",\"attention_factor\":1.2,\"short_factor\":[1,1],\"long_factor\":[3.0,7.0],\"original_max_position_embeddings\":4}"
            ),
            Llama(
                "\"rope_theta\":8,\"head_dim\":12,\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":24}"
            ),
            Llama("\"num_attention_heads\":8,\"sliding_window\":null", "mistral", "Mistral"),
            Llama("\"num_key_value_heads\":2,\"sliding_window\":16,\"attention_bias\":true", "mistral", "Mistral"),
            Llama(
                "\"num_key_value_heads\":2,\"use_sliding_window\":false,\"sliding_window\":4,\"max_window_layers\":1",
                "qwen2",
                "Qwen2"
            ),
            Llama("\"num_key_value_heads\":4,\"tie_word_embeddings\":true,\"rope_theta\":1000000.0", "qwen2", "Qwen2"),
        ];

    public static TheoryData<string> DecoderClassifiers() =>
        [
            Gpt2("\"num_labels\":3,\"pad_token_id\":0", "ForSequenceClassification"),
            Llama("\"id2label\":{\"0\":\"no\",\"1\":\"yes\"},\"pad_token_id\":0", head: "ForSequenceClassification"),
            Llama(
                "\"num_labels\":4,\"num_key_value_heads\":2,\"pad_token_id\":0",
                "qwen2",
                "Qwen2",
                "ForSequenceClassification"
            ),
            Llama("\"num_key_value_heads\":2,\"pad_token_id\":0", "mistral", "Mistral", "ForSequenceClassification"),
        ];

    private static SlowTransformer Twin(string json, bool bare = false)
    {
        JsonObject config = [];
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            // What a case adds stands after the sizes and goes before them.
            config[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        }
        return new(config, json.Length * 7919 + json.Count(char.IsAsciiDigit), bare);
    }

    private static async Task<IModel> LoadAsync(SlowTransformer twin, TemporaryFolder folder)
    {
        twin.Write(folder.Path, TinyModels.Words);
        return await ModelLoader.LoadAnyAsync(folder.Path, new() { Precision = Precision.Bits64 }, Cancellation);
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public async Task An_encoder_answers_as_its_configuration_says(string json)
    {
        SlowTransformer twin = Twin(json);
        JsonObject config = twin.Config;
        bool segments = config["model_type"]!.GetValue<string>() is "bert" or "electra";
        int pad =
            config["pad_token_id"] is JsonValue v ? v.GetValue<int>()
            : config["model_type"]!.GetValue<string>() is "bert" or "electra" or "distilbert" ? 0
            : 1;
        (int[] Ids, int[]? Mask, int[]? Types)[] rows =
        [
            (s_ids, null, null),
            ([.. s_ids, pad, pad], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0], null),
            (s_other, [1, 1, 1, 1, 1], segments ? [0, 0, 1, 1, 1] : null),
            // A hidden token that is no padding, and padding that is not hidden.
            ([2, 7, 9, pad, 12, 3], [1, 1, 0, 1, 1, 1], null),
        ];
        double[][] expected = [.. rows.Select(r => twin.Encoder(r.Ids, r.Mask, r.Types))];
        using TemporaryFolder folder = new();
        using ITextClassifier model = (ITextClassifier)await LoadAsync(twin, folder);
        EncodedInput[] inputs = [.. rows.Select(r => Input(r.Ids, r.Mask, r.Types))];
        IReadOnlyList<Prediction> batch = await model.PredictEncodedAsync(inputs, cancellation: Cancellation);
        for (int i = 0; i < rows.Length; i++)
        {
            GoldenCheckpoint.AssertClose(expected[i], [.. batch[i].Logits], Tolerance);
            Prediction alone = (await model.PredictEncodedAsync([inputs[i]], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose(expected[i], [.. alone.Logits], Tolerance);
        }
        // Padding on the right changes nothing, whatever is told apart elsewhere.
        GoldenCheckpoint.AssertClose(expected[0], expected[1], Tolerance);
        Assert.True(Distance(expected[0], expected[3]) > 1e-6);
        Assert.Equal(expected[0].Length, model.Info.Labels.Count);
    }

    [Theory]
    [InlineData("bert", "Bert", true)]
    [InlineData("bert", "Bert", false)]
    [InlineData("roberta", "Roberta", true)]
    [InlineData("roberta", "Roberta", false)]
    [InlineData("camembert", "Camembert", true)]
    [InlineData("electra", "Electra", true)]
    [InlineData("electra", "Electra", false)]
    [InlineData("distilbert", "DistilBert", true)]
    [InlineData("distilbert", "DistilBert", false)]
    public async Task A_masked_language_model_answers_at_its_first_mask(string type, string name, bool tied)
    {
        string json = type == "distilbert" ? Distil() : Bert("\"embedding_size\":12", type, name);
        JsonObject config = (JsonObject)JsonNode.Parse(json)!;
        config["architectures"] = new JsonArray(name + "ForMaskedLM");
        config["tie_word_embeddings"] = tied;
        config["hidden_act"] = "gelu_new";
        config["activation"] = "relu";
        SlowTransformer twin = new(config, 11);
        int[] ids = [2, 7, 4, 12, 4, 3];
        double[] expected = twin.Encoder(ids, readOut: 2);
        using TemporaryFolder folder = new();
        using ITextClassifier model = (ITextClassifier)await LoadAsync(twin, folder);
        Prediction actual = (await model.PredictEncodedAsync([Input(ids)], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose(expected, [.. actual.Logits], Tolerance);
        Assert.Equal(TinyModels.Words, model.Info.Labels);

        // The same folder as other tools write it: the shared table under the head's name alone, or under both.
        if (tied && type == "bert")
        {
            twin.Write(
                folder.Path,
                TinyModels.Words,
                weights =>
                {
                    weights.Remove("bert.embeddings.word_embeddings.weight", out (int[], double[]) words);
                    weights.Add("cls.predictions.decoder.weight", words);
                    weights.Remove("cls.predictions.bias", out (int[], double[]) bias);
                    weights.Add("cls.predictions.decoder.bias", bias);
                }
            );
            using ITextClassifier other = await ModelLoader.LoadAsync(
                folder.Path,
                new() { Precision = Precision.Bits64 },
                Cancellation
            );
            Prediction same = (await other.PredictEncodedAsync([Input(ids)], cancellation: Cancellation))[0];
            Assert.Equal(actual.Logits, same.Logits);
            Assert.Empty(other.Info.Notices);
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_bare_encoder_gives_its_states_and_its_pooler(bool bare, bool pooler)
    {
        string json = Bert().Replace("BertForSequenceClassification", "BertModel", StringComparison.Ordinal);
        SlowTransformer twin = Twin(json, bare);
        double[][] states = twin.EncoderStates(s_ids, null, null);
        double[]? pooled = pooler ? twin.Encoder(s_ids) : null;
        using TemporaryFolder folder = new();
        using TextEncoder encoder = (TextEncoder)await LoadAsync(twin, folder);
        TextEncoding actual = (await encoder.EncodeAsync([Input(s_ids)], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose(
            [.. states.SelectMany(s => s)],
            [.. actual.HiddenStates.SelectMany(s => s)],
            Tolerance
        );
        Assert.Equal(pooler, actual.Pooled is not null);
        if (pooled is not null)
        {
            GoldenCheckpoint.AssertClose(pooled, actual.Pooled!, Tolerance);
        }
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            ModelLoader.LoadAsync(folder.Path, cancellation: Cancellation)
        );
        Assert.Contains("encoder without a head", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public async Task A_decoder_answers_as_its_configuration_says(string json)
    {
        SlowTransformer twin = Twin(json);
        double[] expected = twin.Decoder(s_ids);
        double[] other = twin.Decoder(s_other);
        using TemporaryFolder folder = new();
        using CausalLanguageModel model = (CausalLanguageModel)await LoadAsync(twin, folder);
        Assert.DoesNotContain(model.Info.Notices, n => n.Contains("not used", StringComparison.Ordinal));
        EncodedInput[] inputs =
        [
            Input(s_ids),
            Input(s_other),
            Input([.. s_ids, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
            Input([0, 0, 0, .. s_ids], [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ];
        IReadOnlyList<double[]> batch = await model.NextLogitsAsync(inputs, cancellation: Cancellation);
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] wanted = i == 1 ? other : expected;
            GoldenCheckpoint.AssertClose(wanted, batch[i], Tolerance);
            double[] alone = (await model.NextLogitsAsync([inputs[i]], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose(wanted, alone, Tolerance);
        }
        if (twin.Config["model_type"]!.GetValue<string>() == "gpt2")
        {
            int[] types = [.. s_ids.Select((_, i) => i % 3)];
            double[] typed = (await model.NextLogitsAsync([Input(s_ids, null, types)], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose(twin.Decoder(s_ids, types), typed, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(DecoderClassifiers))]
    public async Task A_classifier_over_a_decoder_reads_the_last_token_that_is_no_padding(string json)
    {
        SlowTransformer twin = Twin(json);
        double[] expected = twin.Decoder(s_ids);
        using TemporaryFolder folder = new();
        using DecoderClassifier model = (DecoderClassifier)await LoadAsync(twin, folder);
        EncodedInput[] inputs =
        [
            Input(s_ids),
            Input([.. s_ids, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
            // Without a mask the padding is still not read at, and what follows a place never matters to it.
            Input([.. s_ids, 0, 0, 0]),
            Input([0, 0, .. s_ids], [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ];
        foreach (Prediction prediction in await model.PredictEncodedAsync(inputs, cancellation: Cancellation))
        {
            GoldenCheckpoint.AssertClose(expected, [.. prediction.Logits], Tolerance);
            Assert.Equal(model.Info.Labels[Array.IndexOf(expected, expected.Max())], prediction.Label);
        }
        TokenizedText text = model.Tokenize("the movie was not very good");
        Prediction whole = (await model.PredictAsync([text.Text], cancellation: Cancellation))[0];
        int[] ids = [.. text.Tokens.Select(t => t.Id)];
        GoldenCheckpoint.AssertClose(twin.Decoder(ids), [.. whole.Logits], Tolerance);
        IReadOnlyList<double[]> present = await model.EvaluateAsync(
            text,
            [
                [.. ids.Select(_ => true)],
            ],
            Absence.AttentionMasked,
            cancellation: Cancellation
        );
        GoldenCheckpoint.AssertClose([.. whole.Logits], present[0], Tolerance);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public async Task Tied_weights_load_under_either_name_and_a_head_that_differs_is_noted(string type)
    {
        SlowTransformer twin = Twin(type == "gpt2" ? Gpt2() : Llama("\"tie_word_embeddings\":true"));
        double[] expected = twin.Decoder(s_ids);
        string words = type == "gpt2" ? "transformer.wte.weight" : "model.embed_tokens.weight";
        using TemporaryFolder folder = new();
        (string Name, Action<Dictionary<string, (int[] Shape, double[] Values)>> Change, bool Noted)[] layouts =
        [
            ("both", w => w["lm_head.weight"] = w[words], false),
            (
                "head only",
                w =>
                {
                    w["lm_head.weight"] = w[words];
                    w.Remove(words);
                },
                false
            ),
            ("different", w => w["lm_head.weight"] = (w[words].Shape, [.. w[words].Values.Select(v => v + 1)]), true),
        ];
        foreach ((string name, Action<Dictionary<string, (int[], double[])>> change, bool noted) in layouts)
        {
            twin.Write(folder.Path, TinyModels.Words, change);
            using CausalLanguageModel model = (CausalLanguageModel)
                await ModelLoader.LoadAnyAsync(folder.Path, new() { Precision = Precision.Bits64 }, Cancellation);
            double[] actual = (await model.NextLogitsAsync([Input(s_ids)], cancellation: Cancellation))[0];
            GoldenCheckpoint.AssertClose(expected, actual, Tolerance);
            Assert.Equal(
                noted,
                model.Info.Notices.Any(n => n.Contains("differs from the token embedding", StringComparison.Ordinal))
            );
            Assert.True(noted || model.Info.Notices.Count == 0, name);
        }
    }

    [Fact]
    public async Task Mistral_reads_no_further_than_its_window()
    {
        SlowTransformer twin = Twin(Llama("\"num_key_value_heads\":2,\"sliding_window\":9", "mistral", "Mistral"));
        double[] expected = twin.Decoder(s_ids);
        using TemporaryFolder folder = new();
        using CausalLanguageModel model = (CausalLanguageModel)await LoadAsync(twin, folder);
        Assert.Equal(9, model.Info.MaxTokens);
        double[] actual = (await model.NextLogitsAsync([Input(s_ids)], cancellation: Cancellation))[0];
        GoldenCheckpoint.AssertClose(expected, actual, Tolerance);
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            model.NextLogitsAsync([Input([.. s_ids, 5])], cancellation: Cancellation)
        );
        Assert.Contains("9 tokens", refusal.Message, StringComparison.Ordinal);
    }

    private static EncodedInput Input(int[] ids, int[]? mask = null, int[]? types = null) =>
        new()
        {
            Ids = ids,
            AttentionMask = mask,
            TypeIds = types,
        };

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
