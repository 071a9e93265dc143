using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Tokenization;

/// <summary>The tokenizer files of a model folder, with limits on what is read.</summary>
internal sealed class TokenizerFolder
{
    public const string VocabText = "vocab.txt";
    public const string TokenizerConfig = "tokenizer_config.json";
    public const string VocabJson = "vocab.json";
    public const string MergesText = "merges.txt";
    public const string SentencePieceModel = "tokenizer.model";

    /// <summary>What ALBERT, T5 and XLNet call the same file.</summary>
    public const string SentencePieceModelOfT5 = "spiece.model";

    /// <summary>What XLM-RoBERTa and its like call theirs.</summary>
    public const string SentencePieceModelOfXlmRoberta = "sentencepiece.bpe.model";
    public const string AddedTokensFile = "added_tokens.json";
    public const string SpecialTokensMap = "special_tokens_map.json";

    /// <summary>The names special tokens go by in the configuration files.</summary>
    public static readonly string[] Roles =
    [
        "bos_token",
        "eos_token",
        "unk_token",
        "sep_token",
        "pad_token",
        "cls_token",
        "mask_token",
    ];

    /// <summary>The largest vocabularies in use take some 40 MB.</summary>
    private const long LargestFile = 512L << 20;

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );
    private readonly string folder;
    private readonly JsonElement? config;
    private readonly JsonElement? specialTokens;

    public TokenizerFolder(string folder)
    {
        this.folder = folder;
        config = ReadObject(TokenizerConfig);
        specialTokens = ReadObject(SpecialTokensMap);
    }

    public bool Has(string name) => File.Exists(Path.Combine(folder, name));

    /// <summary>`model_max_length` (in old files `max_len`); the huge number Hugging Face writes for "none" reads as null.</summary>
    /// <exception cref="ModelException">It is no number.</exception>
    public int? ModelMaxLength
    {
        get
        {
            const string name = "model_max_length";
            JsonElement? value = Setting(name) ?? Setting("max_len");
            return value is not JsonElement v ? null
                : v.ValueKind != JsonValueKind.Number
                    ? throw new ModelException($"{TokenizerConfig}: {name} must be a number, found {v.GetRawText()}")
                : v.GetDouble() is >= 1 and < 1e9 ? (int)v.GetDouble()
                : null;
        }
    }

    /// <summary>A side, left or right (`truncation_side`, `padding_side`): true for left.</summary>
    /// <exception cref="ModelException">It is neither.</exception>
    public bool IsLeft(string name) =>
        Setting(name) is not JsonElement value ? false
        : value.ValueKind == JsonValueKind.String && value.GetString() is "left" or "right"
            ? value.GetString() == "left"
        : throw new ModelException($"{TokenizerConfig}: {name} must be left or right, found {value.GetRawText()}");

    /// <summary>Whether the configuration has a setting, be it null.</summary>
    public bool Names(string name) => config is JsonElement c && c.TryGetProperty(name, out _);

    /// <summary>A whole number of the configuration, or null where it has none.</summary>
    /// <exception cref="ModelException">It is something else, or out of range.</exception>
    public int? Number(string name) =>
        Setting(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number is >= 0 and <= 100_000
            ? number
        : throw new ModelException(
            $"{TokenizerConfig}: {name} must be a whole number up to 100000, found {value.GetRawText()}"
        );

    /// <summary>`tokenizer_class`, or null.</summary>
    public string? TokenizerClass =>
        config is JsonElement c
        && c.TryGetProperty("tokenizer_class", out JsonElement value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>A true/false setting of `tokenizer_config.json`; null where absent or null.</summary>
    /// <exception cref="ModelException">The setting is something else.</exception>
    public bool? Flag(string name)
    {
        if (Setting(name) is not JsonElement value)
        {
            return null;
        }
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new ModelException(
                $"{TokenizerConfig}: {name} must be true, false or null, found {value.GetRawText()}"
            ),
        };
    }

    /// <summary>
    /// The text of a special token by its role, such as `cls_token`; null where no file names it. A configuration with
    /// `added_tokens_decoder` is of the newer form that needs no special_tokens_map.json and goes before it.
    /// </summary>
    public string? SpecialToken(string role) =>
        Names("added_tokens_decoder")
            ? Named(config, role) ?? Named(specialTokens, role)
            : Named(specialTokens, role) ?? Named(config, role);

    /// <summary>Special tokens without a role of their own: `additional_special_tokens`, in newer files `extra_special_tokens`.</summary>
    public IReadOnlyList<string> OtherSpecialTokens()
    {
        List<string> tokens = [];
        foreach (JsonElement? file in new[] { specialTokens, config })
        {
            foreach (string name in new[] { "additional_special_tokens", "extra_special_tokens" })
            {
                if (file is not JsonElement f || !f.TryGetProperty(name, out JsonElement value))
                {
                    continue;
                }
                IEnumerable<JsonElement> entries = value.ValueKind switch
                {
                    JsonValueKind.Array => value.EnumerateArray(),
                    JsonValueKind.Object => value.EnumerateObject().Select(p => p.Value),
                    _ => [],
                };
                tokens.AddRange(entries.Select(Content).OfType<string>().Where(t => t.Length > 0));
            }
        }
        return [.. tokens.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A special token with the flags its entry has, where the entry is an object.</summary>
    /// <param name="content">The token's text.</param>
    /// <param name="id">Its vocabulary row.</param>
    /// <param name="stripLeft">Whether it swallows white space before it where its entry says nothing.</param>
    public AddedToken Special(string content, int id, bool stripLeft = false)
    {
        foreach (JsonElement? file in new[] { config, specialTokens })
        {
            foreach (string role in Roles)
            {
                if (
                    file is JsonElement f
                    && f.TryGetProperty(role, out JsonElement entry)
                    && entry.ValueKind == JsonValueKind.Object
                    && Content(entry) == content
                )
                {
                    return new AddedToken(
                        id,
                        content,
                        Special: true,
                        Is(entry, "normalized"),
                        Is(entry, "single_word"),
                        Is(entry, "lstrip"),
                        Is(entry, "rstrip")
                    );
                }
            }
        }
        return new AddedToken(id, content, Special: true, StripLeft: stripLeft);
    }

    /// <summary>Tokens added to the vocabulary, from `added_tokens_decoder` of the configuration and from `added_tokens.json`.</summary>
    /// <exception cref="ModelException">An entry has no usable id, or two have the same.</exception>
    public List<AddedToken> AddedTokens()
    {
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        HashSet<string> special = [.. Roles.Select(SpecialToken).OfType<string>(), .. OtherSpecialTokens()];
        if (ReadObject(AddedTokensFile) is JsonElement added)
        {
            foreach (JsonProperty entry in added.EnumerateObject())
            {
                int? id =
                    entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out int value)
                        ? value
                        : null;
                bool isSpecial = special.Contains(entry.Name);
                tokens[entry.Name] = new AddedToken(
                    Row(id, AddedTokensFile, entry.Name),
                    entry.Name,
                    isSpecial,
                    Normalized: !isSpecial
                );
            }
        }
        if (
            config is JsonElement c
            && c.TryGetProperty("added_tokens_decoder", out JsonElement decoder)
            && decoder.ValueKind == JsonValueKind.Object
        )
        {
            foreach (JsonProperty entry in decoder.EnumerateObject())
            {
                if (Named(decoder, entry.Name) is string content)
                {
                    int? id = int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                        ? value
                        : null;
                    tokens[content] = new AddedToken(
                        Row(id, TokenizerConfig, content),
                        content,
                        Is(entry.Value, "special"),
                        Is(entry.Value, "normalized"),
                        Is(entry.Value, "single_word"),
                        Is(entry.Value, "lstrip"),
                        Is(entry.Value, "rstrip")
                    );
                }
            }
        }
        List<AddedToken> ordered = [.. tokens.Values.Where(t => t.Content.Length > 0).OrderBy(t => t.Id)];
        for (int i = 1; i < ordered.Count; i++)
        {
            if (ordered[i].Id == ordered[i - 1].Id)
            {
                throw new ModelException(
                    $"the added tokens '{ordered[i - 1].Content}' and '{ordered[i].Content}' both have the id {ordered[i].Id}; every token must have its own"
                );
            }
        }
        return ordered;
    }

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="ModelException">The file is too large or cannot be read.</exception>
    public byte[] ReadBytes(string name)
    {
        string path = Path.Combine(folder, name);
        try
        {
            long length = PlainFile.Length(path);
            return length <= LargestFile
                ? PlainFile.Bytes(path)
                : throw new ModelException(
                    $"{name} has {length} bytes, more than a tokenizer file can have ({LargestFile})"
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The text of a UTF-8 file, without byte order mark.</summary>
    /// <exception cref="ModelException">The file cannot be read or is not UTF-8.</exception>
    public string ReadText(string name)
    {
        byte[] bytes = ReadBytes(name);
        if (bytes.AsSpan().StartsWith("version https://git-lfs"u8))
        {
            // Said as of a file that is no JSON, so that another tokenizer file can stand in.
            throw new ModelException(
                $"{name} is a Git LFS pointer, not the file: run git lfs pull",
                new JsonException()
            );
        }
        try
        {
            string text = Strict.GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelException($"{name} is not UTF-8 (byte {e.Index}): save it as UTF-8", e);
        }
    }

    /// <summary>A JSON file.</summary>
    /// <exception cref="ModelException">The file cannot be read or is not valid JSON.</exception>
    public JsonElement ReadJson(string name)
    {
        string text = ReadText(name);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 64 });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ModelException($"{name} is not valid JSON (line {e.LineNumber + 1}): download it again", e);
        }
    }

    /// <summary>As <see cref="ReadJson"/>, telling a file that is no JSON from one that cannot be read at all.</summary>
    public bool TryReadJson(string name, out JsonElement root, [NotNullWhen(false)] out ModelException? broken)
    {
        try
        {
            root = ReadJson(name);
            broken = null;
            return true;
        }
        catch (ModelException e) when (e.InnerException is JsonException)
        {
            root = default;
            broken = e;
            return false;
        }
    }

    private JsonElement? ReadObject(string name)
    {
        if (!Has(name))
        {
            return null;
        }
        JsonElement root = ReadJson(name);
        return root.ValueKind == JsonValueKind.Object
            ? root
            : throw new ModelException($"{name} must be a JSON object");
    }

    private static int Row(int? id, string file, string token) =>
        id is >= 0 and < Subwords.VocabularyReader.LargestId
            ? id.Value
            : throw new ModelException($"{file}: '{token}' has an id that is no row number");

    private static bool Is(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.True;

    private static string? Named(JsonElement? file, string role) =>
        file is JsonElement f && f.TryGetProperty(role, out JsonElement value) ? Content(value) : null;

    /// <summary>A token written as its text or as an object with its text.</summary>
    private static string? Content(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement content))
        {
            value = content;
        }
        return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private JsonElement? Setting(string name) =>
        config is JsonElement c
        && c.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
}
