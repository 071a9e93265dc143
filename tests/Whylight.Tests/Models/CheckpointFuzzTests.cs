using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Models;
using Whylight.Models.Checkpoints;
using Whylight.Models.Families;
using Whylight.Models.Networks;

namespace Whylight.Tests.Models;

/// <summary>
/// Mutated headers and configurations: every one loads or is refused with a sentence, without crash, hang or an allocation
/// that a file merely claims. WHYLIGHT_FUZZ sets the number of runs (100,000 mutated files and more by default), WHYLIGHT_FUZZ_SEED the seed.
/// </summary>
public class CheckpointFuzzTests(ITestOutputHelper output)
{
    private const long MostAllocated = 16L << 20;
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private static readonly string[] s_values =
    [
        "-1",
        "0",
        "1",
        "0.5",
        "1e999",
        "-0",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "18446744073709551616",
        "1000000",
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "\"x\"",
        "[1,2,3]",
        "[-8,0]",
        "[4611686018427387904,4]",
        "[0,18446744073709551615]",
        "\"\\ud800\"",
        "\"F12\"",
        "\"I64\"",
        "NaN",
        "",
        "{\"\\ud800\":1}",
        "{\"a\":{\"a\":{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}}}",
    ];

    private static int Runs(int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable("WHYLIGHT_FUZZ"), CultureInfo.InvariantCulture, out int runs)
            ? runs
            : fallback;

    private int Seed()
    {
        int seed = int.TryParse(
            Environment.GetEnvironmentVariable("WHYLIGHT_FUZZ_SEED"),
            CultureInfo.InvariantCulture,
            out int given
        )
            ? given
            : 20261124;
        output.WriteLine($"seed {seed}");
        return seed;
    }

