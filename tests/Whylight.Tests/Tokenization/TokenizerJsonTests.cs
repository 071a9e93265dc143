using System.Globalization;
using System.Text;
using System.Text.Json;
using Whylight.Models;
using Whylight.Models.Tokenization;
using Whylight.Models.Tokenization.PreTokenization;

namespace Whylight.Tests.Tokenization;

/// <summary>Every component a tokenizer.json can name, seen through the tokens it makes.</summary>
public sealed class TokenizerJsonTests
{
    [Theory]
    [InlineData("Removed", "The|final|countdown")]
    [InlineData("Isolated", "The|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", "The-|final-|-|countdown")]
    [InlineData("MergedWithNext", "The|-final|-|-countdown")]
    [InlineData("Contiguous", "The|-|final|--|countdown")]
    public void Split_behaviours_are_those_of_the_reference(string behavior, string pieces)
    {
        string regex = """{"type":"Split","pattern":{"Regex":"-"},"behavior":"BEHAVIOR","invert":false}""";
        string text = """{"type":"Split","pattern":{"String":"-"},"behavior":"BEHAVIOR","invert":false}""";
        foreach (string json in new[] { regex, text })
        {
            Assert.Equal(
                pieces.Split('|'),
                Pieces(json.Replace("BEHAVIOR", behavior, StringComparison.Ordinal), "The-final--countdown")
            );
        }
    }

