using System.CommandLine;
using System.Text.Json;
using Whylight.Models;

namespace Whylight.Options;

/// <summary>Token ids given directly, as another program made them.</summary>
internal sealed class RawInputOptions
{
    private readonly Option<string?> _ids = new("--input-ids")
    {
        Description = "Token ids in place of text: a JSON array, or an array of arrays for several inputs",
        HelpName = "JSON",
    };

    private readonly Option<string?> _mask = new("--attention-mask")
    {
        Description = "With --input-ids: 1 where a token takes part, 0 for padding",
        HelpName = "JSON",
    };

    private readonly Option<string?> _types = new("--token-type-ids")
    {
        Description = "With --input-ids: the segment of each token",
        HelpName = "JSON",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_ids);
        command.Options.Add(_mask);
        command.Options.Add(_types);
    }

    /// <summary>The inputs given, or null where none are.</summary>
    /// <exception cref="UsageException">A value is no array of whole numbers, or the counts differ.</exception>
    public IReadOnlyList<EncodedInput>? Read(ParseResult parsed)
    {
        string? ids = parsed.GetValue(_ids);
        string? mask = parsed.GetValue(_mask);
        string? types = parsed.GetValue(_types);
        if (ids is null)
        {
            return mask is null && types is null
                ? null
                : throw new UsageException("--attention-mask and --token-type-ids need --input-ids");
        }
        List<int[]> rows = Rows(ids, "--input-ids");
        List<int[]>? masks = mask is null ? null : Rows(mask, "--attention-mask", rows.Count);
        List<int[]>? segments = types is null ? null : Rows(types, "--token-type-ids", rows.Count);
        return
        [
            .. rows.Select(
                (row, i) =>
                    new EncodedInput
                    {
                        Ids = row,
                        AttentionMask = masks?[i],
                        TypeIds = segments?[i],
                    }
            ),
        ];
    }

    private static List<int[]> Rows(string json, string option, int? expected = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            bool several = root.GetArrayLength() > 0 && root[0].ValueKind == JsonValueKind.Array;
            List<int[]> rows = several
                ? [.. root.EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())]
                :
                [
                    [.. root.EnumerateArray().Select(id => id.GetInt32())],
                ];
            return expected is null || rows.Count == expected
                ? rows
                : throw new UsageException($"{option} has {rows.Count} rows for {expected} inputs");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"{option} wants a JSON array of whole numbers, such as [101, 2023, 102]");
        }
    }
}
