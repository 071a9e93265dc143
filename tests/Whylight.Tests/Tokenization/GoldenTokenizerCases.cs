using System.Collections.Concurrent;
using System.Text.Json;

namespace Whylight.Tests.Tokenization;

/// <summary>The golden tokenizer cases, read once a file.</summary>
internal static class GoldenTokenizerCases
{
    private static readonly ConcurrentDictionary<string, JsonElement> Files = new();

    /// <summary>Case numbers of a golden file; one placeholder where the shared material is absent, so that the theory skips.</summary>
    public static TheoryData<int> Numbers(string file)
    {
        TheoryData<int> data = [];
        string? root = Shared.Root();
        string path = Path.Combine(root ?? "", "golden", "tokenizers", file);
        if (root is null || !File.Exists(path))
        {
            data.Add(0);
            return data;
        }
        int count = Read(path).GetProperty("cases").GetArrayLength();
        for (int i = 0; i < count; i++)
        {
            data.Add(i);
        }
        return data;
    }

    public static JsonElement Case(string file, int number) =>
        Read(Shared.Require(Path.Combine("golden", "tokenizers", file))).GetProperty("cases")[number];

    public static string PathOf(string name) => Shared.Require(Path.Combine("golden", "tokenizers", name));

    public static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt32())];

    public static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetString()!)];

    public static (int, int)[] Ranges(JsonElement array) =>
        [.. array.EnumerateArray().Select(e => (e[0].GetInt32(), e[1].GetInt32()))];

    private static JsonElement Read(string path) =>
        Files.GetOrAdd(
            path,
            p =>
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(p));
                return document.RootElement.Clone();
            }
        );
}
