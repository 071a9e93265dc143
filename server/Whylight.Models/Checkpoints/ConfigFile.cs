using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Whylight.Models.Checkpoints;

/// <summary>A JSON file of a model folder, read with errors that name the file, the key and what was found.</summary>
internal sealed class ConfigFile
{
    private const long MaximumLength = 64L << 20;
    private readonly JsonElement _root;
    private readonly string _prefix;

    private ConfigFile(string file, JsonElement root, string prefix)
    {
        File = file;
        _root = root;
        _prefix = prefix;
    }

    /// <summary>The file's name without its folder.</summary>
    public string File { get; }

    /// <summary>The JSON object itself.</summary>
    public JsonElement Root => _root;

    /// <summary>Reads a file; a byte order mark is allowed.</summary>
    /// <exception cref="ModelException">Missing, empty, not UTF-8, not JSON, nested too deeply, or not an object.</exception>
    public static ConfigFile Read(string path)
    {
        string file = Path.GetFileName(path);
        byte[] bytes;
        try
        {
            if (PlainFile.Length(path) > MaximumLength)
            {
                throw new ModelException($"{file} is larger than 64 MB, which no configuration is");
            }
            bytes = PlainFile.Bytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(
                exception is FileNotFoundException or DirectoryNotFoundException
                    ? $"no {file} in the model folder"
                    : $"{file} cannot be opened: {exception.Message}",
                exception
            );
        }
        return Parse(file, bytes);
    }

