using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Whylight.Harness.Snapshots;

/// <summary>Finds what differs between a verified and a received snapshot, numbers within their tolerance aside.</summary>
internal static partial class SnapshotComparer
{
    /// <summary>At most this many differences are told; the rest are counted.</summary>
    private const int MostDifferences = 20;

    /// <summary>The differences, each in a line; empty where the snapshots agree.</summary>
    public static IReadOnlyList<string> Differences(string verified, string received, bool json, SnapshotRules rules)
    {
        List<string> differences = [];
        if (json)
        {
            using JsonDocument? before = Parse(verified);
            using JsonDocument? after = Parse(received);
            if (before is not null && after is not null)
            {
                Compare(before.RootElement, after.RootElement, "", rules, differences);
                return Shorten(differences);
            }
            // A snapshot that is not JSON any more is compared as the text it is.
        }
        CompareText(verified, received, rules, differences);
        return Shorten(differences);
    }

    private static IReadOnlyList<string> Shorten(List<string> differences) =>
        differences.Count <= MostDifferences
            ? differences
            : [.. differences.Take(MostDifferences), $"and {differences.Count - MostDifferences} more"];

    private static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Compare(
        JsonElement verified,
        JsonElement received,
        string path,
        SnapshotRules rules,
        List<string> differences
    )
    {
        if (rules.Ignores(path))
        {
            return;
        }
        string where = path.Length == 0 ? "the document" : path;
        if (verified.ValueKind != received.ValueKind)
        {
            differences.Add($"{where}: verified {Show(verified)}, received {Show(received)}");
            return;
        }
        switch (verified.ValueKind)
        {
            case JsonValueKind.Object:
                CompareObjects(verified, received, path, rules, differences);
                break;
            case JsonValueKind.Array:
                if (verified.GetArrayLength() != received.GetArrayLength())
                {
                    differences.Add(
                        $"{where}: verified {verified.GetArrayLength()} entries, received {received.GetArrayLength()}"
                    );
                }
                int index = 0;
                foreach ((JsonElement a, JsonElement b) in verified.EnumerateArray().Zip(received.EnumerateArray()))
                {
                    Compare(
                        a,
                        b,
                        string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"),
                        rules,
                        differences
                    );
                }
                break;
            case JsonValueKind.Number:
                NumericTolerance tolerance = rules.ToleranceOf(path);
                if (!tolerance.Holds(verified.GetDouble(), received.GetDouble()))
                {
                    differences.Add(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{where}: verified {verified.GetRawText()}, received {received.GetRawText()} (tolerance {tolerance.Absolute} + {tolerance.Relative} relative)"
                        )
                    );
                }
                break;
            case JsonValueKind.String:
                if (verified.GetString() != received.GetString())
                {
                    differences.Add($"{where}: verified {Show(verified)}, received {Show(received)}");
                }
                break;
        }
    }

    private static void CompareObjects(
        JsonElement verified,
        JsonElement received,
        string path,
        SnapshotRules rules,
        List<string> differences
    )
    {
        foreach (JsonProperty property in verified.EnumerateObject())
        {
            string inner = Join(path, property.Name);
            if (received.TryGetProperty(property.Name, out JsonElement other))
            {
                Compare(property.Value, other, inner, rules, differences);
            }
            else if (!rules.Ignores(inner))
            {
                differences.Add($"{inner}: verified {Show(property.Value)}, received nothing");
            }
        }
        foreach (JsonProperty property in received.EnumerateObject())
        {
            string inner = Join(path, property.Name);
            if (!verified.TryGetProperty(property.Name, out _) && !rules.Ignores(inner))
            {
                differences.Add($"{inner}: verified nothing, received {Show(property.Value)}");
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;

    private static string Show(JsonElement element)
    {
        string text = element.GetRawText();
        return text.Length <= 80 ? text : text[..79] + "…";
    }

    private static void CompareText(string verified, string received, SnapshotRules rules, List<string> differences)
    {
        string[] before = verified.Split('\n');
        string[] after = received.Split('\n');
        for (int i = 0; i < Math.Max(before.Length, after.Length); i++)
        {
            string? a = i < before.Length ? before[i] : null;
            string? b = i < after.Length ? after[i] : null;
            if (a is null || b is null || !LinesAgree(a, b, rules.Tolerance))
            {
                differences.Add($"line {i + 1}: verified {Quote(a)}, received {Quote(b)}");
            }
        }
    }

    private static string Quote(string? line) => line is null ? "nothing" : $"'{line}'";

    /// <summary>Lines agree when their words do and their numbers lie within tolerance or one unit of the last place shown.</summary>
    private static bool LinesAgree(string a, string b, NumericTolerance tolerance)
    {
        if (a == b)
        {
            return true;
        }
        MatchCollection left = Number().Matches(a);
        MatchCollection right = Number().Matches(b);
        if (left.Count != right.Count || Number().Replace(a, "#") != Number().Replace(b, "#"))
        {
            return false;
        }
        return left.Zip(right)
            .All(pair =>
            {
                double x = double.Parse(pair.First.Value, CultureInfo.InvariantCulture);
                double y = double.Parse(pair.Second.Value, CultureInfo.InvariantCulture);
                int shown = Decimals(pair.First.Value);
                // A whole number is a count or a position: those are exact.
                bool exact = shown == 0 || shown != Decimals(pair.Second.Value) || tolerance == NumericTolerance.Exact;
                double unit = exact ? 0 : 1.000001 * Math.Pow(10, -shown);
                return Math.Abs(x - y) <= unit || (!exact && tolerance.Holds(x, y)) || x.Equals(y);
            });
    }

    private static int Decimals(string number)
    {
        int point = number.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? 0 : number.Length - point - 1;
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
