using System.Text.Json;
using Whylight.Models;

namespace Whylight.Tests.Models;

/// <summary>Broken model folders are refused with a sentence that names what is wrong; sound oddities load.</summary>
public class MalformedModelTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    /// <summary>Folder, and what the refusal must say; null where the folder must load.</summary>
    public static TheoryData<string, string?> Folders() =>
        new()
        {
            { "zero-byte", "model.safetensors is empty (0 bytes); download again" },
            { "truncated-header", "are present: file truncated" },
            { "header-length-huge", "header length 18446744073709551615 is impossible (limit 100 MB)" },
            { "header-length-zero", "model.safetensors: empty header" },
            { "header-json-array", "model.safetensors: header must be a JSON object" },
            { "header-duplicate-name", "duplicate tensor name 'classifier.bias' (the format forbids duplicate keys)" },
            { "offsets-hole", "of the buffer belong to no tensor (the format forbids holes)" },
            { "trailing-bytes", "32 bytes after the last tensor are not described by the header" },
            { "offsets-negative", "'classifier.bias' has a negative offset" },
            { "shape-overflow", "shape of 'classifier.bias' overflows" },
            { "dtype-unknown", "unknown dtype 'F12' for 'classifier.bias'" },
            { "header-missing-field", "entry 'classifier.bias' lacks 'dtype'" },
            { "git-lfs-pointer", "model.safetensors is a Git LFS pointer, not the weights: run git lfs pull" },
            {
                "pickle-only",
                "found pytorch_model.bin but no model.safetensors; pickle files are not read because they can run code: convert to safetensors"
            },
            { "no-weights", "no model.safetensors, model.safetensors.index.json in " },
            { "missing-tensor", "weights lack 'classifier.bias' (needed by BertForSequenceClassification)" },
            {
                "missing-layer",
                "weights lack 16 tensors of encoder layer 1 (first: 'bert.encoder.layer.1.attention.self.query.weight'); config num_hidden_layers=2"
            },
            { "shape-vs-config", "'bert.embeddings.word_embeddings.weight' is [24,8], config wants [24,12]" },
            { "transposed-weight", "'classifier.weight' is [8,2], expected [2,8] (transposed?)" },
            { "label-gap", "id2label must number labels 0..1 without gaps; found 0, 2" },
            { "nan-weight", "'bert.encoder.layer.0.output.dense.weight' contains NaN at [3,5]; outputs would be NaN" },
            { "config-empty", "config.json is empty" },
            { "config-array", "config.json must be a JSON object" },
            { "config-wrong-type", "config.json: hidden_size must be a positive integer, found \"eight\"" },
            {
                "config-unknown-architecture",
                "model_type 'xlnet' (XLNetForSequenceClassification) is not supported; supported: bert, distilbert, roberta, "
            },
            { "config-heads", "hidden_size 8 is not a multiple of num_attention_heads 3" },
            { "config-relative-positions", "position_embedding_type 'relative_key' is not supported" },
            { "config-deep-nesting", "config.json is nested too deeply" },
            { "vocab-missing", "no tokenizer found: vocab.txt or tokenizer.json needed" },
            {
                "vocab-longer-than-embedding",
                "vocab.txt has 30 tokens but the embedding has 24 rows: ids 24..29 would be out of range"
            },
            { "vocab-no-specials", "vocab.txt lacks [CLS], [SEP]" },
            { "tokenizer-json-invalid", null },
            { "shard-path-traversal", "shard name '../../secret.safetensors' leaves the model folder; refused" },
            { "shard-path-windows", "leaves the model folder; refused" },
            {
                "shard-tensor-not-in-shard",
                "'classifier.bias' is not in model-00001-of-00002.safetensors as the index says"
            },
            { "shard-index-no-weight-map", "model.safetensors.index.json has no weight_map" },
            { "ok-control", null },
            { "odd-config-bom", null },
            { "ok-vocab-crlf", null },
            { "ok-no-metadata", null },
            { "ok-no-final-newline", null },
            { "ok-both-single-and-index", null },
        };

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_broken_folder_is_refused_and_an_odd_one_answers_like_the_control(string name, string? refusal)
    {
        string folder = Shared.Require($"golden/malformed/{name}");
        if (refusal is not null)
        {
            ModelException exception = await Assert.ThrowsAsync<ModelException>(() =>
                ModelLoader.LoadAsync(folder, cancellation: Cancellation)
            );
            Assert.Contains(refusal, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', exception.Message);
            return;
        }
        string control = Shared.Require("golden/malformed/ok-control");
        using ITextClassifier sound = await ModelLoader.LoadAsync(control, cancellation: Cancellation);
        using ITextClassifier odd = await ModelLoader.LoadAsync(folder, cancellation: Cancellation);
        string[] texts = ["the movie was great", "", "a bad film ."];
        IReadOnlyList<Prediction> expected = await sound.PredictAsync(texts, cancellation: Cancellation);
        IReadOnlyList<Prediction> actual = await odd.PredictAsync(texts, cancellation: Cancellation);
        Assert.Equal(expected.SelectMany(p => p.Logits), actual.SelectMany(p => p.Logits));
        string notices = string.Join('\n', odd.Info.Notices);
        switch (name)
        {
            case "tokenizer-json-invalid":
                Assert.Contains("tokenizer.json is not valid JSON", notices, StringComparison.Ordinal);
                Assert.Contains("using vocab.txt", notices, StringComparison.Ordinal);
                break;
            case "ok-both-single-and-index":
                Assert.Contains("model.safetensors is used", notices, StringComparison.Ordinal);
                break;
            default:
                Assert.Empty(notices);
                break;
        }
    }

    [Fact]
    public void Every_folder_of_the_manifest_is_tried()
    {
        string manifest = File.ReadAllText(Shared.Require("golden/malformed/manifest.json"));
        using JsonDocument document = JsonDocument.Parse(manifest);
        Assert.Equal(
            document.RootElement.EnumerateArray().Select(e => e.GetProperty("folder").GetString()!).Order(),
            Folders().Select(row => row.Data.Item1).Order()
        );
    }
}
