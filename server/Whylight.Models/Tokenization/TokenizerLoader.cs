namespace Whylight.Models.Tokenization;

/// <summary>Makes the tokenizer of a model folder from the files Hugging Face tools write.</summary>
public static class TokenizerLoader
{
    /// <summary>Reads the tokenizer of a folder: `vocab.txt` with the settings of `tokenizer_config.json` and `special_tokens_map.json`.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ModelException">There is no tokenizer in the folder, or a file of it cannot be used.</exception>
    public static Tokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        TokenizerFolder files = new(folder);
        if (files.Has(TokenizerFolder.VocabText))
        {
            return FromVocabText(files, []);
        }
        throw new ModelException("no tokenizer found: vocab.txt or tokenizer.json needed");
    }

    private static Tokenizer FromVocabText(TokenizerFolder files, IReadOnlyList<string> notes)
    {
        WordPieceOptions defaults = new();
        WordPieceOptions options = new()
        {
            LowerCase = files.Flag("do_lower_case") ?? defaults.LowerCase,
            StripAccents = files.Flag("strip_accents"),
            SpaceChineseCharacters = files.Flag("tokenize_chinese_chars") ?? true,
            ModelMaxLength = files.ModelMaxLength,
            PadToken = files.SpecialToken("pad_token") ?? defaults.PadToken,
            UnknownToken = files.SpecialToken("unk_token") ?? defaults.UnknownToken,
            StartToken = files.SpecialToken("cls_token") ?? defaults.StartToken,
            EndToken = files.SpecialToken("sep_token") ?? defaults.EndToken,
            MaskToken = files.SpecialToken("mask_token") ?? defaults.MaskToken,
            Notes = notes,
        };
        return WordPieceTokenizer.Create(
            ReadVocabText(files.ReadText(TokenizerFolder.VocabText)),
            options,
            TokenizerFolder.VocabText
        );
    }

    /// <summary>One token a line; empty lines at the end are no tokens.</summary>
    private static List<string> ReadVocabText(string text)
    {
        List<string> lines = [.. text.Split('\n').Select(l => l.TrimEnd('\r'))];
        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }
        return lines;
    }
}
