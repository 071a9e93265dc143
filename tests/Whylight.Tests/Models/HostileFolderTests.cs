using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Whylight.Models;

namespace Whylight.Tests.Models;

/// <summary>
/// A sound tiny folder, broken in one place: each is refused with one sentence that names the file, the key or tensor, and what
/// stands there; oddities that mean nothing load.
/// </summary>
public class HostileFolderTests
{
    private const string Weights = "model.safetensors";
    private const string Tensor = "bert.encoder.layer.0.output.dense.weight";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, (Action<string> Break, string Says)> s_cases = new()
    {
        ["config: numbers as text"] = (
            Key("hidden_size", "16"),
            "config.json: hidden_size must be a positive integer, found \"16\""
        ),
        ["config: negative size"] = (
            Key("intermediate_size", -24),
            "intermediate_size must be a positive integer, found -24"
        ),
        ["config: size with a fraction"] = (
            Key("num_hidden_layers", 1.5),
            "num_hidden_layers must be a positive integer, found 1.5"
        ),
        ["config: size beyond 32 bits"] = (Key("vocab_size", 1e15), "vocab_size must be a positive integer, found"),
        ["config: infinite number"] = (
            Replace("config.json", "0.001", "1e309"),
            "layer_norm_eps must be a positive number, found 1e309"
        ),
        ["config: NaN"] = (Replace("config.json", "0.001", "NaN"), "config.json is not valid JSON (line 1: '"),
        ["config: zero epsilon"] = (Key("layer_norm_eps", 0), "layer_norm_eps must be a positive number, found 0"),
        ["config: a billion layers"] = (Key("num_hidden_layers", 1_000_000_000), "weights lack more than 4096 tensors"),
        ["config: huge width"] = (
            Key("hidden_size", 1 << 30),
            "'bert.embeddings.word_embeddings.weight' is [30,16], config wants [30,1073741824]"
        ),
        ["config: huge vocabulary"] = (Key("vocab_size", int.MaxValue), "is [30,16], config wants [2147483647,16]"),
        ["config: too few rows"] = (
            Key("vocab_size", 20),
            "vocab.txt has 30 tokens but the embedding has 20 rows: ids 20..29 would be out of range"
        ),
        ["config: heads do not divide"] = (
            Key("num_attention_heads", 3),
            "hidden_size 16 is not a multiple of num_attention_heads 3"
        ),
        ["config: unknown activation"] = (
            Key("hidden_act", "xielu"),
            "activation 'xielu' is not supported; supported: gelu"
        ),
        ["config: activation no text"] = (Key("hidden_act", 3), "hidden_act must be text, found 3"),
        ["config: padding id outside"] = (Key("pad_token_id", 99), "pad_token_id 99 is outside the vocabulary of 30"),
        ["config: relative positions"] = (
            Key("position_embedding_type", "relative_key_query"),
            "position_embedding_type 'relative_key_query' is not supported"
        ),
        ["config: decoder"] = (Key("is_decoder", true), "is_decoder"),
        ["config: flag no flag"] = (Key("is_decoder", "no"), "is_decoder must be true or false, found \"no\""),
        ["config: type against architecture"] = (
            Key("model_type", "roberta"),
            "model_type 'roberta' and architecture 'BertForSequenceClassification' contradict each other"
        ),
        ["config: architecture against type"] = (
            Key("architectures", new JsonArray("GPT2LMHeadModel")),
            "model_type 'bert' and architecture 'GPT2LMHeadModel' contradict each other"
        ),
        ["config: unread head"] = (
            Key("architectures", new JsonArray("BertForTokenClassification")),
            "architecture 'BertForTokenClassification' has no head that is read"
        ),
        ["config: architectures no list"] = (
            Key("architectures", "BertForSequenceClassification"),
            "architectures must be a list of texts"
        ),
        ["config: no type at all"] = (
            Config(c =>
            {
                c.Remove("model_type");
                c.Remove("architectures");
            }),
            "config.json names no model_type"
        ),
        ["config: mixture of experts"] = (
            Config(c =>
            {
                c["model_type"] = "qwen2";
                c["architectures"] = new JsonArray("Qwen2MoeForCausalLM");
            }),
            "contradict each other"
        ),
        ["config: quantized"] = (
            Key("quantization_config", new JsonObject { ["quant_method"] = "gptq" }),
            "quantization_config ('gptq') is not supported"
        ),
        ["config: pruned heads"] = (
            Key("pruned_heads", new JsonObject { ["0"] = new JsonArray(1) }),
            "pruned_heads is not supported"
        ),
        ["config: label gap"] = (
            Key("id2label", new JsonObject { ["0"] = "a", ["2"] = "b" }),
            "id2label must number labels 0..1 without gaps; found 0, 2"
        ),
        ["config: label twice"] = (
            Key("id2label", new JsonObject { ["0"] = "a", ["1"] = "a" }),
            "id2label names the label 'a' twice"
        ),
        ["config: labels no map"] = (Key("id2label", new JsonArray("a", "b")), "id2label must be a JSON object"),
        ["config: three labels"] = (
            Key(
                "id2label",
                new JsonObject
                {
                    ["0"] = "a",
                    ["1"] = "b",
                    ["2"] = "c",
                }
            ),
            "'classifier.weight' is [2,16], config wants [3,16]"
        ),
        ["config: inverse with a gap"] = (
            Key("label2id", new JsonObject { ["a"] = 0, ["b"] = 2 }),
            "label2id must number labels 0..1 without gaps; found 0, 2"
        ),
        ["config: unknown problem"] = (Key("problem_type", "guessing"), "problem_type 'guessing' is not known"),
        ["config: temperature"] = (
            Key("whylight", new JsonObject { ["temperature"] = -1 }),
            "whylight.temperature must be a positive number, found -1"
        ),
        ["config: deep"] = (
            Text("config.json", new string('[', 20000) + new string(']', 20000)),
            "config.json is nested too deeply"
        ),
        ["config: UTF-16"] = (
            f => File.WriteAllText(At(f, "config.json"), "{\"model_type\":\"bert\"}", Encoding.Unicode),
            "config.json is UTF-16, not UTF-8: save it as UTF-8"
        ),
        ["config: LFS pointer"] = (
            Text("config.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"),
            "config.json is a Git LFS pointer, not the file: run git lfs pull"
        ),
        ["config: a page"] = (
            Text("config.json", "<!DOCTYPE html><html></html>"),
            "config.json is an HTML page, not the file"
        ),
        ["config: a folder"] = (Folder("config.json"), "no config.json in the model folder"),
        ["config: cut"] = (
            f => File.WriteAllBytes(At(f, "config.json"), File.ReadAllBytes(At(f, "config.json"))[..40]),
            "config.json is not valid JSON"
        ),
        ["config: half a surrogate"] = (
            Key("model_type", "\\ud800", raw: true),
            "config.json holds text that is not valid UTF-8"
        ),
        ["vocabulary: a folder"] = (Folder("vocab.txt"), "no tokenizer found"),
        ["vocabulary: twice"] = (Replace("vocab.txt", "\nmovie\n", "\nfilm\n"), "'film' stands on line"),
        ["vocabulary: no [UNK]"] = (Replace("vocab.txt", "[UNK]", "nothing"), "vocab.txt lacks [UNK]"),
        ["vocabulary: LFS pointer"] = (
            Text("vocab.txt", "version https://git-lfs.github.com/spec/v1\n"),
            "vocab.txt is a Git LFS pointer, not the file"
        ),
        ["vocabulary: not UTF-8"] = (
            f => File.AppendAllBytes(At(f, "vocab.txt"), [0x63, 0xe9, 0x0a]),
            "vocab.txt is not UTF-8"
        ),
        ["vocabulary: an added token outside"] = (
            Text("added_tokens.json", "{\"<x>\":500}"),
            "tokens but the embedding has 30 rows"
        ),
        ["tokenizer.json: deep"] = (
            f =>
            {
                File.Delete(At(f, "vocab.txt"));
                Text("tokenizer.json", new string('[', 20000))(f);
            },
            "tokenizer.json is not valid JSON"
        ),
        ["tokenizer.json: a list"] = (
            f =>
            {
                File.Delete(At(f, "vocab.txt"));
                Text("tokenizer.json", "[]")(f);
            },
            "tokenizer.json"
        ),
        ["weights: a folder"] = (Folder(Weights), "no model.safetensors"),
        ["weights: a page"] = (Text(Weights, "<html>404</html>"), "model.safetensors is an HTML page"),
        ["weights: a pickle by another name"] = (
            Bytes(Weights, [0x80, 2, .. "}q\0."u8]),
            "model.safetensors is a pickle or zip archive"
        ),
        ["weights: seven bytes"] = (Bytes(Weights, [1, 2, 3, 4, 5, 6, 7]), "7 bytes are too few for a header"),
        ["weights: cut after the header"] = (Cut(Header), "only 0 are present: file truncated; download again"),
        ["weights: cut in the data"] = (Cut(b => b.Length - 4), "are present: file truncated; download again"),
        ["weights: header beyond the file"] = (Length(90_000_000), "header says 90000000 bytes, only"),
        ["weights: header length overflows"] = (
            Length(1UL << 63),
            "header length 9223372036854775808 is impossible (limit 100 MB)"
        ),
        ["weights: header deep"] = (Head("{\"a\":" + new string('[', 9999) + "}"), "entry 'a' must be a JSON object"),
        ["weights: header deep inside"] = (
            Head("{\"a\":{\"b\":" + new string('[', 9999) + "}}"),
            "header is not valid JSON"
        ),
        ["weights: no tensor"] = (Head("{}", keepData: false), "weights lack 41 tensors"),
        ["weights: negative shape"] = (
            Entry("classifier.bias", "shape", "[-2]"),
            "shape of 'classifier.bias' has a negative dimension [-2]"
        ),
        ["weights: shape beyond 64 bits"] = (
            Entry("classifier.bias", "shape", "[9223372036854775808]"),
            "'shape' of 'classifier.bias' must be a list of whole numbers"
        ),
        ["weights: shape overflows"] = (
            Entry("classifier.bias", "shape", "[4611686018427387904,4]"),
            "shape of 'classifier.bias' overflows"
        ),
        ["weights: shape of a thousand dimensions"] = (
            Entry("classifier.bias", "shape", $"[{string.Join(",", Enumerable.Repeat(1, 1000))}]"),
            "'shape' of 'classifier.bias'"
        ),
        ["weights: shape no list"] = (Entry("classifier.bias", "shape", "\"2\""), "'shape' of 'classifier.bias'"),
        ["weights: shape against bytes"] = (
            Entry("classifier.bias", "shape", "[3]"),
            "'classifier.bias' F32 [3] needs 12 bytes, its offsets span 8"
        ),
        ["weights: zero-size dimension"] = (
            Entry("classifier.bias", "shape", "[0]"),
            "'classifier.bias' F32 [0] needs 0 bytes, its offsets span 8"
        ),
        ["weights: offsets backwards"] = (
            Entry("classifier.bias", "data_offsets", "[8,0]"),
            "ends at byte 0, before it begins at 8"
        ),
        ["weights: offsets far away"] = (
            Entry("classifier.bias", "data_offsets", "[1000000000000,1000000000008]"),
            "of the buffer"
        ),
        ["weights: one offset"] = (
            Entry("classifier.bias", "data_offsets", "[0]"),
            "'data_offsets' of 'classifier.bias' must be two integers"
        ),
        ["weights: offsets overlap"] = (
            Entry("classifier.bias", "data_offsets", "[0,8]"),
            "overlaps the tensor before it"
        ),
        ["weights: integers"] = (
            Entry(Tensor, "dtype", "\"I32\""),
            $"'{Tensor}' is I32; weights must be F64, F32, F16 or BF16"
        ),
        ["weights: unknown type"] = (Entry(Tensor, "dtype", "\"f32\""), $"unknown dtype 'f32' for '{Tensor}'"),
        ["weights: infinity"] = (Value(float.PositiveInfinity), "contains infinity at ["),
        ["weights: NaN"] = (Value(float.NaN), "contains NaN at ["),
        ["weights: name misspelt"] = (
            Rename("classifier.weight", "classifier.weigth"),
            "weights lack 'classifier.weight' (needed by BertForSequenceClassification)"
        ),
        ["only pytorch_model.bin"] = (
            Move("pytorch_model.bin"),
            "found pytorch_model.bin but no model.safetensors; pickle files are not read because they can run code"
        ),
        ["only model.pt"] = (Move("model.pt"), "found model.pt but no model.safetensors; pickle files are not read"),
        ["only a shard of pickles"] = (
            Move("pytorch_model-00001-of-00002.bin"),
            "found pytorch_model-00001-of-00002.bin but no model.safetensors; pickle files"
        ),
        ["only weights.ckpt"] = (Move("weights.ckpt"), "found weights.ckpt but no model.safetensors; pickle files"),
        ["only model.h5"] = (Move("tf_model.h5"), "found tf_model.h5 but no model.safetensors: convert to safetensors"),
        ["only an adapter"] = (Move("adapter_model.safetensors"), "an adapter is no whole model"),
        ["only a shard"] = (
            Move("model-00001-of-00002.safetensors"),
            "neither model.safetensors nor model.safetensors.index.json"
        ),
        ["shard: absolute"] = (
            Shard("/etc/passwd"),
            "index: shard name '/etc/passwd' leaves the model folder; refused"
        ),
        ["shard: up"] = (Shard("../x.safetensors"), "leaves the model folder; refused"),
        ["shard: drive"] = (Shard("C:\\x.safetensors"), "leaves the model folder; refused"),
        ["shard: network"] = (Shard("\\\\host\\x.safetensors"), "leaves the model folder; refused"),
        ["shard: nothing"] = (Shard(""), "leaves the model folder; refused"),
        ["shard: null byte"] = (Shard("a\0.safetensors"), "leaves the model folder; refused"),
        ["shard: pickle"] = (
            Shard("pytorch_model.bin"),
            "index: shard 'pytorch_model.bin' is no safetensors file; refused"
        ),
        ["shard: not there"] = (
            Shard("model-9.safetensors"),
            "model.safetensors.index.json names 'model-9.safetensors', which is not in the model folder"
        ),
        ["shard: LFS pointer"] = (
            f =>
            {
                Shard("model-1.safetensors")(f);
                Text("model-1.safetensors", "version https://git-lfs.github.com/spec/v1\n")(f);
            },
            "model-1.safetensors is a Git LFS pointer"
        ),
        ["index: no map"] = (
            f =>
            {
                File.Delete(At(f, Weights));
                Text("model.safetensors.index.json", "{\"weight_map\":[]}")(f);
            },
            "weight_map must be a JSON object"
        ),
        ["index: LFS pointer"] = (
            f =>
            {
                File.Delete(At(f, Weights));
                Text("model.safetensors.index.json", "version https://git-lfs.github.com/spec/v1\n")(f);
            },
            "model.safetensors.index.json is a Git LFS pointer"
        ),
    };

