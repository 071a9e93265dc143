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

    /// <summary>`model_max_length`; the huge number Hugging Face writes for "none" reads as null.</summary>
    public int? ModelMaxLength =>
        config is JsonElement c
        && c.TryGetProperty("model_max_length", out JsonElement value)
        && value.ValueKind == JsonValueKind.Number
        && value.GetDouble() is > 0 and < 1e9
            ? (int)value.GetDouble()
            : null;

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
        if (config is not JsonElement c || !c.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => null,
            _ => throw new ModelException(
                $"{TokenizerConfig}: {name} must be true, false or null, found {value.GetRawText()}"
            ),
        };
    }

    /// <summary>The text of a special token by its role, such as `cls_token`; null where no file names it.</summary>
    public string? SpecialToken(string role) => Named(specialTokens, role) ?? Named(config, role);

    /// <summary>Tokens added to the vocabulary, from `added_tokens_decoder` of the configuration and from `added_tokens.json`.</summary>
    /// <exception cref="ModelException">An entry has no usable id.</exception>
    public List<AddedToken> AddedTokens()
    {
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        if (ReadObject(AddedTokensFile) is JsonElement added)
        {
            foreach (JsonProperty entry in added.EnumerateObject())
            {
                int? id =
                    entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out int value)
                        ? value
                        : null;
                tokens[entry.Name] = new AddedToken(Row(id, AddedTokensFile, entry.Name), entry.Name, Special: false);
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
        return [.. tokens.Values.OrderBy(t => t.Id)];
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

    private static string? Named(JsonElement? file, string role)
    {
        if (file is not JsonElement f || !f.TryGetProperty(role, out JsonElement value))
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement content))
        {
            value = content;
        }
        return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