    [Fact]
    public async Task Mutated_headers_and_configurations_are_parsed_or_refused()
    {
        using TransformerClassifier model = await TinyModels.ClassifierAsync(EncoderFamily.Bert, layers: 1);
        using TemporaryFolder folder = new();
        await folder.WriteAsync(model);
        byte[] weights = await File.ReadAllBytesAsync(Path.Combine(folder.Path, "model.safetensors"), Cancellation);
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(weights);
        byte[] json = weights[8..(8 + header)];
        byte[][] configurations =
        [
            await File.ReadAllBytesAsync(Path.Combine(folder.Path, "config.json"), Cancellation),
            Encoding.UTF8.GetBytes(TinyModels.Gpt2().ToJson().ToJsonString()),
            Encoding.UTF8.GetBytes(TinyModels.Llama().ToJson().ToJsonString()),
            Encoding.UTF8.GetBytes(
                "{\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":16,\"beta_fast\":32},\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"eos_token_id\":[1,2]}"
            ),
        ];
        byte[] index = Encoding.UTF8.GetBytes(
            "{\"metadata\":{\"total_size\":9},\"weight_map\":{\"a.weight\":\"model-1.safetensors\",\"a.bias\":\"model-2.safetensors\",\"b\":\"model-3.safetensors\"}}"
        );
        Random random = new(Seed());
        int refused = 0;
        int accepted = 0;
        // Three files a run: more than 100,000 of them.
        int runs = Runs(35_000);
        for (int run = 0; run < runs; run++)
        {
            byte[] mutatedHeader = Mutate(json, random);
            byte[] mutatedConfig = Mutate(configurations[run % configurations.Length], random);
            byte[] mutatedIndex = Mutate(index, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (
                Action parse in (Action[])
                    [
                        () => SafetensorsHeader.Parse("f", mutatedHeader, weights.Length - 8 - header),
                        () =>
                            Assert.All(
                                Checkpoint.ShardsOf(ConfigFile.Parse("i", mutatedIndex)).Values,
                                shard => Assert.Equal(shard, Path.GetFileName(shard))
                            ),
                        () =>
                            EncoderConfig.Read(
                                ConfigFile.Parse("c", mutatedConfig),
                                (EncoderFamily)(run % 4),
                                EncoderHead.Classifier,
                                []
                            ),
                        () => Gpt2Config.Read(ConfigFile.Parse("c", mutatedConfig), run % 2 == 0, []),
                        () =>
                        {
                            LlamaConfig c = LlamaConfig.Read(
                                ConfigFile.Parse("c", mutatedConfig),
                                (run % 3) switch
                                {
                                    0 => "llama",
                                    1 => "mistral",
                                    _ => "qwen2",
                                },
                                run % 2 == 0,
                                []
                            );
                            if (c.HeadWidth < 10_000)
                            {
                                c.RopeScaling.Frequencies(c.RopeTheta, c.HeadWidth, c.MaxPositions, 100);
                            }
                        },
                    ]
            )
            {
                try
                {
                    parse();
                    accepted++;
                }
                catch (ModelException exception)
                {
                    refused++;
                    Assert.DoesNotContain('\n', exception.Message);
                    Assert.True(exception.Message.Length < 2000);
                }
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MostAllocated, $"run {run}: {allocated} bytes were allocated");
        }
        output.WriteLine($"{runs} runs: {refused} refused, {accepted} accepted");
        // Both happen, or the mutations prove nothing.
        Assert.True(refused > runs / 2);
        Assert.True(accepted > runs / 10);
    }

    public static TheoryData<string> Bases() => ["bert", "sharded", "gpt2", "llama", "classifier"];

    [Theory]
    [MemberData(nameof(Bases))]
    public async Task Mutated_folders_load_or_are_refused(string basis)
    {
        using TemporaryFolder folder = new();
        WriteBase(folder.Path, basis);
        string[] names =
        [
            .. Directory.EnumerateFiles(folder.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal),
        ];
        byte[][] files = [.. names.Select(n => File.ReadAllBytes(Path.Combine(folder.Path, n)))];
        Random random = new(Seed());
        int refused = 0;
        int runs = Runs(6000) / 100;
        for (int run = 0; run < runs; run++)
        {
            int which = random.Next(names.Length);
            byte[] mutated = names[which].EndsWith(".safetensors", StringComparison.Ordinal)
                ? MutateWeights(files[which], random)
                : Mutate(files[which], random);
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, names[which]), mutated, Cancellation);
            try
            {
                using IModel loaded = await ModelLoader.LoadAnyAsync(folder.Path, cancellation: Cancellation);
                await (
                    loaded switch
                    {
                        ICausalLanguageModel model => (Task)
                            model.ScoreAsync(["the movie was"], cancellation: Cancellation),
                        ITextClassifier model => model.PredictAsync(
                            ["the movie was great"],
                            cancellation: Cancellation
                        ),
                        _ => Task.CompletedTask,
                    }
                );
            }
            catch (ModelException exception)
            {
                refused++;
                Assert.DoesNotContain('\n', exception.Message);
            }
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, names[which]), files[which], Cancellation);
        }
        output.WriteLine($"{basis}: {runs} runs: {refused} refused");
        Assert.True(refused > runs / 4);
    }

    private static void WriteBase(string folder, string basis)
    {
        const string Sizes =
            "\"vocab_size\":30,\"hidden_size\":16,\"num_hidden_layers\":1,\"num_attention_heads\":4,\"intermediate_size\":24,\"max_position_embeddings\":40";
        string json = basis switch
        {
            "gpt2" =>
                "{\"model_type\":\"gpt2\",\"architectures\":[\"GPT2LMHeadModel\"],\"vocab_size\":30,\"n_embd\":16,\"n_layer\":1,\"n_head\":4,\"n_positions\":40,\"bos_token_id\":2}",
            "llama" =>
                $"{{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],{Sizes},\"num_key_value_heads\":2,\"rope_scaling\":{{\"type\":\"dynamic\",\"factor\":2.0}},\"eos_token_id\":[3]}}",
            "classifier" =>
                $"{{\"model_type\":\"qwen2\",\"architectures\":[\"Qwen2ForSequenceClassification\"],{Sizes},\"num_key_value_heads\":2,\"num_labels\":3,\"pad_token_id\":0}}",
            _ =>
                $"{{\"model_type\":\"bert\",\"architectures\":[\"BertForSequenceClassification\"],{Sizes},\"id2label\":{{\"0\":\"a\",\"1\":\"b\"}}}}",
        };
        SlowTransformer twin = new((JsonObject)JsonNode.Parse(json)!, 5);
        _ = basis is "bert" or "sharded" ? twin.Encoder([2, 3]) : twin.Decoder([2, 3]);
        twin.Write(folder, TinyModels.Words);
        if (basis != "sharded")
        {
            return;
        }
        string whole = Path.Combine(folder, "model.safetensors");
        string shard = Path.Combine(folder, "model-00001-of-00001.safetensors");
        File.Move(whole, shard);
        byte[] file = File.ReadAllBytes(shard);
        using JsonDocument header = JsonDocument.Parse(
            file.AsMemory(8, (int)BinaryPrimitives.ReadUInt64LittleEndian(file))
        );
        JsonObject map = [];
        foreach (JsonProperty tensor in header.RootElement.EnumerateObject().Where(t => t.Name != "__metadata__"))
        {
            map[tensor.Name] = Path.GetFileName(shard);
        }
        File.WriteAllText(whole + ".index.json", new JsonObject { ["weight_map"] = map }.ToJsonString());
    }

    private static byte[] MutateWeights(byte[] file, Random random)
    {
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        switch (random.Next(4))
        {
            case 0:
                return file[..random.Next(file.Length)];
            case 1:
                byte[] length = (byte[])file.Clone();
                length[random.Next(8)] = (byte)random.Next(256);
                return length;
            case 2:
                byte[] data = (byte[])file.Clone();
                int at = 8 + header + 4 * random.Next((file.Length - 8 - header) / 4);
                BinaryPrimitives.WriteSingleLittleEndian(
                    data.AsSpan(at),
                    random.Next(2) == 0 ? float.NaN : float.NegativeInfinity
                );
                return data;
            default:
                byte[] json = Mutate(file[8..(8 + header)], random);
                byte[] mutated = [.. new byte[8], .. json, .. file[(8 + header)..]];
                BinaryPrimitives.WriteUInt64LittleEndian(mutated, (ulong)json.Length);
                return mutated;
        }
    }

    // One to three changes: bytes flipped, cut or doubled, or a JSON value put in the place of another.
    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] bytes = original;
        int changes = random.Next(1, 4);
        for (int change = 0; change < changes && bytes.Length > 0; change++)
        {
            int at = random.Next(bytes.Length);
            int length = Math.Min(random.Next(1, 40), bytes.Length - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes = (byte[])bytes.Clone();
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = [.. bytes[..at], .. bytes[(at + length)..]];
                    break;
                case 2:
                    bytes = [.. bytes[..(at + length)], .. bytes[at..]];
                    break;
                default:
                    int colon = Array.IndexOf(bytes, (byte)':', at);
                    int end = colon < 0 ? -1 : Array.FindIndex(bytes, colon, b => b is (byte)',' or (byte)'}');
                    if (end < 0)
                    {
                        break;
                    }
                    byte[] value = Encoding.UTF8.GetBytes(s_values[random.Next(s_values.Length)]);
                    bytes = [.. bytes[..(colon + 1)], .. value, .. bytes[end..]];
                    break;
            }
        }
        return bytes;
    }
}