    private static readonly Dictionary<string, (Action<string> Change, string? Notes)> s_sound = new()
    {
        ["nothing changed"] = (_ => { }, null),
        ["whole numbers with a point"] = (
            Replace("config.json", "\"num_hidden_layers\":2", "\"num_hidden_layers\":2.0"),
            null
        ),
        ["byte order mark"] = (
            f =>
                File.WriteAllText(At(f, "config.json"), File.ReadAllText(At(f, "config.json")), new UTF8Encoding(true)),
            null
        ),
        ["no architecture"] = (Config(c => c.Remove("architectures")), null),
        ["no model type"] = (Config(c => c.Remove("model_type")), null),
        ["labels by their inverse"] = (Key("label2id", new JsonObject { ["yes"] = 1, ["no"] = 0 }), null),
        ["newer keys"] = (
            Config(c =>
            {
                c["dtype"] = "float32";
                c["transformers_version"] = "5.0.0";
                c["rope_parameters"] = null;
            }),
            null
        ),
        ["generation configuration"] = (Text("generation_config.json", "{\"eos_token_id\":7}"), null),
        ["code of its own"] = (Key("auto_map", new JsonObject { ["AutoModel"] = "evil.py" }), "never run"),
        ["several labels at once"] = (Key("problem_type", "multi_label_classification"), "mean little"),
        ["regression"] = (Key("problem_type", "regression"), "mean little"),
        ["a vocabulary cut short"] = (
            f => File.WriteAllLines(At(f, "vocab.txt"), TinyModels.Words[..20]),
            "vocab.txt has 20 tokens and the embedding 30 rows"
        ),
        ["broken tokenizer.json beside a vocabulary"] = (
            Text("tokenizer.json", "{"),
            "tokenizer.json is not valid JSON: using vocab.txt"
        ),
    };

