using System.IO.Compression;
using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Tests.Models;

public class ModuleClassifierTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    // The README's example; the test below holds its text to the README's, so what users read is what is compiled here.
    [Fact]
    public async Task The_example_of_the_readme_runs()
    {
        using TemporaryFolder temporary = new();
        string folder = temporary.Path;
        await File.WriteAllLinesAsync(Path.Combine(folder, "vocab.txt"), TinyModels.Words, Cancellation);
        random.manual_seed(3);
#pragma warning disable xUnit1051 // Readers need no cancellation in their first dozen lines.
        // begin
        Tokenizer tokenizer = TokenizerLoader.Load(folder);
        nn.Module<Tensor, Tensor> embedding = nn.Embedding(tokenizer.VocabularySize, 16);
        nn.Module<Tensor, Tensor> head = nn.Linear(16, 2);
        using ModuleClassifier model = await ModuleClassifier.CreateAsync(
            "mine",
            ["negative", "positive"],
            tokenizer,
            nn.ModuleList(embedding, head),
            embed: ids => embedding.forward(ids),
            logits: (words, mask) => head.forward((words * mask.unsqueeze(-1)).sum(1)),
            masks: true
        );
        Prediction prediction = (await model.PredictAsync(["a great film"]))[0];
        // end
#pragma warning restore xUnit1051
        Assert.Equal(2, prediction.Logits.Count);
        Assert.Equal(1, prediction.Probabilities.Sum(), 9);
        Assert.Contains(prediction.Label, model.Info.Labels);
    }

    [Fact]
    public void The_example_of_the_readme_is_the_one_that_is_compiled()
    {
        string source = File.ReadAllText(Here()).ReplaceLineEndings("\n");
        int begin = source.IndexOf("// begin\n", StringComparison.Ordinal) + "// begin\n".Length;
        int end = source.IndexOf("        // end\n", StringComparison.Ordinal);
        string[] lines = [.. source[begin..end].Split('\n').Select(l => l.Length > 8 ? l[8..] : "")];
        string example = string.Join('\n', lines).TrimEnd();
        Assert.InRange(example.Split('\n').Length, 10, 16);
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", ".."));
        string readme = File.ReadAllText(Path.Combine(root, "server", "Whylight.Models", "README.md"));
        Assert.Contains("```csharp\n" + example + "\n```", readme.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        static string Here([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
    }

    // The same model for tests that look inside it.
    private static async Task<(ModuleClassifier, Embedding, Linear)> ExampleAsync(bool masks = true)
    {
        Tokenizer tokenizer = TinyModels.WordPiece();
        random.manual_seed(3);
        Embedding embedding = nn.Embedding(tokenizer.VocabularySize, 16);
        Linear head = nn.Linear(16, 2);
        ModuleClassifier model = await ModuleClassifier.CreateAsync(
            "mine",
            ["negative", "positive"],
            tokenizer,
            nn.ModuleList<nn.Module>(embedding, head),
            embed: ids => embedding.forward(ids),
            logits: (words, mask) => head.forward((words * mask.unsqueeze(-1)).sum(1)),
            masks: masks,
            cancellation: Cancellation
        );
        return (model, embedding, head);
    }

    [Fact]
    public async Task A_users_module_predicts_and_answers_coalitions()
    {
        (ModuleClassifier model, Embedding embedding, Linear head) = await ExampleAsync();
        using ModuleClassifier owner = model;
        TokenizedText text = model.Tokenize("a great film");
        bool[] present = [.. text.Tokens.Select(t => t.Text != "great")];
        double[] masked = (
            await model.EvaluateAsync(text, [present], Absence.AttentionMasked, cancellation: Cancellation)
        )[0];
        double[] deleted = (await model.EvaluateAsync(text, [present], Absence.Deleted, cancellation: Cancellation))[0];
        // A bag of words cannot tell a masked word from a deleted one.
        GoldenCheckpoint.AssertClose(deleted, masked, 1e-6);
        Prediction prediction = (await model.PredictAsync(["a great film"], cancellation: Cancellation))[0];
        double[] expected = await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor ids = tensor(text.Tokens.Select(t => (long)t.Id).ToArray(), 1, text.Tokens.Count);
                Tensor logits = head.forward(embedding.forward(ids).sum(1));
                return logits.detach().to(ScalarType.Float64).flatten().data<double>().ToArray();
            },
            Cancellation
        );
        GoldenCheckpoint.AssertClose(expected, [.. prediction.Logits], 1e-6);
        Assert.NotEqual(prediction.Logits, masked);
    }

    [Fact]
    public async Task Gradients_reach_a_users_module_and_relevance_rules_are_refused()
    {
        (ModuleClassifier model, _, Linear head) = await ExampleAsync();
        using ModuleClassifier owner = model;
        TokenizedText text = model.Tokenize("a great film");
        await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            token =>
            {
                using DisposeScope scope = NewDisposeScope();
                NetworkInput input = model.Prepare(text);
                Tensor leaf = model.Network.Embed(input.Ids!).detach().clone().requires_grad_(true);
                NetworkInput embedded = input with { Ids = null, Embeddings = leaf };
                model.Network.Forward(embedded, PropagationRules.Plain, token)[0, 1].backward();
                Assert.Equal(head.weight![1].data<float>().ToArray(), leaf.grad![0, 2].data<float>().ToArray());
                ModelException refusal = Assert.Throws<ModelException>(() =>
                    model.Network.Forward(embedded, new OtherRules(), token)
                );
                Assert.Contains("integrated-gradients", refusal.Message, StringComparison.Ordinal);
                return true;
            },
            Cancellation
        );
    }

    private sealed class OtherRules : PropagationRules;

    [Fact]
    public async Task A_TorchScript_folder_answers_when_trusted_and_only_then()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "vocab.txt"),
            string.Join('\n', TinyModels.Words),
            Cancellation
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "config.json"),
            "{\"model_type\":\"torchscript\",\"id2label\":{\"0\":\"short\",\"1\":\"long\"}}",
            Cancellation
        );
        WriteScript(Path.Combine(folder.Path, "model.pt"));
        ModelException refusal = await Assert.ThrowsAsync<ModelException>(() =>
            ModelLoader.LoadAsync(folder.Path, cancellation: Cancellation)
        );
        Assert.Contains("workspace that you trust", refusal.Message, StringComparison.Ordinal);
        using ITextClassifier model = await ModelLoader.LoadAsync(folder.Path, new() { Trusted = true }, Cancellation);
        // Logits are the sums of present ids and of the mask: [CLS] great film [SEP].
        IReadOnlyList<Prediction> predictions = await model.PredictAsync(
            ["great film", "great"],
            cancellation: Cancellation
        );
        Assert.Equal([2.0 + 11 + 8 + 3, 4.0], predictions[0].Logits);
        Assert.Equal([2.0 + 11 + 3, 3.0], predictions[1].Logits);
        TokenizedText text = model.Tokenize("great film");
        double[] masked = (
            await model.EvaluateAsync(
                text,
                [
                    [true, false, true, true],
                ],
                Absence.AttentionMasked,
                cancellation: Cancellation
            )
        )[0];
        Assert.Equal([2.0 + 8 + 3, 3.0], masked);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "model.pt"), "no archive", Cancellation);
        await Assert.ThrowsAsync<ModelException>(() =>
            ModelLoader.LoadAsync(folder.Path, new() { Trusted = true }, Cancellation)
        );
    }

    // A TorchScript archive by hand: its code as text, and a pickled object without weights.
    private static void WriteScript(string path)
    {
        const string Code = """
            class Plus(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Plus,
                ids: Tensor,
                mask: Tensor) -> Tensor:
                a = torch.sum(torch.mul(ids, mask), [1])
                b = torch.sum(mask, [1])
                return torch.to(torch.stack([a, b], 1), 6)

            """;
        byte[] data = [0x80, 0x02, .. "c__torch__\nPlus\n"u8, .. Pickled()];
        using ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create);
        Add("archive/data.pkl", data);
        Add("archive/code/__torch__.py", Encoding.UTF8.GetBytes(Code.ReplaceLineEndings("\n")));
        Add("archive/constants.pkl", [0x80, 0x02, (byte)')', (byte)'.']);
        Add("archive/version", "3\n"u8.ToArray());

        void Add(string name, byte[] bytes)
        {
            using Stream entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(bytes);
        }
        // No arguments, a new object, a state of one attribute: training = False.
        static byte[] Pickled() =>
            [
                (byte)')',
                0x81,
                (byte)'}',
                (byte)'(',
                (byte)'X',
                8,
                0,
                0,
                0,
                .. "training"u8,
                0x89,
                (byte)'u',
                (byte)'b',
                (byte)'.',
            ];
    }
}
