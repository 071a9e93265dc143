using System.Buffers.Binary;
using System.Text.Json.Nodes;
using TorchSharp;
using Whylight.Models;
using Whylight.Models.Checkpoints;
using Whylight.Models.Families;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

/// <summary>Weights in a mapped file are the same numbers as copied ones, and outlive everything but themselves.</summary>
public class WeightMappingTests
{
    private const string Weights = "model.safetensors";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private static readonly EncodedInput s_input = new() { Ids = [2, 7, 9, 15, 3] };

    private static string Write(TemporaryFolder folder)
    {
        const string Config =
            "{\"model_type\":\"bert\",\"architectures\":[\"BertForSequenceClassification\"],\"vocab_size\":30,\"hidden_size\":16,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"intermediate_size\":24,\"max_position_embeddings\":40}";
        SlowTransformer twin = new((JsonObject)JsonNode.Parse(Config)!, 5);
        twin.Encoder([2, 3]);
        twin.Write(folder.Path, TinyModels.Words);
        return Path.Combine(folder.Path, Weights);
    }

    private static async Task<TransformerClassifier> LoadAsync(string file, WeightStorage storage) =>
        (TransformerClassifier)
            await ModelLoader.LoadAsync(Path.GetDirectoryName(file)!, new() { Weights = storage }, Cancellation);

    private static Task<Dictionary<string, byte[]>> BytesAsync(TransformerClassifier model) =>
        model.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ => model.Network.Parameters.ToDictionary(p => p.Key, p => p.Value.bytes.ToArray()),
            Cancellation
        );

    private static async Task<IReadOnlyList<double>> LogitsAsync(ITextClassifier model) =>
        (await model.PredictEncodedAsync([s_input], cancellation: Cancellation))[0].Logits;

    [Fact]
    public async Task Mapped_and_copied_weights_are_the_same_bytes_and_give_the_same_answers()
    {
        using TemporaryFolder folder = new();
        string file = Write(folder);
        using TransformerClassifier copied = await LoadAsync(file, WeightStorage.Copied);
        int before = WeightMapping.LiveTensors;
        TransformerClassifier mapped = await LoadAsync(file, WeightStorage.Mapped);
        // All of them lie in the file: nothing was copied behind our back.
        Assert.Equal(before + copied.Network.Parameters.Count, WeightMapping.LiveTensors);
        Dictionary<string, byte[]> expected = await BytesAsync(copied);
        Dictionary<string, byte[]> actual = await BytesAsync(mapped);
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
        Assert.Equal(await LogitsAsync(copied), await LogitsAsync(mapped));
        Assert.Equal(copied.Info.Hash, mapped.Info.Hash);
        mapped.Dispose();
        Assert.Equal(before, WeightMapping.LiveTensors);
    }

    [Fact]
    public async Task A_mapped_file_can_be_replaced_and_removed_and_is_never_written()
    {
        using TemporaryFolder folder = new();
        string file = Write(folder);
        byte[] original = await File.ReadAllBytesAsync(file, Cancellation);
        using TransformerClassifier model = await LoadAsync(file, WeightStorage.Mapped);
        IReadOnlyList<double> logits = await LogitsAsync(model);
        string other = file + ".new";
        await File.WriteAllTextAsync(other, "something else", Cancellation);
        if (!OperatingSystem.IsWindows())
        {
            File.Move(other, file, overwrite: true);
            Assert.Equal(logits, await LogitsAsync(model));
            File.Delete(file);
            Assert.Equal(logits, await LogitsAsync(model));
            await File.WriteAllBytesAsync(file, original, Cancellation);
        }
        // Training in place reaches this process's pages only.
        using TransformerClassifier trained = await LoadAsync(file, WeightStorage.Mapped);
        await trained.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using IDisposable noGradient = no_grad();
                trained.Network.Parameters.Single(p => p.Key == "classifier.bias").Value.add_(1);
                return true;
            },
            Cancellation
        );
        GoldenCheckpoint.AssertClose([.. logits.Select(l => l + 1)], await LogitsAsync(trained), 1e-5);
        Assert.Equal(original, await File.ReadAllBytesAsync(file, Cancellation));
    }

    [Fact]
    public async Task A_tensor_keeps_its_pages_when_file_and_checkpoint_are_gone()
    {
        using TemporaryFolder folder = new();
        string file = Write(folder);
        await InferenceScheduler.Shared.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using DisposeScope scope = NewDisposeScope();
                SafetensorsFile open = SafetensorsFile.Open(file);
                TensorEntry entry = open.Find("classifier.weight")!;
                Tensor copied = open.Read(entry, ScalarType.Float32);
                Tensor mapped = open.Read(entry, ScalarType.Float32, mapped: true);
                Tensor view = mapped.t();
                open.Dispose();
                mapped.Dispose();
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Assert.Equal(
                    copied.t().contiguous().data<float>().ToArray(),
                    view.contiguous().data<float>().ToArray()
                );
                return true;
            },
            Cancellation
        );
    }

    [Fact]
    public async Task What_cannot_be_mapped_is_copied_and_what_is_not_finite_is_found()
    {
        using TemporaryFolder folder = new();
        string file = Write(folder);
        byte[] original = await File.ReadAllBytesAsync(file, Cancellation);
        using TransformerClassifier copied = await LoadAsync(file, WeightStorage.Copied);
        IReadOnlyList<double> logits = await LogitsAsync(copied);
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(original);

        // One byte more in the header: no number lies at a multiple of its size any more.
        byte[] odd = [.. original[..(8 + header)], (byte)' ', .. original[(8 + header)..]];
        BinaryPrimitives.WriteUInt64LittleEndian(odd, (ulong)header + 1);
        await File.WriteAllBytesAsync(file, odd, Cancellation);
        int before = WeightMapping.LiveTensors;
        using (TransformerClassifier unaligned = await LoadAsync(file, WeightStorage.Mapped))
        {
            Assert.Equal(before, WeightMapping.LiveTensors);
            Assert.Equal(logits, await LogitsAsync(unaligned));
        }
        using (
            ITextClassifier wide = await ModelLoader.LoadAsync(
                folder.Path,
                new() { Weights = WeightStorage.Mapped, Precision = Precision.Bits64 },
                Cancellation
            )
        )
        {
            Assert.Equal(before, WeightMapping.LiveTensors);
            GoldenCheckpoint.AssertClose([.. logits], await LogitsAsync(wide), 1e-5);
        }
        byte[] damaged = (byte[])original.Clone();
        BinaryPrimitives.WriteSingleLittleEndian(damaged.AsSpan(damaged.Length - 4), float.NaN);
        await File.WriteAllBytesAsync(file, damaged, Cancellation);
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() => LoadAsync(file, WeightStorage.Mapped));
        Assert.Contains("contains NaN at [", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, WeightMapping.LiveTensors);
    }
}