    public static TheoryData<string> Broken() => [.. s_cases.Keys];

    public static TheoryData<string> Sound() => [.. s_sound.Keys];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_folder_is_refused_in_one_sentence(string name)
    {
        using TemporaryFolder folder = Base();
        (Action<string> spoil, string says) = s_cases[name];
        spoil(folder.Path);
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            ModelLoader.LoadAnyAsync(folder.Path, cancellation: Cancellation)
        );
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("cannot load '", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.True(refusal.Message.Length < 1000, refusal.Message);
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public async Task An_oddity_that_means_nothing_loads(string name)
    {
        using TemporaryFolder folder = Base();
        double[] expected = await LogitsAsync(folder, null);
        (Action<string> change, string? notes) = s_sound[name];
        change(folder.Path);
        Assert.Equal(expected, await LogitsAsync(folder, notes ?? ""));

        async Task<double[]> LogitsAsync(TemporaryFolder path, string? noted)
        {
            using ITextClassifier model = await ModelLoader.LoadAsync(path.Path, cancellation: Cancellation);
            if (noted is not null)
            {
                Assert.Equal(noted.Length > 0 ? 1 : 0, model.Info.Notices.Count);
                Assert.All(model.Info.Notices, n => Assert.Contains(noted, n, StringComparison.Ordinal));
            }
            return
            [
                .. (await model.PredictEncodedAsync([new() { Ids = [2, 7, 9, 3] }], cancellation: Cancellation))[
                    0
                ].Logits,
            ];
        }
    }

    [Fact]
    public async Task A_pipe_is_no_file_and_nobody_waits_for_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pipes among files are a Unix matter");
        foreach (string name in (string[])["config.json", "vocab.txt", Weights])
        {
            using TemporaryFolder folder = Base();
            File.Delete(At(folder.Path, name));
            using System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", At(folder.Path, name));
            await made.WaitForExitAsync(Cancellation);
            await Assert.ThrowsAsync<ModelException>(() =>
                ModelLoader.LoadAnyAsync(folder.Path, cancellation: Cancellation)
            );
            // A device without end is no file either.
            File.Delete(At(folder.Path, name));
            File.CreateSymbolicLink(At(folder.Path, name), "/dev/zero");
            await Assert.ThrowsAsync<ModelException>(() =>
                ModelLoader.LoadAnyAsync(folder.Path, cancellation: Cancellation)
            );
        }
    }

