using System.Collections.Concurrent;
using System.Text.Json;

namespace Whylight.Tests.Explanations.Game;

/// <summary>Golden cases of explanations, read by file and id.</summary>
internal static class Golden
{
    private static readonly ConcurrentDictionary<string, JsonElement[]> s_files = new();

    /// <summary>Ids of a kind in a file; one empty id, whose test skips, where the file is absent.</summary>
    public static TheoryData<string> Ids(string file, params string[] kinds)
    {
        TheoryData<string> ids = [];
        string path = Path.Combine(Shared.Root() ?? "shared", "golden", "explanations", file + ".json");
        if (!File.Exists(path))
        {
            ids.Add("absent");
            return ids;
        }
        foreach (JsonElement c in Read(path))
        {
            if (kinds.Contains(c.GetProperty("kind").GetString()))
            {
                ids.Add(c.GetProperty("id").GetString()!);
            }
        }
        return ids;
    }

    public static JsonElement Case(string file, string id)
    {
        string path = Shared.Require(Path.Combine("golden", "explanations", file + ".json"));
        return Read(path).Single(c => c.GetProperty("id").GetString() == id);
    }

    public static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(Number)];

    public static double Number(JsonElement x) =>
        x.ValueKind == JsonValueKind.String
            ? double.Parse(x.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
            : x.GetDouble();

    public static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetInt32())];

    public static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance,
                $"[{i}]: expected {expected[i]:R}, got {actual[i]:R}"
            );
        }
    }

    private static JsonElement[] Read(string path) =>
        s_files.GetOrAdd(
            path,
            p =>
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(p));
                return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
            }
        );
}
