using System.Text.Json;
using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PostProcessing;
using Whylight.Models.Tokenization.PreTokenization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Models.Tokenization;

/// <summary>Makes the tokenizer of a model folder from the files Hugging Face tools write.</summary>
public static class TokenizerLoader
{
    private static readonly string[] Pads = ["[PAD]", "<pad>", "<|pad|>", "<|finetune_right_pad_id|>"];
    private static readonly string[] Unknowns = ["[UNK]", "<unk>", "<|unk|>"];
    private static readonly string[] Starts = ["[CLS]", "<s>", "<bos>", "<|begin_of_text|>", "<|endoftext|>"];
    private static readonly string[] Ends =
    [
        "[SEP]",
        "</s>",
        "<eos>",
        "<|end_of_text|>",
        "<|eot_id|>",
        "<|endoftext|>",
    ];
    private static readonly string[] Masks = ["[MASK]", "<mask>", "<|mask|>"];

    /// <summary>
    /// Reads the tokenizer of a folder: `tokenizer.json`; else `vocab.txt`; else `vocab.json` with `merges.txt`; else `tokenizer.model`
    /// (or `spiece.model`, as ALBERT and T5 call it).
    /// `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` supply settings and special tokens.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The tokenizer; <see cref="Tokenizer.Notes"/> says what was passed over, such as a broken tokenizer.json beside a sound vocab.txt.</returns>
    /// <exception cref="ModelException">There is no tokenizer in the folder, or a file of it cannot be used.</exception>
    public static Tokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return LoadFiles(folder);
        }
        catch (InvalidOperationException e)
            when (e.Source?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true)
        {
            // What System.Text.Json says of an escape such as \ud83d alone, which is no Unicode.
            throw new ModelException(
                "a JSON file of the tokenizer holds text with half a surrogate pair, which is no text",
                e
            );
        }
    }

    private static Tokenizer LoadFiles(string folder)
    {
        TokenizerFolder files = new(folder);
        bool wordPiece = files.Has(TokenizerFolder.VocabText);
        bool bytePairs = files.Has(TokenizerFolder.VocabJson) && files.Has(TokenizerFolder.MergesText);
        string? sentencePiece =
            files.Has(TokenizerFolder.SentencePieceModel) ? TokenizerFolder.SentencePieceModel
            : files.Has(TokenizerFolder.SentencePieceModelOfT5) ? TokenizerFolder.SentencePieceModelOfT5
            : files.Has(TokenizerFolder.SentencePieceModelOfXlmRoberta) ? TokenizerFolder.SentencePieceModelOfXlmRoberta
            : null;
        List<string> notes = [];
        if (files.Has(TokenizerJson.FileName))
        {
            if (files.TryReadJson(TokenizerJson.FileName, out JsonElement root, out ModelException? broken))
            {
                return FromTokenizerJson(files, root);
            }
            string? instead =
                wordPiece ? TokenizerFolder.VocabText
                : bytePairs ? $"{TokenizerFolder.VocabJson} and {TokenizerFolder.MergesText}"
                : sentencePiece;
            if (instead is null)
            {
                throw broken;
            }
            notes.Add($"{TokenizerJson.FileName} is not valid JSON: using {instead}");
        }
        return wordPiece ? FromVocabText(files, notes)
            : bytePairs ? FromVocabJson(files, notes)
            : sentencePiece is not null ? FromSentencePiece(files, sentencePiece, notes)
            : throw new ModelException(
                files.Has(TokenizerFolder.VocabJson)
                    ? $"{TokenizerFolder.VocabJson} needs {TokenizerFolder.MergesText} beside it, which is missing"
                : files.Has(TokenizerFolder.MergesText)
                    ? $"{TokenizerFolder.MergesText} needs {TokenizerFolder.VocabJson} beside it, which is missing"
                : "no tokenizer found: vocab.txt or tokenizer.json needed"
            );
    }

    /// <summary>What tokenizer_config.json adds to the truncation and padding of tokenizer.json.</summary>
    private static WindowOptions Sides(TokenizerFolder files, WindowOptions declared, List<string> notes)
    {
        const string truncation = "truncation_side";
        const string padding = "padding_side";
        if (files.Names(truncation))
        {
            declared = declared with { TruncateLeft = files.IsLeft(truncation) };
        }
        if (files.Names(padding))
        {
            declared = declared with { PadLeft = files.IsLeft(padding) };
        }
        if (declared.TruncateLeft)
        {
            notes.Add(
                "the tokenizer's files ask for too long texts to be cut at their beginning: a model here reads the beginning and cuts the end"
            );
        }
        return declared;
    }

    /// <summary>Refuses added tokens whose ids contradict the vocabulary, and notes special tokens that no file gives an id.</summary>
    private static void CheckAdded(
        TokenizerFolder files,
        IReadOnlyCollection<AddedToken> added,
        Vocabulary vocabulary,
        string source,
        List<string> notes
    )
    {
        foreach (AddedToken token in added)
        {
            if (vocabulary.IdOf(token.Content) is int row && row != token.Id)
            {
                throw new ModelException(
                    $"the added token '{token.Content}' has the id {token.Id}, but {row} in {source}: the files do not belong together"
                );
            }
            if (vocabulary.TokenOf(token.Id) is string other && other != token.Content)
            {
                throw new ModelException(
                    $"the added token '{token.Content}' has the id {token.Id}, which is '{other}' in {source}: the files do not belong together"
                );
            }
        }
        string[] without =
        [
            .. files
                .OtherSpecialTokens()
                .Where(t => vocabulary.IdOf(t) is null && added.All(a => a.Content != t))
                .Select(t => $"'{t}'"),
        ];
        if (without.Length > 0)
        {
            notes.Add(
                $"no file gives an id to the special token{(without.Length > 1 ? "s" : "")} {string.Join(", ", without.Take(5))}{(without.Length > 5 ? ", ..." : "")}: read as text"
            );
        }
    }

    /// <summary>Adds the special tokens without a role that the vocabulary knows.</summary>
    private static void AddOthers(TokenizerFolder files, Dictionary<string, AddedToken> added, Func<string, int?> find)
    {
        foreach (string name in files.OtherSpecialTokens())
        {
            if (!added.ContainsKey(name) && find(name) is int id)
            {
                added[name] = new AddedToken(id, name, Special: true);
            }
        }
    }

    private static bool IsClass(string? name, params ReadOnlySpan<string> starts)
    {
        foreach (string start in starts)
        {
            if (name?.StartsWith(start, StringComparison.Ordinal) == true)
            {
                return true;
            }
        }
        return false;
    }

    private static Tokenizer FromTokenizerJson(TokenizerFolder files, JsonElement root)
    {
        List<string> notes = [];
        TokenizerParts parts = Configured(files, TokenizerJson.Read(root), notes);
        Dictionary<string, int> added = parts.AddedTokens.ToDictionary(
            t => t.Content,
            t => t.Id,
            StringComparer.Ordinal
        );
        int? Find(string token) => added.TryGetValue(token, out int id) ? id : parts.Model.Vocabulary.IdOf(token);
        SpecialTokens special = Roles(files, Find, parts.Model.Unknown);
        // These classes rebuild the template from their flags when they load the file.
        bool rebuilt =
            files.TokenizerClass is string name
            && (
                name.StartsWith("Llama", StringComparison.Ordinal) || name.StartsWith("Gemma", StringComparison.Ordinal)
            )
            && (files.Flag("add_bos_token") ?? files.Flag("add_eos_token")) is not null;
        Template template = rebuilt ? StartAndEnd(files, special) : parts.Template;
        foreach (TemplatePart part in template.Single.Concat(template.Pair))
        {
            if (
                part.Sequence is null
                && parts.Model.Vocabulary.TokenOf(part.SpecialId) is null
                && !added.ContainsValue(part.SpecialId)
            )
            {
                throw new ModelException(
                    $"{TokenizerJson.FileName}: the post_processor adds id {part.SpecialId}, which the vocabulary lacks"
                );
            }
        }
        return new Tokenizer(
            parts with
            {
                Special = special,
                Template = template,
                ModelMaxLength = files.ModelMaxLength,
                Source = TokenizerJson.FileName,
                Declared = Sides(files, parts.Declared, notes),
                SpecialAsText = files.Flag("split_special_tokens") ?? false,
                Notes = [.. parts.Notes, .. notes],
            }
        );
    }

    /// <summary>
    /// Settings of tokenizer_config.json that contradict tokenizer.json go before it, as when Hugging Face's classes load both: the
    /// normalisation of BERT's classes and the space that byte-level ones put before a text.
    /// </summary>
    private static TokenizerParts Configured(TokenizerFolder files, TokenizerParts parts, List<string> notes)
    {
        void Note(string setting) =>
            notes.Add(
                $"{TokenizerFolder.TokenizerConfig} and {TokenizerJson.FileName} contradict each other in {setting}: {TokenizerFolder.TokenizerConfig} is followed, as Hugging Face's classes do"
            );
        if (parts.Normalizer is BertNormalizer n)
        {
            bool lower = files.Flag("do_lower_case") ?? n.Lowercases;
            bool han = files.Flag("tokenize_chinese_chars") ?? n.SpacesChinese;
            bool? strip = files.Names("strip_accents") ? files.Flag("strip_accents") : n.StripsAccents;
            if (lower != n.Lowercases || han != n.SpacesChinese || strip != n.StripsAccents)
            {
                if (
                    (strip ?? lower) != (n.StripsAccents ?? n.Lowercases)
                    || lower != n.Lowercases
                    || han != n.SpacesChinese
                )
                {
                    Note("do_lower_case, strip_accents or tokenize_chinese_chars");
                }
                parts = parts with { Normalizer = new BertNormalizer(n.CleansText, han, strip, lower) };
            }
        }
        if (
            parts.PreTokenizer is ByteLevelPreTokenizer b
            && files.Flag("add_prefix_space") is bool space
            && space != b.AddsPrefixSpace
        )
        {
            Note("add_prefix_space");
            parts = parts with
            {
                PreTokenizer = new ByteLevelPreTokenizer(space, b.UsesRegex),
                AddedPrefixSpace = space,
            };
        }
        return parts;
    }

    private static Tokenizer FromVocabText(TokenizerFolder files, List<string> notes)
    {
        string? className = files.TokenizerClass;
        if (IsClass(className, "BertJapanese", "Esm", "RoFormer", "MPNet", "CpmAnt", "Prophet", "Splinter", "Tapas"))
        {
            throw NotRead(className!, TokenizerFolder.VocabText);
        }
        // Without its basic step the tokenizer neither lower-cases nor strips nor sets Han characters apart.
        bool basic = files.Flag("do_basic_tokenize") ?? true;
        Vocabulary vocabulary = Vocabulary.FromList(
            ReadVocabText(files.ReadText(TokenizerFolder.VocabText)),
            TokenizerFolder.VocabText
        );
        Dictionary<string, AddedToken> added = files.AddedTokens().ToDictionary(t => t.Content, StringComparer.Ordinal);
        CheckAdded(files, added.Values, vocabulary, TokenizerFolder.VocabText, notes);
        AddOthers(files, added, t => vocabulary.IdOf(t));
        WordPieceOptions defaults = new();
        WordPieceOptions options = new()
        {
            LowerCase = basic && (files.Flag("do_lower_case") ?? defaults.LowerCase),
            StripAccents = basic ? files.Flag("strip_accents") : false,
            SpaceChineseCharacters = basic && (files.Flag("tokenize_chinese_chars") ?? true),
            ModelMaxLength = files.ModelMaxLength,
            PadToken = files.SpecialToken("pad_token") ?? defaults.PadToken,
            UnknownToken = files.SpecialToken("unk_token") ?? defaults.UnknownToken,
            StartToken = files.SpecialToken("cls_token") ?? defaults.StartToken,
            EndToken = files.SpecialToken("sep_token") ?? defaults.EndToken,
            MaskToken = files.SpecialToken("mask_token") ?? defaults.MaskToken,
            ExtraAddedTokens = [.. added.Values],
            Declared = Sides(files, new WindowOptions(), notes),
            SpecialAsText = files.Flag("split_special_tokens") ?? false,
            Notes = notes,
        };
        return WordPieceTokenizer.Create(vocabulary, options, TokenizerFolder.VocabText);
    }

    private static ModelException NotRead(string className, string file) =>
        new(
            $"{className} does more than {file} tells: save the fast tokenizer, which writes {TokenizerJson.FileName}, or name another tokenizer_class"
        );

    private static Tokenizer FromVocabJson(TokenizerFolder files, List<string> notes)
    {
        string? className = files.TokenizerClass;
        if (
            IsClass(
                className,
                "CLIP",
                "OpenAIGPT",
                "CTRL",
                "XLM",
                "FSMT",
                "Flaubert",
                "BlenderbotSmall",
                "Herbert",
                "Phobert",
                "Bertweet",
                "Deberta",
                "Speech2Text",
                "Marian"
            )
        )
        {
            throw NotRead(className!, $"{TokenizerFolder.VocabJson} and {TokenizerFolder.MergesText}");
        }
        Vocabulary vocabulary = VocabularyReader.FromObject(
            files.ReadJson(TokenizerFolder.VocabJson),
            TokenizerFolder.VocabJson
        );
        var pairs = MergeTable.ReadText(files.ReadText(TokenizerFolder.MergesText), TokenizerFolder.MergesText);
        Dictionary<string, AddedToken> added = files.AddedTokens().ToDictionary(t => t.Content, StringComparer.Ordinal);
        int? Find(string token) => added.TryGetValue(token, out AddedToken? t) ? t.Id : vocabulary.IdOf(token);
        CheckAdded(files, added.Values, vocabulary, TokenizerFolder.VocabJson, notes);
        AddOthers(files, added, Find);
        bool plain = IsClass(className, "GPT", "Qwen2", "CodeGen", "Whisper", "Blenderbot");
        bool roberta =
            !plain
            && (
                IsClass(className, "Roberta", "XLMRoberta", "Bart", "Longformer", "LED", "Mvp")
                || (vocabulary.IdOf("<s>") is not null && vocabulary.IdOf("</s>") is not null)
            );
        if (
            className is not null
            && !plain
            && !IsClass(className, "Roberta", "XLMRoberta", "Bart", "Longformer", "LED", "Mvp")
        )
        {
            notes.Add(
                $"tokenizer_class '{className}' is not known: {TokenizerFolder.VocabJson} is read as {(roberta ? "RoBERTa's" : "GPT-2's")}"
            );
        }
        bool qwen = className?.StartsWith("Qwen2", StringComparison.Ordinal) ?? false;
        bool prefixSpace = files.Flag("add_prefix_space") ?? false;
        SpecialTokens special = Roles(files, Find, null);
        // A bare GPT-2 folder names no special tokens: then "<|endoftext|>" in a text is text, as in the original encoder.
        IEnumerable<string> names = roberta
            ? TokenizerFolder
                .Roles.Select(r => files.SpecialToken(r))
                .OfType<string>()
                .Concat(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
            : TokenizerFolder.Roles.Select(r => files.SpecialToken(r)).OfType<string>();
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            if (!added.ContainsKey(name) && Find(name) is int id)
            {
                added[name] = files.Special(name, id, stripLeft: roberta && name == "<mask>");
            }
        }
        Template template = Template.None;
        if (roberta)
        {
            template =
                special.Start is int start && special.End is int end
                    ? Template.Roberta(start, end)
                    : throw new ModelException($"{TokenizerFolder.VocabJson} lacks <s>, </s>");
        }
        else if (files.Flag("add_bos_token") == true || files.Flag("add_eos_token") == true)
        {
            template = StartAndEnd(files, special);
        }
        return new Tokenizer(
            new TokenizerParts
            {
                Model = new BpeModel(
                    vocabulary,
                    MergeTable.Build(pairs, vocabulary, "", TokenizerFolder.MergesText),
                    new BpeSettings { UnknownToken = files.SpecialToken("unk_token") }
                ),
                Normalizer = qwen ? new UnicodeNormalizer(System.Text.NormalizationForm.FormC) : null,
                PreTokenizer = qwen
                    ? new SequencePreTokenizer([
                        new PatternPreTokenizer(TextPattern.Regex(QwenPattern), SplitBehavior.Isolated, invert: false),
                        new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: false),
                    ])
                    : new ByteLevelPreTokenizer(prefixSpace, useRegex: true),
                Decoder = new ByteLevelDecoder(),
                Template = template,
                TrimOffsets = roberta,
                AddedPrefixSpace = prefixSpace,
                AddedTokens = [.. added.Values.OrderBy(t => t.Id)],
                Special = special,
                ModelMaxLength = files.ModelMaxLength,
                Declared = Sides(files, new WindowOptions(), notes),
                SpecialAsText = files.Flag("split_special_tokens") ?? false,
                Source = TokenizerFolder.VocabJson,
                Notes = notes,
            }
        );
    }

    private const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static Tokenizer FromSentencePiece(TokenizerFolder files, string source, List<string> notes)
    {
        string? className = files.TokenizerClass;
        if (IsClass(className, "MBart", "Barthez", "BigBird", "Pegasus", "M2M", "Nllb", "XLNet"))
        {
            throw new ModelException(
                $"{className} numbers or frames the pieces of {source} in its own way: save the fast tokenizer, which writes tokenizer.json"
            );
        }
        FairseqNumbering? fairseq = FairseqNumbering.Of(className);
        if (fairseq is null && source == TokenizerFolder.SentencePieceModelOfXlmRoberta)
        {
            // A class that says nothing of the model leaves that to config.json.
            bool silent = className is null or "PreTrainedTokenizerFast" or "PreTrainedTokenizer";
            fairseq =
                (silent ? FairseqNumbering.OfModel(files) : null)
                ?? throw new ModelException(
                    $"{source} numbers its pieces otherwise than the model does, and neither tokenizer_config.json (tokenizer_class: {className ?? "none"}) nor config.json (model_type xlm-roberta or camembert) says how: save the fast tokenizer, which writes {TokenizerJson.FileName}"
                );
        }
        SentencePieceFile file = new(files.ReadBytes(source), source);
        if (fairseq is not null)
        {
            file.NumberAsFairseq(fairseq.First, fairseq.From);
        }
        Vocabulary vocabulary = VocabularyReader.WithoutRepeats([.. file.Pieces.Select(p => p.Text)], source);
        bool byteFallback = file.Pieces.Exists(p => p.Kind == PieceKind.Byte);
        int unknown = file.Pieces.FindIndex(p => p.Kind == PieceKind.Unknown);
        ITokenModel model = file.ModelType switch
        {
            1 => new UnigramModel(
                vocabulary,
                [.. file.Pieces.Select(p => (double)p.Score)],
                unknown >= 0 ? unknown : null,
                byteFallback,
                id => file.Pieces[id].Kind is PieceKind.Normal
            ),
            2 => new BpeModel(
                vocabulary,
                SentencePieceMerges(file, vocabulary),
                new BpeSettings
                {
                    UnknownToken = unknown >= 0 ? file.Pieces[unknown].Text : null,
                    FuseUnknown = true,
                    ByteFallback = byteFallback,
                }
            ),
            _ => throw new ModelException(
                $"{source}: SentencePiece model type {file.ModelType} is not supported (unigram and BPE are)"
            ),
        };
        Dictionary<string, AddedToken> added = files.AddedTokens().ToDictionary(t => t.Content, StringComparer.Ordinal);
        // T5 numbers its sentinels downwards after the pieces.
        int sentinels = files.Number("extra_ids") ?? 0;
        for (int i = 0; i < sentinels; i++)
        {
            string sentinel = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<extra_id_{i}>");
            added.TryAdd(sentinel, new AddedToken(file.Pieces.Count + sentinels - 1 - i, sentinel, Special: true));
        }
        CheckAdded(files, added.Values, vocabulary, source, notes);
        AddOthers(files, added, t => vocabulary.IdOf(t));
        for (int id = 0; id < file.Pieces.Count; id++)
        {
            (string text, _, PieceKind kind) = file.Pieces[id];
            if (kind is PieceKind.Control or PieceKind.Unknown or PieceKind.UserDefined && text.Length > 0)
            {
                // As in the reference, the blanks before a mask belong to it.
                bool mask = fairseq is not null && text == "<mask>";
                added.TryAdd(text, new AddedToken(id, text, Special: kind != PieceKind.UserDefined, StripLeft: mask));
            }
        }
        int? Find(string token) => added.TryGetValue(token, out AddedToken? t) ? t.Id : vocabulary.IdOf(token);
        SpecialTokens special = Roles(files, Find, unknown >= 0 ? unknown : null);
        special = special with
        {
            Start = special.Start ?? Row(file.StartId, file),
            End = special.End ?? Row(file.EndId, file),
            Pad = special.Pad ?? Row(file.PadId, file),
        };
        bool bert = vocabulary.IdOf("[CLS]") is not null && vocabulary.IdOf("[SEP]") is not null;
        bool t5 = className?.Contains("T5", StringComparison.Ordinal) ?? false;
        Template template =
            fairseq is not null ? Template.Roberta(special.Start!.Value, special.End!.Value)
            : bert ? Template.Bert(vocabulary.IdOf("[CLS]")!.Value, vocabulary.IdOf("[SEP]")!.Value)
            : t5 && special.End is int end
                ? new Template(
                    [TemplatePart.Text(0, 0), TemplatePart.Special(end, 0)],
                    [
                        TemplatePart.Text(0, 0),
                        TemplatePart.Special(end, 0),
                        TemplatePart.Text(1, 0),
                        TemplatePart.Special(end, 0),
                    ]
                )
            : StartAndEnd(files, special);
        List<IDecoder> decoders =
        [
            new ReplaceDecoder(TextPattern.Literal("\u2581"), " "),
            new ByteFallbackDecoder(),
            new FuseDecoder(),
        ];
        if (file.DummyPrefix)
        {
            decoders.Add(new StripDecoder(" ", 1, 0));
        }
        return new Tokenizer(
            new TokenizerParts
            {
                Model = model,
                Normalizer = new SequenceNormalizer([
                    .. IsClass(className, "Albert") ? OfAlbert(files) : [],
                    new SentencePieceNormalizer(
                        file.Charsmap.Length > 0 ? new PrecompiledCharsmap(file.Charsmap, source) : null,
                        files.Flag("add_prefix_space") ?? file.DummyPrefix,
                        file.RemoveExtraSpaces,
                        file.EscapeSpaces,
                        eachSection: files.Flag("legacy") ?? true
                    ),
                ]),
                Decoder = new SequenceDecoder(decoders),
                Template = template,
                AddedTokens = [.. added.Values.OrderBy(t => t.Id)],
                Special = special,
                ModelMaxLength = files.ModelMaxLength,
                Declared = Sides(files, new WindowOptions(), notes),
                SpecialAsText = files.Flag("split_special_tokens") ?? false,
                Source = source,
                Notes = notes,
            }
        );
    }

    /// <summary>How models trained with fairseq number the pieces of their SentencePiece file.</summary>
    /// <param name="Class">How the names of their tokenizer classes begin.</param>
    /// <param name="ModelType">model_type of config.json.</param>
    /// <param name="First">fairseq's own pieces, before those of the file.</param>
    /// <param name="From">The first piece of the file that follows them.</param>
    private sealed record FairseqNumbering(string Class, string ModelType, string[] First, int From)
    {
        private static readonly FairseqNumbering[] s_all =
        [
            new("XLMRoberta", "xlm-roberta", ["<s>", "<pad>", "</s>", "<unk>"], 3),
            new("Camembert", "camembert", ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"], 1),
        ];

        public static FairseqNumbering? Of(string? className) => Array.Find(s_all, n => IsClass(className, n.Class));

        public static FairseqNumbering? OfModel(TokenizerFolder files) =>
            files.Has(Config)
            && files.TryReadJson(Config, out JsonElement config, out _)
            && config.ValueKind == JsonValueKind.Object
            && config.TryGetProperty("model_type", out JsonElement type)
            && type.ValueKind == JsonValueKind.String
                ? Array.Find(s_all, n => n.ModelType == type.GetString())
                : null;

        private const string Config = "config.json";
    }

    /// <summary>What ALBERT does before its SentencePiece model.</summary>
    private static List<INormalizer> OfAlbert(TokenizerFolder files)
    {
        List<INormalizer> steps =
        [
            new ReplaceNormalizer(TextPattern.Literal("``"), "\""),
            new ReplaceNormalizer(TextPattern.Literal("''"), "\""),
        ];
        if (files.Flag("keep_accents") != true)
        {
            steps.Add(new UnicodeNormalizer(System.Text.NormalizationForm.FormKD));
            steps.Add(CharacterFilter.StripAccents);
        }
        if (files.Flag("do_lower_case") != false)
        {
            steps.Add(new LowercaseNormalizer());
        }
        return steps;
    }

    /// <summary>SentencePiece merges any neighbours whose join is a piece, best score first: every split of a piece is a rule.</summary>
    private static Dictionary<long, Merge> SentencePieceMerges(SentencePieceFile file, Vocabulary vocabulary)
    {
        float[] scores = [.. file.Pieces.Select(p => p.Score).Distinct().OrderDescending()];
        Dictionary<float, int> ranks = [];
        for (int i = 0; i < scores.Length; i++)
        {
            ranks[scores[i]] = i;
        }
        Dictionary<long, Merge> merges = [];
        for (int id = 0; id < file.Pieces.Count; id++)
        {
            (string text, float score, PieceKind kind) = file.Pieces[id];
            if (kind is not (PieceKind.Normal or PieceKind.UserDefined) || float.IsNaN(score))
            {
                continue;
            }
            for (int cut = 1; cut < text.Length; cut++)
            {
                if (
                    vocabulary.TryGet(text.AsSpan(0, cut), out int left)
                    && vocabulary.TryGet(text.AsSpan(cut), out int right)
                    && file.Pieces[left].Kind is PieceKind.Normal or PieceKind.UserDefined
                    && file.Pieces[right].Kind is PieceKind.Normal or PieceKind.UserDefined
                )
                {
                    merges[BpeModel.Key(left, right)] = new Merge(ranks[score], id);
                }
            }
        }
        return merges;
    }

    private static int? Row(int id, SentencePieceFile file) => id >= 0 && id < file.Pieces.Count ? id : null;

    /// <summary>LLaMA's template: bos unless the configuration says no, eos only where it says yes.</summary>
    private static Template StartAndEnd(TokenizerFolder files, SpecialTokens special)
    {
        int? start = files.Flag("add_bos_token") ?? true ? special.Start : null;
        int? end = files.Flag("add_eos_token") == true ? special.End : null;
        List<TemplatePart> Around(int sequence)
        {
            List<TemplatePart> parts = [];
            if (start is int s)
            {
                parts.Add(TemplatePart.Special(s, sequence));
            }
            parts.Add(TemplatePart.Text(sequence, sequence));
            if (end is int e)
            {
                parts.Add(TemplatePart.Special(e, sequence));
            }
            return parts;
        }
        return new Template(Around(0), [.. Around(0), .. Around(1)]);
    }

    /// <summary>Roles by name from the files; where they name none, by the usual spellings.</summary>
    private static SpecialTokens Roles(TokenizerFolder files, Func<string, int?> find, int? unknown)
    {
        int? Role(string[] names, params string[] roles)
        {
            foreach (string name in roles.Select(files.SpecialToken).OfType<string>().Concat(names))
            {
                if (find(name) is int id)
                {
                    return id;
                }
            }
            return null;
        }
        return new SpecialTokens
        {
            Pad = Role(Pads, "pad_token"),
            Unknown = unknown ?? Role(Unknowns, "unk_token"),
            Start = Role(Starts, "cls_token", "bos_token"),
            End = Role(Ends, "sep_token", "eos_token"),
            Mask = Role(Masks, "mask_token"),
        };
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
