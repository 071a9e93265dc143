using System.Text.Json;

namespace Whylight.Tests.Models;

/// <summary>A golden checkpoint folder and its expected values.</summary>
internal sealed class GoldenCheckpoint
{
    private GoldenCheckpoint(string folder)
    {
        Folder = folder;
        Expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json"))).RootElement;
        string? other = Expected.TryGetProperty("same_outputs_as", out JsonElement same) ? same.GetString() : null;
        Details = other is null
            ? Expected
            : JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, other))).RootElement;
    }

    public string Folder { get; }

    /// <summary>The folder's own expected.json.</summary>
    public JsonElement Expected { get; }

    /// <summary>The expected.json with details: the folder's own, or that of the model it is a copy of.</summary>
    public JsonElement Details { get; }

    public static GoldenCheckpoint Open(string name) => new(Shared.Require($"golden/checkpoints/{name}"));

    public static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetInt32())];

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetDouble())];

    /// <summary>All numbers of nested arrays in order.</summary>
    public static double[] Flatten(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray().SelectMany(Flatten)] : [array.GetDouble()];

    public static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance,
                $"[{i}]: expected {expected[i]:R}, got {actual[i]:R}, tolerance {tolerance:R}"
            );
        }
    }
}
