using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Whylight.Models.Tokenization;

/// <summary>Writes the tokenizer files of a model folder, so that <see cref="TokenizerLoader"/> and Hugging Face tools read them back.</summary>
public static class TokenizerFiles
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes `vocab.txt`, `tokenizer_config.json` and `special_tokens_map.json`.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="vocabulary">The pieces, the index being the id.</param>
    /// <param name="options">Casing, accents and special tokens.</param>
    public static void WriteWordPiece(string folder, IReadOnlyList<string> vocabulary, WordPieceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        WordPieceOptions o = options ?? new WordPieceOptions();
        SortedDictionary<string, object?> special = new(StringComparer.Ordinal)
        {
            ["pad_token"] = o.PadToken,
            ["unk_token"] = o.UnknownToken,
            ["cls_token"] = o.StartToken,
            ["sep_token"] = o.EndToken,
            ["mask_token"] = o.MaskToken,
        };
        Write(folder, TokenizerFolder.VocabText, string.Join('\n', vocabulary) + "\n");
        Write(folder, TokenizerFolder.SpecialTokensMap, JsonSerializer.Serialize(special, Json) + "\n");
        special["do_lower_case"] = o.LowerCase;
        special["strip_accents"] = o.StripAccents;
        special["tokenize_chinese_chars"] = o.SpaceChineseCharacters;
        special["tokenizer_class"] = "BertTokenizer";
        WriteConfig(folder, special, o.ModelMaxLength);
    }

    /// <summary>Writes `vocab.json`, `merges.txt`, `tokenizer_config.json` and `special_tokens_map.json` in GPT-2's layout.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="vocabulary">What <see cref="BytePairTrainer"/> learned.</param>
    /// <param name="modelMaxLength">Longest input of the model in tokens, or null.</param>
    public static void WriteBytePairs(string folder, BytePairVocabulary vocabulary, int? modelMaxLength = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        StringBuilder entries = new("{");
        for (int i = 0; i < vocabulary.Tokens.Count; i++)
        {
            entries
                .Append(i == 0 ? "\n" : ",\n")
                .Append("  ")
                .Append(JsonSerializer.Serialize(vocabulary.Tokens[i], Json));
            entries.Append(System.Globalization.CultureInfo.InvariantCulture, $": {i}");
        }
        Write(folder, TokenizerFolder.VocabJson, entries.Append("\n}\n").ToString());
        StringBuilder merges = new("#version: 0.2\n");
        foreach ((string left, string right) in vocabulary.Merges)
        {
            merges.Append(left).Append(' ').Append(right).Append('\n');
        }
        Write(folder, TokenizerFolder.MergesText, merges.ToString());
        SortedDictionary<string, object?> special = new(StringComparer.Ordinal);
        if (vocabulary.SpecialTokens.Count > 0)
        {
            special["bos_token"] = special["eos_token"] = special["unk_token"] = vocabulary.SpecialTokens[0];
        }
        Write(folder, TokenizerFolder.SpecialTokensMap, JsonSerializer.Serialize(special, Json) + "\n");
        special["add_prefix_space"] = false;
        special["tokenizer_class"] = "GPT2Tokenizer";
        WriteConfig(folder, special, modelMaxLength);
    }

    private static void WriteConfig(string folder, SortedDictionary<string, object?> config, int? modelMaxLength)
    {
        if (modelMaxLength is int length)
        {
            config["model_max_length"] = length;
        }
        Write(folder, TokenizerFolder.TokenizerConfig, JsonSerializer.Serialize(config, Json) + "\n");
    }

    private static void Write(string folder, string name, string content) =>
        File.WriteAllText(Path.Combine(folder, name), content, Utf8);
}