    [Fact]
    public async Task Links_lead_to_files_as_in_a_download_cache()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using TemporaryFolder blobs = Base();
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["config.json", "vocab.txt", Weights])
        {
            File.CreateSymbolicLink(At(folder.Path, name), At(blobs.Path, name));
        }
        using ITextClassifier model = await ModelLoader.LoadAsync(folder.Path, cancellation: Cancellation);
        Assert.Empty(model.Info.Notices);
        File.Delete(At(folder.Path, Weights));
        File.CreateSymbolicLink(At(folder.Path, Weights), At(folder.Path, Weights));
        await Assert.ThrowsAsync<ModelException>(() => ModelLoader.LoadAsync(folder.Path, cancellation: Cancellation));
    }

    [Theory]
    [InlineData("", "no config.json in the model folder")]
    [InlineData("nowhere", "no model folder")]
    [InlineData("vocab.txt", "is a file; a model is a folder")]
    public async Task A_place_without_a_model_is_named(string below, string says)
    {
        using TemporaryFolder folder = below.Length == 0 ? new TemporaryFolder() : Base();
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            ModelLoader.LoadAnyAsync(Path.Combine(folder.Path, below), cancellation: Cancellation)
        );
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "device '' is not known; use cpu, cuda or cuda:N")]
    [InlineData("gpu", "device 'gpu' is not known")]
    [InlineData("cpu:1", "device 'cpu:1' is not known")]
    [InlineData("cuda:x", "device 'cuda:x' is not known")]
    [InlineData("cuda:99", "device 'cuda:99' is not available")]
    public async Task A_device_that_is_not_there_is_refused(string device, string says)
    {
        using TemporaryFolder folder = Base();
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            ModelLoader.LoadAsync(folder.Path, new() { Device = device }, Cancellation)
        );
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Base()
    {
        const string Config =
            "{\"model_type\":\"bert\",\"architectures\":[\"BertForSequenceClassification\"],\"vocab_size\":30,\"hidden_size\":16,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"intermediate_size\":24,\"max_position_embeddings\":40,\"layer_norm_eps\":0.001}";
        SlowTransformer twin = new((JsonObject)JsonNode.Parse(Config)!, 3);
        twin.Encoder([2, 3]);
        TemporaryFolder folder = new();
        twin.Write(folder.Path, TinyModels.Words);
        return folder;
    }

    private static string At(string folder, string name) => Path.Combine(folder, name);

    private static Action<string> Text(string name, string text) => f => File.WriteAllText(At(f, name), text);

    private static Action<string> Bytes(string name, byte[] bytes) => f => File.WriteAllBytes(At(f, name), bytes);

    private static Action<string> Replace(string name, string old, string text) =>
        f =>
        {
            string before = File.ReadAllText(At(f, name));
            Assert.Contains(old, before, StringComparison.Ordinal);
            File.WriteAllText(At(f, name), before.Replace(old, text, StringComparison.Ordinal));
        };

    private static Action<string> Config(Action<JsonObject> change) =>
        f =>
        {
            JsonObject config = (JsonObject)JsonNode.Parse(File.ReadAllText(At(f, "config.json")))!;
            change(config);
            File.WriteAllText(At(f, "config.json"), config.ToJsonString());
        };

    private static Action<string> Key(string key, JsonNode value) => Config(c => c[key] = value.DeepClone());

    private static Action<string> Key(string key, string value, bool raw = false) =>
        raw
            ? f =>
            {
                Config(c => c[key] = "\u0001")(f);
                Replace("config.json", "\\u0001", value)(f);
            }
            : Key(key, JsonValue.Create(value));

    private static Action<string> Folder(string name) =>
        f =>
        {
            File.Delete(At(f, name));
            Directory.CreateDirectory(At(f, name));
        };

    private static Action<string> Move(string name) => f => File.Move(At(f, Weights), At(f, name));

    private static Action<string> Shard(string name) =>
        f =>
        {
            File.Delete(At(f, Weights));
            JsonObject index = new() { ["weight_map"] = new JsonObject { ["classifier.bias"] = name } };
            File.WriteAllText(At(f, "model.safetensors.index.json"), index.ToJsonString());
        };

    private static int Header(byte[] file) => 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file);

    private static Action<string> Cut(Func<byte[], int> length) =>
        f =>
        {
            byte[] file = File.ReadAllBytes(At(f, Weights));
            File.WriteAllBytes(At(f, Weights), file[..length(file)]);
        };

    private static Action<string> Length(ulong claimed) =>
        f =>
        {
            byte[] file = File.ReadAllBytes(At(f, Weights));
            BinaryPrimitives.WriteUInt64LittleEndian(file, claimed);
            File.WriteAllBytes(At(f, Weights), file);
        };

    private static Action<string> Head(string json, bool keepData = true) =>
        f =>
        {
            byte[] file = File.ReadAllBytes(At(f, Weights));
            SmallSafetensors.Write(At(f, Weights), Encoding.UTF8.GetBytes(json), keepData ? file[Header(file)..] : []);
        };

    private static Action<string> ChangeHeader(Func<string, string> change) =>
        f =>
        {
            byte[] file = File.ReadAllBytes(At(f, Weights));
            string before = Encoding.UTF8.GetString(file[8..Header(file)]);
            string after = change(before);
            Assert.NotEqual(before, after);
            SmallSafetensors.Write(At(f, Weights), Encoding.UTF8.GetBytes(after), file[Header(file)..]);
        };

    private static Action<string> Entry(string tensor, string field, string value) =>
        ChangeHeader(json =>
        {
            int entry = json.IndexOf($"\"{tensor}\":", StringComparison.Ordinal);
            int at = json.IndexOf($"\"{field}\":", entry, StringComparison.Ordinal) + field.Length + 3;
            int end = json[at] == '[' ? json.IndexOf(']', at) + 1 : json.IndexOfAny([',', '}'], at);
            return json[..at] + value + json[end..];
        });

    private static Action<string> Rename(string tensor, string name) =>
        ChangeHeader(json => json.Replace($"\"{tensor}\"", $"\"{name}\"", StringComparison.Ordinal));

    private static Action<string> Value(float value) =>
        f =>
        {
            byte[] file = File.ReadAllBytes(At(f, Weights));
            string json = Encoding.UTF8.GetString(file[8..Header(file)]);
            int entry = json.IndexOf($"\"{Tensor}\":", StringComparison.Ordinal);
            int at = json.IndexOf("data_offsets\":[", entry, StringComparison.Ordinal) + 15;
            int begin = int.Parse(json.AsSpan(at, json.IndexOf(',', at) - at), CultureInfo.InvariantCulture);
            BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(Header(file) + begin + 40), value);
            File.WriteAllBytes(At(f, Weights), file);
        };
}