    [Theory]
    [InlineData(
        """{"type":"Whitespace"}""",
        "Hi there, x_1!  né\u0301 \uD835\uDC00+",
        "Hi|there|,|x_1|!|né\u0301|\uD835\uDC00|+"
    )]
    [InlineData("""{"type":"WhitespaceSplit"}""", " Hi  there,\u3000x ", "Hi|there,|x")]
    [InlineData("""{"type":"Punctuation"}""", "a,b\u2014c $5", "a|,|b|\u2014|c |$|5")]
    [InlineData("""{"type":"Punctuation","behavior":"MergedWithPrevious"}""", "a,b!", "a,|b!")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "ab12\u0663c", "ab|1|2|\u0663|c")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "ab12\u0663c", "ab|12\u0663|c")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"_"}""", "a_b__c", "a|b|c")]
    [InlineData(
        """{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true}""",
        "Hey  you",
        "\u2581Hey|\u2581|\u2581you"
    )]
    [InlineData("""{"type":"Metaspace","replacement":"_","add_prefix_space":false}""", "Hey you", "Hey|_you")]
    [InlineData(
        """{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false}""",
        "Hey you",
        "\u2581Hey\u2581you"
    )]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true}""", "it's \t a", "\u0120it|'s|\u0120\u0109|\u0120a")]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"\\p{L}+"},"behavior":"Removed","invert":true}""",
        "ab, c\uD835\uDC00!",
        "ab|c\uD835\uDC00"
    )]
    [InlineData(
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":true}]}""",
        "a1 22",
        "a|1|2|2"
    )]
    public void Pre_tokenizers_split_as_the_reference(string json, string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), Pieces(json, text));

    [Theory]
    // GPT-4 and LLaMA 3.
    [InlineData(
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "I'LL go,  12345 km!!\n\n x\uD835\uDC00\uD835\uDC01\uD83D\uDC4D",
        "I|'LL| go|,| | |123|45| km|!!\n\n| x\uD835\uDC00\uD835\uDC01|\uD83D\uDC4D"
    )]
    // The same with possessive quantifiers, as tiktoken writes it.
    [InlineData(
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        "Don't 1234 ",
        "Don|'t| |123|4| "
    )]
    // In Oniguruma a plus after braces repeats; it is not possessive.
    [InlineData(@"\p{N}{1,3}+|.", "a1234", "a|1234")]
    // Qwen 2.
    [InlineData(
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "\u4E2D\u658712 \uD840\uDC00a",
        "\u4E2D\u6587|1|2| \uD840\uDC00a"
    )]
    // GPT-4o: cases of letters.
    [InlineData(
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "HelloWorld it's\uD801\uDC00\uD801\uDC28",
        "Hello|World| it's|\uD801\uDC00\uD801\uDC28"
    )]
    // Scripts, property negation, POSIX brackets, hyphens and brackets inside classes.
    [InlineData(@"[\p{Han}]+|\p{^Han}", "\u4E2D\uD840\uDC00a\u6587", "\u4E2D\uD840\uDC00|a|\u6587")]
    [InlineData(@"[[:alpha:]]+|[-\[\]x-z]+|[^\p{L}]", "ab-[y]z9", "ab|-[y]z|9")]
    // BLOOM: a set inside a negated set.
    [InlineData(@" ?[^(\s|[.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C])]+", "Hi there, (x)!", "Hi| there|x")]
    // DeepSeek V3.
    [InlineData(
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        "don't stop.Now\n",
        "don|'t| stop|.Now|\n"
    )]
    // Intersections, negations inside sets, hyphens beside classes, names of groups.
    [InlineData("[a-z&&[^aeiou]]+", "hello", "h|ll")]
    [InlineData("[^a[^b]]", "abc", "b")]
    [InlineData(@"[\W_]+", "ab_-c", "_-")]
    [InlineData(@"[^\W_]+", "ab_-c\uD835\uDC00", "ab|c\uD835\uDC00")]
    [InlineData("[[:^alpha:]x]+", "ab1xc", "1x")]
    [InlineData(@"[\w-]+", "a-b c", "a-b|c")]
    [InlineData("(?<x>a)b", "ab", "ab")]
    public void Patterns_in_oniguruma_syntax_split_as_written(string pattern, string text, string pieces)
    {
        TextPattern regex = TextPattern.Regex(pattern);
        Assert.Equal(pieces.Split('|'), regex.Matches(text).Select(m => text[m.From..m.To]));
    }

    [Theory]
    [InlineData("[a&&b")]
    [InlineData(@"\p{Klingon}")]
    [InlineData("a\uD83D\uDC4D")]
    [InlineData("(?<name")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData(@"\")]
    public void A_pattern_that_cannot_be_read_is_refused(string pattern) =>
        Assert.Contains(
            "cannot be read",
            Assert.Throws<ModelException>(() => TextPattern.Regex(pattern)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_written_out_scanner_splits_as_gpt2s_expression()
    {
        TextPattern regex = TextPattern.Regex(
            @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
        );
        foreach (string text in RandomText.Many(seed: 21, sample: 1500))
        {
            string whole = AlignedText.Of(text, 0, text.Length).ToString();
            List<(int, int)> runs = [];
            for (int i = 0; i < whole.Length; )
            {
                int end = ByteLevelPreTokenizer.EndOfRun(whole, i);
                runs.Add((i, end));
                i = end;
            }
            Assert.Equal(regex.Matches(whole), runs);
        }
    }

    [Fact]
    public void Astral_stand_ins_have_the_category_they_stand_for()
    {
        HashSet<UnicodeCategory> seen = [];
        for (int value = 0x10000; value < 0x110000; value++)
        {
            Rune rune = new(value);
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (seen.Add(category) && category != UnicodeCategory.Surrogate)
            {
                Assert.Equal(category, CharUnicodeInfo.GetUnicodeCategory(AstralStandIns.Of(rune)));
            }
        }
        Assert.True(seen.Count > 15);
    }

    [Theory]
    [InlineData("""{"type":"NFC"}""", "e\u0301x", "\u00E9:0-2 x:2-3")]
    [InlineData("""{"type":"NFD"}""", "\u00E9x", "e:0-1 \u0301:0-1 x:1-2")]
    [InlineData("""{"type":"NFKC"}""", "\uFB01\u2460", "f:0-1 i:0-1 1:1-2")]
    [InlineData("""{"type":"NFKD"}""", "\u1E9B\u0323", "s:0-1 \u0323:0-2 \u0307:0-2")]
    [InlineData("""{"type":"Lowercase"}""", "A\u0130\u03A3", "a:0-1 i:1-2 \u0307:1-2 \u03C3:2-3")]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"}]}""",
        "\u00E9x\u0302",
        "e:0-1 x:1-2"
    )]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", " \ta ", "a:2-3")]
    [InlineData("""{"type":"Prepend","prepend":">>"}""", "ab", ">:0-1 >:0-1 a:0-1 b:1-2")]
    [InlineData("""{"type":"Replace","pattern":{"String":"``"},"content":"\""}""", "a``b", "a:0-1 \":1-3 b:3-4")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"\\s+"},"content":""}""", "a \t b", "a:0-1 b:4-5")]
    [InlineData("""{"type":"Nmt"}""", "a\u0001\u200Bb", "a:0-1  :2-3 b:3-4")]
    [InlineData("""{"type":"ByteLevel"}""", "\u00E9", "\u00C3:0-1 \u00A9:0-1")]
    [InlineData("""{"type":"BertNormalizer","lowercase":false,"strip_accents":true}""", "\u00C9", "E:0-1")]
    public void Normalizers_keep_the_map_to_the_original(string json, string text, string expected)
    {
        Tokenizer tokenizer = CharacterTokenizer(json, expected);
        string[] characters = expected.Split(' ');
        Assert.Equal(Regroup(characters), tokenizer.Encode(text).Tokens.Select(t => $"{t.Text}:{t.Start}-{t.End}"));
    }

    [Fact]
    public void Added_tokens_obey_their_flags()
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            """
            {"added_tokens":[
              {"id":10,"content":"<x>","special":true,"normalized":false,"lstrip":true,"rstrip":true},
              {"id":11,"content":"ing","special":false,"normalized":true,"single_word":true},
              {"id":12,"content":"<x>y","special":false,"normalized":false},
              {"id":13,"content":"NY","special":false,"normalized":true}],
             "normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"WhitespaceSplit"},
             "model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"a":1,"b":2,"going":3}}}
            """
        );
        Assert.Equal(
            [("a", 0, 1), ("<x>", 1, 7), ("b", 7, 8)],
            tokenizer.Encode("a  <x> b").Tokens.Select(t => (t.Text, t.Start, t.End))
        );
        Assert.Equal(["<x>y"], tokenizer.Encode("<x>y").Tokens.Select(t => t.Text));
        Assert.Equal(["going", "ing", "a"], tokenizer.Encode("going ING a").Tokens.Select(t => t.Text));
        Assert.Equal(["NY", "NY"], tokenizer.Encode("ny Ny").Tokens.Select(t => t.Text));
        Assert.Equal("a b", tokenizer.Decode([1, 10, 2]));
        Assert.Equal("a <x> b", tokenizer.Decode([1, 10, 2], skipSpecial: false));
        Assert.Equal(14, tokenizer.VocabularySize);
    }

    [Fact]
    public void Byte_pairs_obey_prefix_suffix_fusing_and_ignored_merges()
    {
        Tokenizer clip = SmallTokenizers.FromJson(
            """
            {"pre_tokenizer":{"type":"WhitespaceSplit"},"decoder":{"type":"BPEDecoder","suffix":"</w>"},
             "model":{"type":"BPE","unk_token":"?","end_of_word_suffix":"</w>","fuse_unk":true,
              "vocab":{"?":0,"l":1,"o":2,"w</w>":3,"lo":4,"low</w>":5},"merges":["l o",["lo","w</w>"]]}}
            """
        );
        Assert.Equal(
            [("low</w>", 0, 3), ("lo", 4, 6), ("?", 6, 8)],
            clip.Encode("low lozz").Tokens.Select(t => (t.Text, t.Start, t.End))
        );
        Assert.Equal("low low", clip.Decode([5, 5]));
        Tokenizer prefixed = SmallTokenizers.FromJson(
            """
            {"model":{"type":"BPE","continuing_subword_prefix":"##","fuse_unk":false,"unk_token":"?",
              "vocab":{"?":0,"a":1,"##b":2,"ab":3},"merges":["a ##b"]}}
            """
        );
        Assert.Equal(["ab", "?", "?"], prefixed.Encode("abzz").Tokens.Select(t => t.Text));
        const string ignoring = """
            {"model":{"type":"BPE","ignore_merges":IGNORE,"vocab":{"a":0,"b":1,"c":2,"abc":3},"merges":[]}}
            """;
        Assert.Equal(
            [3],
            SmallTokenizers
                .FromJson(ignoring.Replace("IGNORE", "true", StringComparison.Ordinal))
                .Encode("abc")
                .Tokens.Select(t => t.Id)
        );
        Assert.Equal(
            [0, 1, 2],
            SmallTokenizers
                .FromJson(ignoring.Replace("IGNORE", "false", StringComparison.Ordinal))
                .Encode("abc")
                .Tokens.Select(t => t.Id)
        );
    }

    [Fact]
    public void Unigram_spells_unknown_characters_as_bytes_where_it_may()
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(b => $"[\"<0x{b:X2}>\",-9]")];
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            $$$"""
            {"decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"}]},
             "model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["a",-1],{{{string.Join(
                ',',
                bytes
            )}}}]}}
            """
        );
        TokenizedText tokens = tokenizer.Encode("a\u00E9\uD83D\uDC4D");
        Assert.Equal(
            [(0, 1), (1, 2), (1, 2), (2, 4), (2, 4), (2, 4), (2, 4)],
            tokens.Tokens.Select(t => (t.Start, t.End))
        );
        Assert.Equal("a\u00E9\uD83D\uDC4D", tokenizer.Decode(tokens.Tokens.Select(t => t.Id)));
        // Bytes that are no UTF-8 become one replacement character each.
        Assert.Equal(
            "\uFFFD\uFFFDa",
            tokenizer.Decode([tokenizer.IdOf("<0xE9>")!.Value, tokenizer.IdOf("<0x80>")!.Value, 1])
        );
    }

    [Fact]
    public void Llama_flags_rebuild_the_template()
    {
        const string json = """
            {"added_tokens":[{"id":0,"content":"<s>","special":true},{"id":1,"content":"</s>","special":true}],
             "model":{"type":"WordLevel","unk_token":"a","vocab":{"<s>":0,"</s>":1,"a":2}}}
            """;
        const string config =
            """{"tokenizer_class":"LlamaTokenizer","add_bos_token":true,"add_eos_token":true,"bos_token":"<s>","eos_token":{"content":"</s>"}}""";
        Tokenizer tokenizer = SmallTokenizers.FromJson(json, ("tokenizer_config.json", config));
        Assert.Equal([0, 2, 1], tokenizer.Encode("a").Tokens.Select(t => t.Id));
        Assert.Equal([0, 2, 1, 0, 2, 1], tokenizer.Encode("a", "a").Tokens.Select(t => t.Id));
        Assert.Equal([2], SmallTokenizers.FromJson(json).Encode("a").Tokens.Select(t => t.Id));
    }

    [Theory]
    [InlineData(false, "abcd|cdef|efg", 4, 2)]
    [InlineData(true, "defg|bcde|abc", 4, 2)]
    [InlineData(false, "abc|def|g", 3, 0)]
    public void Windows_cover_a_long_text_with_the_stride_asked_for(bool left, string windows, int size, int stride)
    {
        Tokenizer tokenizer = CharacterTokenizer("null", "a b c d e f g");
        WindowOptions options = new()
        {
            MaxTokens = size,
            Stride = stride,
            TruncateLeft = left,
        };
        Assert.Equal(
            windows.Split('|'),
            tokenizer.Windows("abcdefg", null, options).Select(w => string.Concat(w.Tokens.Select(t => t.Text)))
        );
        Assert.Throws<ModelException>(() => tokenizer.Windows("abcdefg", null, options with { Stride = size }));
        Assert.Throws<ModelException>(() => tokenizer.Windows("a", null, options with { PadTo = 9 }));
    }

    [Fact]
    public void Mutated_files_are_read_or_refused_and_never_crash()
    {
        string[] seeds =
        [
            .. SmallTokenizers
                .Names.Where(n => SmallTokenizers.Json(n) is not null)
                .Select(n => SmallTokenizers.Json(n)!),
        ];
        Random random = new(77);
        int refused = 0;
        for (int i = 0; i < 250; i++)
        {
            StringBuilder json = new(seeds[random.Next(seeds.Length)]);
            for (int k = random.Next(1, 5); k > 0; k--)
            {
                int at = random.Next(json.Length);
                switch (random.Next(4))
                {
                    case 0:
                        json.Remove(at, Math.Min(random.Next(1, 30), json.Length - at));
                        break;
                    case 1:
                        json[at] = "{}[]\",:0129\\tnaB<"[random.Next(17)];
                        break;
                    case 2:
                        json.Insert(at, "99999999999");
                        break;
                    default:
                        json.Insert(at, "null");
                        break;
                }
            }
            try
            {
                SmallTokenizers.FromJson(json.ToString()).Encode("the great \u00E9 <mask> \uD83D\uDC4D's");
            }
            catch (ModelException e)
            {
                Assert.DoesNotContain("   at ", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, 50, 250);
    }

    private static IEnumerable<string> Pieces(string preTokenizer, string text)
    {
        // An unknown token for every piece shows where the pieces are; the pieces' own text needs the pre-tokenizer itself.
        IPreTokenizer splitter = TokenizerJson.PreTokenizer(JsonDocument.Parse(preTokenizer).RootElement);
        AlignedText aligned = AlignedText.Of(text, 0, text.Length);
        return splitter.Split([new Piece(aligned, 0, aligned.Length)]).Select(p => p.Characters.ToString());
    }

    /// <summary>A tokenizer whose tokens are the single characters named in <paramref name="expected"/>.</summary>
    private static Tokenizer CharacterTokenizer(string normalizer, string expected)
    {
        Dictionary<string, int> vocab = new(StringComparer.Ordinal) { ["?"] = 0 };
        foreach (string entry in Regroup(expected.Split(' ')))
        {
            vocab.TryAdd(entry.Split(':')[0], vocab.Count);
        }
        return SmallTokenizers.FromJson(
            $$"""
            {"normalizer":{{normalizer}},"model":{"type":"BPE","unk_token":"?","vocab":{{JsonSerializer.Serialize(
                vocab
            )}},"merges":[]} }
            """
        );
    }

    /// <summary>Splitting at spaces tears the entry of the space itself apart; put it together again.</summary>
    private static List<string> Regroup(string[] parts)
    {
        List<string> result = [];
        for (int i = 0; i < parts.Length; i++)
        {
            result.Add(parts[i].Length == 0 ? " " + parts[++i] : parts[i]);
        }
        return result;
    }
}