    /// <summary>Parses a file's bytes.</summary>
    public static ConfigFile Parse(string file, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[3..];
        }
        if (bytes.Length == 0)
        {
            throw new ModelException($"{file} is empty");
        }
        if (SafetensorsHeader.OtherFormat(bytes.Span[..Math.Min(64, bytes.Length)]) is string other)
        {
            throw new ModelException($"{file} {other.Replace("the weights", "the file", StringComparison.Ordinal)}");
        }
        if (PlainFile.OtherEncoding(bytes.Span) is string encoding)
        {
            throw new ModelException($"{file} {encoding}");
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ModelException($"{file} must be a JSON object");
            }
            ReadAllText(document.RootElement);
            return new ConfigFile(file, document.RootElement.Clone(), "");
        }
        catch (JsonException exception)
        {
            if (exception.Message.Contains("depth", StringComparison.OrdinalIgnoreCase))
            {
                throw new ModelException($"{file} is nested too deeply", exception);
            }
            throw new ModelException($"{file} is not valid JSON ({Place(bytes.Span, exception)})", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException($"{file} holds text that is not valid UTF-8", exception);
        }
    }

    // The line by its number and by what it says, of a long line what stands around the place.
    private static string Place(ReadOnlySpan<byte> bytes, JsonException exception)
    {
        long number = exception.LineNumber ?? 0;
        ReadOnlySpan<byte> rest = bytes;
        for (long i = 0; i < number && rest.IndexOf((byte)'\n') is >= 0 and int end; i++)
        {
            rest = rest[(end + 1)..];
        }
        ReadOnlySpan<byte> line = rest.IndexOf((byte)'\n') is >= 0 and int length ? rest[..length] : rest;
        int at = (int)Math.Clamp(exception.BytePositionInLine ?? 0, 0, line.Length);
        ReadOnlySpan<byte> around =
            line.Length <= 100 ? line : line[Math.Max(0, at - 50)..Math.Min(line.Length, at + 20)];
        // A window may cut a character; half of one is no news.
        string text = Encoding.UTF8.GetString(around).Trim().Trim('\uFFFD');
        return $"line {number + 1}" + (text.Length > 0 ? $": {FileText.Quote(text)}" : "");
    }

    // Text that is not valid Unicode fails only when it is looked at: look at all of it now.
    private static void ReadAllText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    ReadAllText(item);
                }
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadAllText(property.Value);
                }
                break;
        }
    }

    /// <summary>The value of the first of some alternative keys that is present and not null.</summary>
    public JsonElement? Find(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (_root.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return value;
            }
        }
        return null;
    }

    /// <summary>A nested object, or null where the key is absent or null.</summary>
    public ConfigFile? Object(string key)
    {
        if (Find(key) is not JsonElement value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Object
            ? new ConfigFile(File, value, _prefix + key + ".")
            : throw Wrong(key, "a JSON object", value);
    }

    /// <summary>A whole number from <paramref name="minimum"/> to 2^31 - 1; the first key present counts.</summary>
    public int Integer(int fallback, int minimum, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (Find(key) is JsonElement value)
            {
                string wanted = minimum switch
                {
                    > 0 => "a positive integer",
                    0 => "a whole number, 0 or more",
                    _ => "a whole number",
                };
                if (value.ValueKind != JsonValueKind.Number)
                {
                    throw Wrong(key, wanted, value);
                }
                // 32.0 is an integer in JSON's eyes; Python writers make such numbers now and then.
                return
                    value.TryGetDouble(out double number)
                    && number == Math.Floor(number)
                    && number >= minimum
                    && number <= int.MaxValue
                    ? (int)number
                    : throw Wrong(key, wanted, value);
            }
        }
        return fallback;
    }

    /// <summary>A finite number, greater than 0 where <paramref name="positive"/> is set; null where the key is absent.</summary>
    public double? Number(string key, bool positive = false)
    {
        if (Find(key) is not JsonElement value)
        {
            return null;
        }
        return
            value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out double number)
            && double.IsFinite(number)
            && (!positive || number > 0)
            ? number
            : throw Wrong(key, positive ? "a positive number" : "a finite number", value);
    }

    /// <summary>A list of finite numbers, or null where the key is absent.</summary>
    public IReadOnlyList<double>? Numbers(string key)
    {
        if (Find(key) is not JsonElement value)
        {
            return null;
        }
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(key, "a list of numbers", value);
        }
        List<double> numbers = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            numbers.Add(
                item.ValueKind == JsonValueKind.Number
                && item.TryGetDouble(out double number)
                && double.IsFinite(number)
                    ? number
                    : throw Wrong(key, "a list of numbers", item)
            );
        }
        return numbers;
    }

    /// <summary>True or false.</summary>
    public bool Flag(bool fallback, string key) =>
        Find(key) switch
        {
            null => fallback,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { } value => throw Wrong(key, "true or false", value),
        };

    /// <summary>A text, or null where the key is absent.</summary>
    public string? Text(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (Find(key) is JsonElement value)
            {
                return value.ValueKind == JsonValueKind.String ? String(value) : throw Wrong(key, "text", value);
            }
        }
        return null;
    }

    /// <summary>The first entry of a list of texts, or null.</summary>
    public string? FirstText(string key)
    {
        if (Find(key) is not JsonElement value)
        {
            return null;
        }
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(key, "a list of texts", value);
        }
        foreach (JsonElement item in value.EnumerateArray())
        {
            return item.ValueKind == JsonValueKind.String ? String(item) : throw Wrong(key, "a list of texts", value);
        }
        return null;
    }

    /// <summary>A token id that the embedding must have a row for; null where the key is absent, null or -1.</summary>
    public int? VocabularyId(string key, int vocabulary)
    {
        if (Find(key) is null)
        {
            return null;
        }
        int id = Integer(-1, -1, key);
        return id < vocabulary
            ? id < 0
                ? null
                : id
            : throw new ModelException($"{File}: {key} {id} is outside the vocabulary of {vocabulary}");
    }

    /// <summary>One token id or a list of them; empty where the key is absent or null. Ids without a row are noted and left out.</summary>
    public IReadOnlyList<int> TokenIds(string key, int vocabulary, List<string> notices)
    {
        IReadOnlyList<int> ids = TokenIds(key);
        foreach (int id in ids.Where(i => i >= vocabulary))
        {
            notices.Add($"{File}: {key} {id} is outside the vocabulary of {vocabulary} and is not used");
        }
        return [.. ids.Where(i => i < vocabulary)];
    }

    private IReadOnlyList<int> TokenIds(string key)
    {
        if (Find(key) is not JsonElement value)
        {
            return [];
        }
        List<int> ids = [];
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        foreach (JsonElement item in items)
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int id))
            {
                throw Wrong(key, "a token id", item);
            }
            // Some configurations write -1 for "none".
            if (id >= 0)
            {
                ids.Add(id);
            }
        }
        return ids;
    }

    /// <summary>
    /// The labels in index order: <c>id2label</c>, else <c>label2id</c>, else <c>num_labels</c> names LABEL_0 …, else two of them.
    /// </summary>
    /// <exception cref="ModelException">Gaps, repeated names, or names that are no text.</exception>
    public IReadOnlyList<string> Labels(List<string> notices)
    {
        const int Most = 100_000;
        int? stated = Find("num_labels") is null ? null : Integer(2, 1, "num_labels");
        if (Find("id2label") is not JsonElement map)
        {
            if (Find("label2id") is JsonElement names)
            {
                return Inverted(names, stated);
            }
            int count = stated ?? 2;
            return count <= Most
                ? [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")]
                : throw new ModelException($"{File}: num_labels {count} is more than {Most}");
        }
        if (map.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("id2label", "a JSON object from index to label", map);
        }
        SortedDictionary<int, string> labels = [];
        foreach (JsonProperty property in map.EnumerateObject())
        {
            if (
                !int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                || labels.Count >= Most
            )
            {
                throw new ModelException(
                    $"{File}: id2label has the key {FileText.Quote(property.Name)}, which is no label index"
                );
            }
            string label = property.Value.ValueKind switch
            {
                JsonValueKind.String => String(property.Value),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => property.Value.GetRawText(),
                _ => throw Wrong("id2label", "a JSON object from index to label", property.Value),
            };
            if (!labels.TryAdd(index, label))
            {
                throw new ModelException($"{File}: id2label has index {index} twice");
            }
        }
        if (labels.Count == 0 || labels.Keys.Last() != labels.Count - 1)
        {
            string found = string.Join(", ", labels.Keys.Take(12)) + (labels.Count > 12 ? " …" : "");
            throw new ModelException(
                $"{File}: id2label must number labels 0..{Math.Max(0, labels.Count - 1)} without gaps; found {(found.Length == 0 ? "none" : found)}"
            );
        }
        IGrouping<string, string>? repeated = labels
            .Values.GroupBy(l => l, StringComparer.Ordinal)
            .FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null)
        {
            throw new ModelException($"{File}: id2label names the label {FileText.Quote(repeated.Key)} twice");
        }
        if (stated is int number && number != labels.Count)
        {
            notices.Add($"{File}: num_labels is {number} but id2label names {labels.Count} labels; id2label counts");
        }
        NoteInverse(labels, notices);
        return [.. labels.Values];
    }

    // Some writers leave out the map that counts and keep its inverse.
    private List<string> Inverted(JsonElement names, int? stated)
    {
        const string Wanted = "a JSON object from label to index";
        if (names.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("label2id", Wanted, names);
        }
        SortedDictionary<int, string> labels = [];
        foreach (JsonProperty property in names.EnumerateObject())
        {
            if (
                property.Value.ValueKind != JsonValueKind.Number
                || !property.Value.TryGetInt32(out int index)
                || !labels.TryAdd(index, property.Name)
            )
            {
                throw Wrong("label2id", Wanted + ", each index once", property.Value);
            }
        }
        if (labels.Count == 0 || labels.Keys.First() != 0 || labels.Keys.Last() != labels.Count - 1)
        {
            throw new ModelException(
                $"{File}: label2id must number labels 0..{Math.Max(0, labels.Count - 1)} without gaps; found {string.Join(", ", labels.Keys.Take(12))}"
            );
        }
        if (stated is int number && number != labels.Count)
        {
            throw new ModelException(
                $"{File}: num_labels is {number} but label2id names {labels.Count} labels; add id2label"
            );
        }
        return [.. labels.Values];
    }

    // The inverse map is not read where the map itself is there, but one that says something else is worth a word.
    private void NoteInverse(SortedDictionary<int, string> labels, List<string> notices)
    {
        if (Find("label2id") is not { ValueKind: JsonValueKind.Object } inverse)
        {
            return;
        }
        foreach (JsonProperty property in inverse.EnumerateObject())
        {
            bool agrees =
                property.Value.ValueKind == JsonValueKind.Number
                && property.Value.TryGetInt32(out int index)
                && labels.TryGetValue(index, out string? label)
                && label == property.Name;
            if (!agrees)
            {
                notices.Add(
                    $"{File}: label2id places {FileText.Quote(property.Name)} elsewhere than id2label does; id2label counts"
                );
                return;
            }
        }
    }

    /// <summary>An error about a key of this file.</summary>
    public ModelException Wrong(string key, string wanted, JsonElement found)
    {
        string raw = found.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "\"" + FileText.Quote(String(found))[1..^1] + "\"",
            _ => FileText.Quote(found.GetRawText())[1..^1],
        };
        return new ModelException($"{File}: {_prefix}{key} must be {wanted}, found {raw}");
    }

    private string String(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException($"{File} holds text that is not valid UTF-8", exception);
        }
    }
}
