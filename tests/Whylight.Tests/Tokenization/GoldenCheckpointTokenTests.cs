using System.Text.Json;
using Whylight.Models.Tokenization;
using static Whylight.Tests.Tokenization.GoldenTokenizerCases;

namespace Whylight.Tests.Tokenization;

/// <summary>The tokens of the golden checkpoints' examples, through tokenizer.json and, where there are any, the older files.</summary>
public sealed class GoldenCheckpointTokenTests
{
    public static TheoryData<string, bool> Folders
    {
        get
        {
            TheoryData<string, bool> data = [];
            string? root = Shared.Root();
            if (root is null)
            {
                data.Add("bert-2lbl", false);
                return data;
            }
            foreach (
                string folder in Directory
                    .GetDirectories(Path.Combine(root, "golden", "checkpoints"))
                    .Order(StringComparer.Ordinal)
            )
            {
                data.Add(Path.GetFileName(folder), false);
                bool older =
                    File.Exists(Path.Combine(folder, "vocab.txt")) || File.Exists(Path.Combine(folder, "vocab.json"));
                if (older && File.Exists(Path.Combine(folder, "tokenizer.json")))
                {
                    data.Add(Path.GetFileName(folder), true);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Example_ids_match(string name, bool withoutTokenizerJson)
    {
        string source = Shared.Require(Path.Combine("golden", "checkpoints", name));
        using TemporaryFolder folder = new();
        foreach (string file in Directory.GetFiles(source))
        {
            bool wanted = Path.GetExtension(file) is ".json" or ".txt" && Path.GetFileName(file) != "expected.json";
            if (wanted && !(withoutTokenizerJson && Path.GetFileName(file) == "tokenizer.json"))
            {
                File.Copy(file, folder.At(Path.GetFileName(file)));
            }
        }
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "expected.json")));
        JsonElement examples = expected.RootElement.GetProperty("examples");
        Assert.NotEqual(0, examples.GetArrayLength());
        foreach (JsonElement example in examples.EnumerateArray())
        {
            string text = example.GetProperty("text").GetString()!;
            string? pair = example.TryGetProperty("text_pair", out JsonElement p) ? p.GetString() : null;
            var encoded = pair is null ? tokenizer.Encode(text) : tokenizer.Encode(text, pair);
            Assert.Equal(Ints(example.GetProperty("input_ids")), encoded.Tokens.Select(t => t.Id));
            if (example.TryGetProperty("tokens", out JsonElement tokens))
            {
                Assert.Equal(Strings(tokens), encoded.Tokens.Select(t => t.Text));
            }
            if (
                example.TryGetProperty("token_type_ids", out JsonElement types)
                && types.ValueKind == JsonValueKind.Array
            )
            {
                Assert.Equal(Ints(types), encoded.TypeIds ?? Enumerable.Repeat(0, encoded.Tokens.Count));
            }
        }
    }
}
