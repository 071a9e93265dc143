using System.Globalization;
using System.Text;
using System.Text.Json;
using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PostProcessing;
using Whylight.Models.Tokenization.PreTokenization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Models.Tokenization;

/// <summary>Reads `tokenizer.json`, the serialised pipeline of Hugging Face tokenizers.</summary>
internal static class TokenizerJson
{
    public const string FileName = "tokenizer.json";

    /// <summary>The parts the file describes, without special roles, which other files name.</summary>
    /// <exception cref="ModelException">Something is missing, of the wrong type, or of an unknown kind.</exception>
    public static TokenizerParts Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("must be a JSON object");
        }
        if (Text(root, "version") is string version && version != "1.0")
        {
            throw Wrong($"version '{version}' is not known (1.0 is)");
        }
        JsonElement model = Optional(root, "model") ?? throw Wrong("has no model");
        ITokenModel subwords = Model(model);
        if (subwords.Vocabulary.Count == 0)
        {
            throw Wrong("the vocabulary is empty");
        }
        List<string> notes = [];
        JsonElement? post = Optional(root, "post_processor");
        PostSettings settings = post is JsonElement p ? PostProcessor(p) : new PostSettings();
        return new TokenizerParts
        {
            Model = subwords,
            Normalizer = Optional(root, "normalizer") is JsonElement n ? Normalizer(n) : null,
            PreTokenizer = Optional(root, "pre_tokenizer") is JsonElement t ? PreTokenizer(t) : null,
            Decoder = Optional(root, "decoder") is JsonElement d ? Decoder(d) : null,
            Template = settings.Template ?? Template.None,
            TrimOffsets = settings.Trim,
            AddedPrefixSpace = settings.PrefixSpace,
            AddedTokens = AddedTokens(root, subwords.Vocabulary, notes),
            Declared = Declared(root),
            Notes = notes,
        };
    }

    private static List<AddedToken> AddedTokens(JsonElement root, Vocabulary vocabulary, List<string> notes)
    {
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        Dictionary<int, string> contents = [];
        foreach (JsonElement token in Items(root, "added_tokens"))
        {
            int id = Int(token, "id") ?? throw Wrong("an added token has no id");
            string content = Text(token, "content") ?? throw Wrong($"added token {id} has no content");
            if (id is < 0 or >= VocabularyReader.LargestId)
            {
                throw Wrong($"an added token has the id {id}, which no model has");
            }
            if (content.Length == 0)
            {
                continue;
            }
            if (vocabulary.IdOf(content) is int row && row != id)
            {
                notes.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{FileName}: the added token '{content}' has the id {id} and the vocabulary says {row}: using {row}, as the reference does"
                    )
                );
                id = row;
            }
            string? other = contents.GetValueOrDefault(id) ?? vocabulary.TokenOf(id);
            if (other is not null && other != content)
            {
                throw Wrong(
                    $"the added token '{content}' has the id {id}, which '{other}' has; every token must have its own"
                );
            }
            if (tokens.TryGetValue(content, out AddedToken? before) && before.Id != id)
            {
                throw Wrong($"the added token '{content}' has the ids {before.Id} and {id}; it must have one");
            }
            contents[id] = content;
            tokens[content] = new AddedToken(
                id,
                content,
                Flag(token, "special") ?? false,
                Flag(token, "normalized") ?? false,
                Flag(token, "single_word") ?? false,
                Flag(token, "lstrip") ?? false,
                Flag(token, "rstrip") ?? false
            );
        }
        // Tokens that only their ids can tell apart: an id far beyond all others is a claim to memory.
        int largest = contents.Count == 0 ? 0 : contents.Keys.Max();
        return largest <= (vocabulary.Size + contents.Count) * 4L + 65536
            ? [.. tokens.Values]
            : throw Wrong(
                $"the added token '{contents[largest]}' has the id {largest}, but there are only {vocabulary.Count + contents.Count} tokens"
            );
    }

    /// <summary>What `truncation` and `padding` say.</summary>
    private static WindowOptions Declared(JsonElement root)
    {
        WindowOptions options = new();
        if (Optional(root, "truncation") is JsonElement cut)
        {
            options = options with
            {
                MaxTokens = Count(cut, "max_length") ?? throw Wrong("truncation has no max_length"),
                Stride = Count(cut, "stride") ?? 0,
                TruncateLeft = Left(cut),
                Strategy = Text(cut, "strategy") switch
                {
                    "LongestFirst" or null => TruncationStrategy.LongestFirst,
                    "OnlyFirst" => TruncationStrategy.OnlyFirst,
                    "OnlySecond" => TruncationStrategy.OnlySecond,
                    string other => throw Unknown("truncation strategy", other),
                },
            };
        }
        if (Optional(root, "padding") is JsonElement pad)
        {
            JsonElement? strategy = Optional(pad, "strategy");
            options = options with
            {
                // One text alone is the longest of its batch, so only a fixed length pads it.
                PadTo =
                    strategy is not JsonElement s
                    || (s.ValueKind == JsonValueKind.String && s.GetString() == "BatchLongest")
                        ? null
                        : Count(s, "Fixed")
                            ?? throw Wrong("the padding strategy is neither BatchLongest nor a fixed length"),
                PadToMultipleOf = Count(pad, "pad_to_multiple_of"),
                PadLeft = Left(pad),
                PadId = Count(pad, "pad_id"),
                PadTypeId = Count(pad, "pad_type_id") ?? 0,
            };
        }
        return options;
    }

    private static bool Left(JsonElement e) =>
        Text(e, "direction") switch
        {
            "Left" => true,
            "Right" or null => false,
            string other => throw Unknown("direction", other),
        };

    private static int? Count(JsonElement e, string name) =>
        Int(e, name) is not int value ? null
        : value is >= 0 and < VocabularyReader.LargestId ? value
        : throw Wrong($"{name} is {value}, which is out of range");

    private static ITokenModel Model(JsonElement model)
    {
        string type =
            Text(model, "type")
            ?? (
                Optional(model, "merges") is not null ? "BPE"
                : Optional(model, "vocab") is { ValueKind: JsonValueKind.Array } ? "Unigram"
                : Optional(model, "continuing_subword_prefix") is not null ? "WordPiece"
                : "WordLevel"
            );
        JsonElement vocab = Optional(model, "vocab") ?? throw Wrong("the model has no vocab");
        switch (type)
        {
            case "WordPiece":
                return new WordPieceModel(
                    VocabularyReader.FromObject(vocab, FileName),
                    Text(model, "unk_token") ?? "[UNK]",
                    Text(model, "continuing_subword_prefix") ?? "##",
                    Count(model, "max_input_chars_per_word") ?? 100
                );
            case "BPE":
            {
                if (
                    Optional(model, "dropout") is JsonElement dropout
                    && (dropout.ValueKind != JsonValueKind.Number || dropout.GetDouble() != 0)
                )
                {
                    throw Wrong(
                        $"the model's dropout is {dropout.GetRawText()}: its tokens would be drawn at random; set it to null"
                    );
                }
                _ = Optional(model, "merges") ?? throw Wrong("the BPE model has no merges");
                Vocabulary vocabulary = VocabularyReader.FromObject(vocab, FileName);
                BpeSettings settings = new()
                {
                    UnknownToken = Text(model, "unk_token"),
                    ContinuingPrefix = Text(model, "continuing_subword_prefix") ?? "",
                    WordSuffix = Text(model, "end_of_word_suffix") ?? "",
                    FuseUnknown = Flag(model, "fuse_unk") ?? false,
                    ByteFallback = Flag(model, "byte_fallback") ?? false,
                    IgnoreMerges = Flag(model, "ignore_merges") ?? false,
                };
                return new BpeModel(
                    vocabulary,
                    MergeTable.Build(Merges(model), vocabulary, settings.ContinuingPrefix, FileName),
                    settings
                );
            }
            case "Unigram":
            {
                (Vocabulary vocabulary, double[] scores) = VocabularyReader.FromScoredList(vocab, FileName);
                int? unknown = Int(model, "unk_id");
                return unknown is null || (unknown >= 0 && unknown < vocabulary.Size)
                    ? new UnigramModel(vocabulary, scores, unknown, Flag(model, "byte_fallback") ?? false)
                    : throw Wrong($"unk_id is {unknown}, but the vocabulary has {vocabulary.Size} pieces");
            }
            case "WordLevel":
            {
                Vocabulary vocabulary = VocabularyReader.FromObject(vocab, FileName);
                return new WordLevelModel(vocabulary, vocabulary.IdOf(Text(model, "unk_token") ?? "<unk>"));
            }
            default:
                throw Unknown("model", type);
        }
    }

    private static IEnumerable<(string Left, string Right)> Merges(JsonElement model)
    {
        foreach (JsonElement merge in Items(model, "merges"))
        {
            if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2)
            {
                yield return (String(merge[0], "a merge"), String(merge[1], "a merge"));
            }
            else
            {
                string line = String(merge, "a merge");
                yield return MergeTable.Pair(line)
                    ?? throw Wrong($"merge '{line}' is not two pieces with one space between");
            }
        }
    }

    internal static INormalizer Normalizer(JsonElement e)
    {
        string type = Type(e, "normalizer");
        switch (type)
        {
            case "Sequence":
                return new SequenceNormalizer([.. Items(e, "normalizers").Select(Normalizer)]);
            case "BertNormalizer":
                return new BertNormalizer(
                    Flag(e, "clean_text") ?? true,
                    Flag(e, "handle_chinese_chars") ?? true,
                    Flag(e, "strip_accents"),
                    Flag(e, "lowercase") ?? true
                );
            case "NFC":
                return new UnicodeNormalizer(NormalizationForm.FormC);
            case "NFD":
                return new UnicodeNormalizer(NormalizationForm.FormD);
            case "NFKC":
                return new UnicodeNormalizer(NormalizationForm.FormKC);
            case "NFKD":
                return new UnicodeNormalizer(NormalizationForm.FormKD);
            case "Lowercase":
                return new LowercaseNormalizer();
            case "StripAccents":
                return CharacterFilter.StripAccents;
            case "Nmt":
                return CharacterFilter.Nmt;
            case "Strip":
                return new StripNormalizer(Flag(e, "strip_left") ?? true, Flag(e, "strip_right") ?? true);
            case "Prepend":
                return new PrependNormalizer(
                    Text(e, "prepend") ?? throw Wrong("the Prepend normalizer has no prepend")
                );
            case "Replace":
                return new ReplaceNormalizer(Pattern(e), Text(e, "content") ?? "");
            case "ByteLevel":
                return new ByteLevelNormalizer();
            case "Precompiled":
            {
                string map = Text(e, "precompiled_charsmap") ?? throw Wrong("Precompiled has no precompiled_charsmap");
                byte[] blob = new byte[map.Length];
                return Convert.TryFromBase64String(map, blob, out int length)
                    ? new PrecompiledNormalizer(new PrecompiledCharsmap(blob.AsSpan(0, length), FileName))
                    : throw Wrong("precompiled_charsmap is not Base64");
            }
            default:
                throw Unknown("normalizer", type);
        }
    }

    internal static IPreTokenizer PreTokenizer(JsonElement e)
    {
        string type = Type(e, "pre_tokenizer");
        switch (type)
        {
            case "Sequence":
                return new SequencePreTokenizer([.. Items(e, "pretokenizers").Select(PreTokenizer)]);
            case "BertPreTokenizer":
                return new BertPreTokenizer();
            case "ByteLevel":
                return new ByteLevelPreTokenizer(Flag(e, "add_prefix_space") ?? true, Flag(e, "use_regex") ?? true);
            case "Whitespace":
                return new WhitespacePreTokenizer();
            case "WhitespaceSplit":
                return new CharacterPreTokenizer(Rune.IsWhiteSpace, SplitBehavior.Removed);
            case "Metaspace":
                return new MetaspacePreTokenizer(Replacement(e), Scheme(e), Flag(e, "split") ?? true);
            case "Punctuation":
                return new CharacterPreTokenizer(CharacterClass.IsBertPunctuation, Behavior(e, SplitBehavior.Isolated));
            case "Digits":
                return new CharacterPreTokenizer(
                    CharacterClass.IsNumber,
                    Flag(e, "individual_digits") == true ? SplitBehavior.Isolated : SplitBehavior.Contiguous
                );
            case "FixedLength":
                return new FixedLengthPreTokenizer(
                    Count(e, "length") is 0
                        ? throw Wrong("the length of FixedLength must be 1 or more")
                        : Count(e, "length") ?? 5
                );
            case "CharDelimiterSplit":
            {
                string delimiter = Text(e, "delimiter") ?? throw Wrong("CharDelimiterSplit has no delimiter");
                return new CharacterPreTokenizer(
                    r => string.Equals(r.ToString(), delimiter, StringComparison.Ordinal),
                    SplitBehavior.Removed
                );
            }
            case "Split":
                return new PatternPreTokenizer(
                    Pattern(e),
                    Behavior(e, SplitBehavior.Isolated),
                    Flag(e, "invert") ?? false
                );
            default:
                throw Unknown("pre_tokenizer", type);
        }
    }

    private static PostSettings PostProcessor(JsonElement e)
    {
        string type = Type(e, "post_processor");
        switch (type)
        {
            case "Sequence":
                PostSettings all = new();
                foreach (JsonElement item in Items(e, "processors"))
                {
                    PostSettings one = PostProcessor(item);
                    if (one.Template is not null && all.Template is not null)
                    {
                        throw Wrong("two post_processors add special tokens, which is not supported");
                    }
                    all = new PostSettings(
                        one.Template ?? all.Template,
                        all.Trim || one.Trim,
                        one.Trim ? one.PrefixSpace : all.PrefixSpace
                    );
                }
                return all;
            case "ByteLevel":
                return new PostSettings(null, Flag(e, "trim_offsets") ?? true, Flag(e, "add_prefix_space") ?? true);
            case "BertProcessing":
                return new PostSettings(Template.Bert(SpecialPair(e, "cls"), SpecialPair(e, "sep")));
            case "RobertaProcessing":
                return new PostSettings(
                    Template.Roberta(SpecialPair(e, "cls"), SpecialPair(e, "sep")),
                    Flag(e, "trim_offsets") ?? true,
                    Flag(e, "add_prefix_space") ?? true
                );
            case "TemplateProcessing":
                List<TemplatePart> single = TemplateParts(e, "single", pair: false);
                return single.Exists(p => p.Sequence == 0)
                    ? new PostSettings(new Template(single, TemplateParts(e, "pair", pair: true)))
                    : throw Wrong("the single template does not use the text");
            default:
                throw Unknown("post_processor", type);
        }
    }

    private static List<TemplatePart> TemplateParts(JsonElement e, string name, bool pair)
    {
        List<TemplatePart> parts = [];
        JsonElement? specials = Optional(e, "special_tokens");
        foreach (JsonElement item in Items(e, name))
        {
            if (Optional(item, "Sequence") is JsonElement sequence)
            {
                string which = Text(sequence, "id") ?? "A";
                if (which is not ("A" or "B") || (which == "B" && !pair))
                {
                    throw Wrong($"the {name} template names a text '{which}'");
                }
                parts.Add(TemplatePart.Text(which == "A" ? 0 : 1, Int(sequence, "type_id") ?? 0));
                continue;
            }
            JsonElement special =
                Optional(item, "SpecialToken")
                ?? throw Wrong($"the {name} template has a step that is no text and no token");
            string token = Text(special, "id") ?? throw Wrong($"the {name} template has a special token without id");
            JsonElement entry =
                specials is JsonElement s && Optional(s, token) is JsonElement found
                    ? found
                    : throw Wrong($"the template uses '{token}', which special_tokens lacks");
            foreach (JsonElement id in Items(entry, "ids"))
            {
                parts.Add(
                    TemplatePart.Special(
                        id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int value) && value >= 0
                            ? value
                            : throw Wrong($"special token '{token}' has an id that is no row number"),
                        Int(special, "type_id") ?? 0
                    )
                );
            }
        }
        return parts;
    }

    internal static IDecoder Decoder(JsonElement e)
    {
        string type = Type(e, "decoder");
        return type switch
        {
            "Sequence" => new SequenceDecoder([.. Items(e, "decoders").Select(Decoder)]),
            "ByteLevel" => new ByteLevelDecoder(),
            "WordPiece" => new WordPieceDecoder(Text(e, "prefix") ?? "##", Flag(e, "cleanup") ?? true),
            "Metaspace" => new MetaspaceDecoder(Replacement(e), Scheme(e) != PrependScheme.Never),
            "BPEDecoder" => new SuffixDecoder(Text(e, "suffix") ?? "</w>"),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "CTC" => new CtcDecoder(
                Text(e, "pad_token") ?? "<pad>",
                Text(e, "word_delimiter_token") ?? "|",
                Flag(e, "cleanup") ?? true
            ),
            "Strip" => new StripDecoder(Text(e, "content") ?? " ", Count(e, "start") ?? 0, Count(e, "stop") ?? 0),
            "Replace" => new ReplaceDecoder(Pattern(e), Text(e, "content") ?? ""),
            _ => throw Unknown("decoder", type),
        };
    }

    private static TextPattern Pattern(JsonElement e)
    {
        JsonElement pattern = Optional(e, "pattern") ?? throw Wrong($"{Text(e, "type")} has no pattern");
        if (pattern.ValueKind == JsonValueKind.String)
        {
            return TextPattern.Literal(pattern.GetString()!);
        }
        return Text(pattern, "String") is string literal ? TextPattern.Literal(literal)
            : Text(pattern, "Regex") is string regex ? TextPattern.Regex(regex)
            : throw Wrong($"the pattern of {Text(e, "type")} is neither String nor Regex");
    }

    private static SplitBehavior Behavior(JsonElement e, SplitBehavior otherwise)
    {
        string? name = Text(e, "behavior");
        return name is null ? otherwise
            : Enum.TryParse(
                name.Replace("_", "", StringComparison.Ordinal),
                ignoreCase: true,
                out SplitBehavior behavior
            ) && !char.IsAsciiDigit(name[0])
                ? behavior
            : throw Unknown("behavior", name);
    }

    private static char Replacement(JsonElement e)
    {
        string text = Text(e, "replacement") ?? "\u2581";
        return text.Length == 1
            ? text[0]
            : throw Wrong($"the Metaspace replacement must be one character, found '{text}'");
    }

    private static PrependScheme Scheme(JsonElement e)
    {
        bool without = Flag(e, "add_prefix_space") == false;
        return Text(e, "prepend_scheme") switch
        {
            "never" => PrependScheme.Never,
            null => without ? PrependScheme.Never : PrependScheme.Always,
            "first" or "always" when without => throw Wrong(
                "Metaspace says add_prefix_space false and a prepend_scheme other than never: remove one"
            ),
            "first" => PrependScheme.First,
            "always" => PrependScheme.Always,
            string other => throw Unknown("prepend_scheme", other),
        };
    }

    private static int SpecialPair(JsonElement e, string name)
    {
        JsonElement? pair = Optional(e, name);
        return
            pair is JsonElement p
            && p.ValueKind == JsonValueKind.Array
            && p.GetArrayLength() == 2
            && p[1].ValueKind == JsonValueKind.Number
            && p[1].TryGetInt32(out int id)
            && id >= 0
            ? id
            : throw Wrong($"the post_processor's {name} must be [token, id]");
    }

    private static string Type(JsonElement e, string what) =>
        e.ValueKind == JsonValueKind.Object && Text(e, "type") is string type
            ? type
            : throw Wrong($"a {what} has no type");

    private static JsonElement? Optional(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object
        && e.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static JsonElement[] Items(JsonElement e, string name) =>
        Optional(e, name) is not JsonElement items ? []
        : items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()]
        : throw Wrong($"{name} must be a list");

    private static string? Text(JsonElement e, string name) =>
        Optional(e, name) is JsonElement value ? String(value, name) : null;

    private static string String(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong($"{what} must be text");

    private static bool? Flag(JsonElement e, string name) =>
        Optional(e, name) is not JsonElement value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong($"{name} must be true or false");

    private static int? Int(JsonElement e, string name) =>
        Optional(e, name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number
        : throw Wrong($"{name} must be a whole number");

    private static ModelException Wrong(string what) => new($"{FileName}: {what}");

    private static ModelException Unknown(string what, string type) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{FileName}: {what} '{type}' is not supported; remove tokenizer.json if the folder has vocab.txt or vocab.json and merges.txt"
            )
        );

    /// <summary>What post-processors ask for.</summary>
    private sealed record PostSettings(Template? Template = null, bool Trim = false, bool PrefixSpace = false);
}
