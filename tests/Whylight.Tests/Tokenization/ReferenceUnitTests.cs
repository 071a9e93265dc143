using System.Globalization;
using System.Text;
using System.Text.Json;
using Whylight.Models;
using Whylight.Models.Tokenization;
using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PostProcessing;
using Whylight.Models.Tokenization.PreTokenization;

namespace Whylight.Tests.Tokenization;

/// <summary>
/// The values of the unit tests of huggingface/tokenizers 0.23.2-dev (commit 3ba8ad0), component by component; byte offsets are written as
/// UTF-16 ones. Cases marked "by hand" are derived from the reference's source where it has no test.
/// </summary>
public sealed class ReferenceUnitTests
{
    // pre_tokenizers/*.rs
    [Theory]
    [InlineData(
        """{"type":"BertPreTokenizer"}""",
        "Hey friend!     How are you?!?",
        "Hey@0-3 friend@4-10 !@10-11 How@16-19 are@20-23 you@24-27 ?@27-28 !@28-29 ?@29-30"
    )]
    [InlineData(
        """{"type":"ByteLevel","add_prefix_space":false}""",
        "Hello my friend, how is your day going?",
        "Hello@0-5 Ġmy@5-8 Ġfriend@8-15 ,@15-16 Ġhow@16-20 Ġis@20-23 Ġyour@23-28 Ġday@28-32 Ġgoing@32-38 ?@38-39"
    )]
    [InlineData(
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false}""",
        "Hello my friend, how is your day going?",
        "ĠHelloĠmyĠfriend,ĠhowĠisĠyourĠdayĠgoing?@0-39"
    )]
    [InlineData(
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false}""",
        "Hello my friend",
        "ĠHello@0-5 Ġmy@5-8 Ġfriend@8-15"
    )]
    [InlineData(
        """{"type":"ByteLevel","add_prefix_space":true}""",
        " Hello my friend",
        "ĠHello@0-6 Ġmy@6-9 Ġfriend@9-16"
    )]
    [InlineData(
        """{"type":"ByteLevel","add_prefix_space":false}""",
        "Hello there\nHello there",
        "Hello@0-5 Ġthere@5-11 Ċ@11-12 Hello@12-17 Ġthere@17-23"
    )]
    [InlineData(
        """{"type":"ByteLevel","add_prefix_space":false}""",
        "Hello there       dear",
        "Hello@0-5 Ġthere@5-11 ĠĠĠĠĠĠ@11-17 Ġdear@17-22"
    )]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false}""", "i⭢j", "i@0-1 âŃ¢@1-2 j@2-3")]
    [InlineData(
        """{"type":"Digits","individual_digits":false}""",
        "Hey 123 friend!",
        "Hey\u2423@0-4 123@4-7 \u2423friend!@7-15"
    )]
    [InlineData(
        """{"type":"Digits","individual_digits":true}""",
        "Hey 123 friend!",
        "Hey\u2423@0-4 1@4-5 2@5-6 3@6-7 \u2423friend!@7-15"
    )]
    [InlineData(
        """{"type":"Punctuation"}""",
        "Hey friend!     How are you?!?",
        "Hey\u2423friend@0-10 !@10-11 \u2423\u2423\u2423\u2423\u2423How\u2423are\u2423you@11-27 ?@27-28 !@28-29 ?@29-30"
    )]
    [InlineData("""{"type":"Whitespace"}""", "Hey man!", "Hey@0-3 man@4-7 !@7-8")]
    [InlineData("""{"type":"Whitespace"}""", "How are you doing?", "How@0-3 are@4-7 you@8-11 doing@12-17 ?@17-18")]
    [InlineData("""{"type":"Whitespace"}""", "\n", "")]
    [InlineData("""{"type":"WhitespaceSplit"}""", "Hey, man, Good?", "Hey,@0-4 man,@5-9 Good?@10-15")]
    [InlineData("""{"type":"FixedLength","length":5}""", "Hello world", "Hello@0-5 \u2423worl@5-10 d@10-11")]
    [InlineData("""{"type":"FixedLength"}""", "Short", "Short@0-5")]
    [InlineData(
        """{"type":"FixedLength","length":3}""",
        "Hello \uD83D\uDC4B world",
        "Hel@0-3 lo\u2423@3-6 \uD83D\uDC4B\u2423w@6-10 orl@10-13 d@13-14"
    )]
    [InlineData(
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Punctuation"}]}""",
        "Hey friend!     How are you?!?",
        "Hey@0-3 friend@4-10 !@10-11 How@16-19 are@20-23 you@24-27 ?@27-28 !@28-29 ?@29-30"
    )]
    [InlineData(
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""",
        "Hey friend!",
        "▁Hey@0-3 ▁friend!@3-11"
    )]
    [InlineData(
        """{"type":"Metaspace","replacement":"▁","add_prefix_space":true}""",
        "Hey   friend!",
        "▁Hey@0-3 ▁@3-4 ▁@4-5 ▁friend!@5-13"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Removed","invert":true}""",
        "How are you doing?",
        "How@0-3 are@4-7 you@8-11 doing@12-17 ?@17-18"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Isolated","invert":true}""",
        "How are you doing?",
        "How@0-3 \u2423@3-4 are@4-7 \u2423@7-8 you@8-11 \u2423@11-12 doing@12-17 ?@17-18"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"MergedWithPrevious","invert":true}""",
        "How are you doing?",
        "How\u2423@0-4 are\u2423@4-8 you\u2423@8-12 doing@12-17 ?@17-18"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"MergedWithNext","invert":true}""",
        "How are you doing?",
        "How@0-3 \u2423are@3-7 \u2423you@7-11 \u2423doing@11-17 ?@17-18"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Contiguous","invert":true}""",
        "How are you doing?",
        "How@0-3 \u2423@3-4 are@4-7 \u2423@7-8 you@8-11 \u2423@11-12 doing?@12-18"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"String":"Hello"},"behavior":"Removed","invert":true}""",
        "Hello Hello Hello",
        "Hello@0-5 Hello@6-11 Hello@12-17"
    )]
    // By hand: empty matches cut too, as Oniguruma finds them.
    [InlineData(
        """{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}""",
        "ab\uD83D\uDC4Bc",
        "a@0-1 b@1-2 \uD83D\uDC4B@2-4 c@4-5"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"(?=[A-Z])"},"behavior":"Isolated","invert":false}""",
        "helloWorldNow",
        "hello@0-5 World@5-10 Now@10-13"
    )]
    [InlineData(
        """{"type":"Split","pattern":{"Regex":"a*"},"behavior":"Removed","invert":false}""",
        "baac",
        "b@0-1 c@3-4"
    )]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"👋"}""", "a👋b👋👋c", "a@0-1 b@3-4 c@8-9")]
    public void Pre_tokenizers(string json, string text, string expected)
    {
        IPreTokenizer splitter = TokenizerJson.PreTokenizer(JsonDocument.Parse(json).RootElement);
        AlignedText aligned = AlignedText.Of(text, 0, text.Length);
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                splitter.Split([new Piece(aligned, 0, aligned.Length)]).Select(p => Shown(p.Text, p.From, p.To))
            )
        );
    }

    // pre_tokenizers/metaspace.rs, non_legacy_meta_space: sections that begin the input and sections that do not.
    [Fact]
    public void Metaspace_first_marks_only_the_beginning_of_the_input()
    {
        MetaspacePreTokenizer splitter = new('▁', PrependScheme.First, split: false);
        const string text = " Hey <s>how <s>are <s> you";
        List<string> pieces = [];
        foreach ((int from, int to) in new[] { (0, 5), (5, 8), (8, 12), (12, 15), (15, 19), (19, 22), (22, 26) })
        {
            AlignedText part = AlignedText.Of(text, from, to);
            pieces.AddRange(splitter.Split([new Piece(part, 0, part.Length)]).Select(p => p.Characters.ToString()));
        }
        Assert.Equal(["▁Hey▁", "<s>", "how▁", "<s>", "are▁", "<s>", "▁you"], pieces);
    }

    // pre_tokenizers/bert.rs, chinese_chars; tokenizer/normalizer.rs, added_characters_alignment.
    [Fact]
    public void Han_characters_are_words_with_their_own_ranges()
    {
        const string text = "野口里佳 Noguchi Rika";
        AlignedText normal = new BertNormalizer(lowercase: false).Apply(AlignedText.Of(text, 0, text.Length));
        Assert.Equal(" 野  口  里  佳  Noguchi Rika", normal.ToString());
        Assert.Equal(
            "野@0-1 口@1-2 里@2-3 佳@3-4 Noguchi@5-12 Rika@13-17",
            string.Join(
                ' ',
                new BertPreTokenizer()
                    .Split([new Piece(normal, 0, normal.Length)])
                    .Select(p => Shown(p.Text, p.From, p.To))
            )
        );
    }

    // normalizers/*.rs and tokenizer/normalizer.rs
    [Theory]
    [InlineData("""{"type":"NFD"}""", "élégant", "e\u0301le\u0301gant", "0-1 0-1 1-2 2-3 2-3 3-4 4-5 5-6 6-7")]
    [InlineData(
        """{"type":"BertNormalizer","lowercase":false,"strip_accents":true}""",
        "élégant",
        "elegant",
        "0-1 1-2 2-3 3-4 4-5 5-6 6-7"
    )]
    [InlineData("""{"type":"Prepend","prepend":"Hey "}""", "there", "Hey there", "0-1 0-1 0-1 0-1 0-1 1-2 2-3 3-4 4-5")]
    [InlineData("""{"type":"Prepend","prepend":"Hey "}""", "", "", "")]
    [InlineData(
        """{"type":"Strip","strip_left":true,"strip_right":false}""",
        "  a b  ",
        "a b  ",
        "2-3 3-4 4-5 5-6 6-7"
    )]
    [InlineData(
        """{"type":"Strip","strip_left":false,"strip_right":true}""",
        "  a b  ",
        "  a b",
        "0-1 1-2 2-3 3-4 4-5"
    )]
    [InlineData(
        """{"type":"Strip","strip_left":true,"strip_right":true}""",
        "  你好asa \n",
        "你好asa",
        "2-3 3-4 4-5 5-6 6-7"
    )]
    [InlineData("""{"type":"Replace","pattern":{"String":"aaa"},"content":"b"}""", "aaaab", "bab", "0-3 3-4 4-5")]
    [InlineData(
        """{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"_"}""",
        " Hi   y ",
        "_Hi_y_",
        "0-1 1-2 2-3 3-6 6-7 7-8"
    )]
    [InlineData(
        """{"type":"Replace","pattern":{"String":"''"},"content":"\""}""",
        "a ''t''",
        "a \"t\"",
        "0-1 1-2 2-4 4-5 5-7"
    )]
    // By hand: a replacement for nothing stands at the character before, or at the beginning with an empty range.
    [InlineData("""{"type":"Replace","pattern":{"Regex":"^"},"content":"▁"}""", "ab", "▁ab", "0-0 0-1 1-2")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"$"},"content":"."}""", "ab", "ab.", "0-1 1-2 1-2")]
    [InlineData("""{"type":"StripAccents"}""", "e\u0304\u0304\u0304o", "eo", "0-1 4-5")]
    [InlineData("""{"type":"StripAccents"}""", "这很简单", "这很简单", "0-1 1-2 2-3 3-4")]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""",
        "Ậ…",
        "a...",
        "0-1 1-2 1-2 1-2"
    )]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""",
        "ำน\u0e49ำ3ลำ",
        "านา3ลา",
        "0-1 1-2 3-4 4-5 5-6 6-7"
    )]
    [InlineData("""{"type":"NFKC"}""", "𝔾𝕠𝕠𝕕", "Good", "0-2 2-4 4-6 6-8")]
    [InlineData("""{"type":"Nmt"}""", "a\u0008\u007F\u008F\u009Fb", "ab", "0-1 5-6")]
    [InlineData(
        """{"type":"Nmt"}""",
        "\t\n\f\r\u1680\u200F\u2028\u2029\u2581\uFEFF\uFFFD",
        "           ",
        "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11"
    )]
    [InlineData("""{"type":"ByteLevel"}""", "A é", "A\u0120Ã©", "0-1 1-2 2-3 2-3")]
    public void Normalizers(string json, string text, string expected, string ranges)
    {
        AlignedText normal = TokenizerJson
            .Normalizer(JsonDocument.Parse(json).RootElement)
            .Apply(AlignedText.Of(text, 0, text.Length));
        Assert.Equal(expected, normal.ToString());
        List<string> found = [];
        for (int i = 0; i < normal.Length; i++)
        {
            found.Add(string.Create(CultureInfo.InvariantCulture, $"{normal.StartOf(i)}-{normal.EndOf(i)}"));
        }
        Assert.Equal(ranges, string.Join(' ', found));
    }

    // models/bpe/model.rs
    [Theory]
    [InlineData(
        """{"type":"BPE","unk_token":"<unk>","vocab":{"<unk>":0,"a":1,"b":2},"merges":[]}""",
        "accb",
        "1@0-1 0@1-2 0@2-3 2@3-4"
    )]
    [InlineData(
        """{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<unk>":0,"a":1,"b":2},"merges":[]}""",
        "accb",
        "1@0-1 0@1-3 2@3-4"
    )]
    [InlineData(
        """
            {"type":"BPE","dropout":0.0,"vocab":{"u":0,"n":1,"r":2,"e":3,"l":4,"a":5,"t":6,"d":7,"re":8,"at":9,"ed":10,"un":11,"ated":12,"rel":13,"related":14,"unrelated":15},
             "merges":[["r","e"],["a","t"],["e","d"],["u","n"],["at","ed"],["re","l"],["rel","ated"],["un","related"]]}
            """,
        "unrelated",
        "15@0-9"
    )]
    [InlineData(
        """{"type":"BPE","unk_token":"[UNK]","continuing_subword_prefix":"##","vocab":{"a":0,"##b":1,"##c":2,"ab":3,"abc":4},"merges":["a ##b","ab ##c"]}""",
        "abc",
        "4@0-3"
    )]
    [InlineData(
        """{"type":"BPE","unk_token":"<unk>","byte_fallback":true,"vocab":{"<unk>":0,"<0x61>":1,"<0x0A>":2},"merges":[]}""",
        "ca\n",
        "0@0-1 1@1-2 2@2-3"
    )]
    [InlineData(
        """{"type":"BPE","ignore_merges":true,"vocab":{".:.:":0,".":2,":":3,".:":7},"merges":[". :"]}""",
        ".:.:",
        "0@0-4"
    )]
    [InlineData(
        """{"type":"BPE","ignore_merges":false,"vocab":{".:.:":0,".":2,":":3,".:":7},"merges":[". :"]}""",
        ".:.:",
        "7@0-2 7@2-4"
    )]
    // By hand: a rule that stands twice counts where it stands last; without an unknown token, what cannot be spelt is left out.
    [InlineData(
        """{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3,"bc":4},"merges":["a b","b c","a b"]}""",
        "abcx",
        "0@0-1 4@1-3"
    )]
    // The type may be missing in old files.
    [InlineData(
        """{"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":4,"vocab":{"[UNK]":0,"a":1,"##b":2,"##😺":3}}""",
        "ab😺",
        "1@0-1 2@1-2 3@2-4"
    )]
    [InlineData("""{"unk_token":"?","vocab":{"?":0,"ab":1}}""", "ab", "1@0-2")]
    // models/unigram/model.rs, the example of encode; untyped.
    [InlineData(
        """{"unk_id":0,"vocab":[["<unk>",0.0],["a",0.0],["b",0.0],["c",0.0],["d",0.0],["cd",1.0],["ab",2.0],["abc",5.0],["abcd",10.0]]}""",
        "abcdacdxx",
        "8@0-4 1@4-5 5@5-7 0@7-9"
    )]
    // By hand: the reference matches the unknown token's own spelling, as unknown.
    [InlineData("""{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["a",-1.0]]}""", "a<unk>a", "1@0-1 0@1-6 1@6-7")]
    public void Models(string model, string text, string expected)
    {
        TokenizedText tokens = SmallTokenizers.FromJson($$"""{"version":"1.0","model":{{model}} }""").Encode(text);
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                tokens.Tokens.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Id}@{t.Start}-{t.End}"))
            )
        );
    }

    // pre_tokenizers/byte_level.rs, processor_trims_offsets
    [Theory]
    [InlineData("Ġ", " ", "0-0")]
    [InlineData("ĠĠĠĠHelloĠĠ", "    Hello  ", "4-9")]
    [InlineData("ĠĠHello", "  Hello", "2-7")]
    [InlineData("HelloĠĠ", "Hello  ", "0-5")]
    [InlineData("ĠĠĠĠ", "    ", "4-4")]
    [InlineData("Ġl", "l", "0-1")]
    public void Offsets_are_trimmed(string token, string text, string expected)
    {
        List<EncodedToken> tokens = [new EncodedToken(0, 0, text.Length, 0)];
        OffsetTrimming.Apply(tokens, text, _ => token, addedPrefixSpace: true);
        Assert.Equal(expected, string.Create(CultureInfo.InvariantCulture, $"{tokens[0].Start}-{tokens[0].End}"));
    }

    // processors/roberta.rs: one segment, with and without special tokens; processors/bert.rs: two.
    [Theory]
    [InlineData(
        """{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":true}""",
        "0 12 14 2 2 15 2",
        "0 0 0 0 0 0 0",
        "12 14 15",
        "0 0 0"
    )]
    [InlineData(
        """{"type":"BertProcessing","sep":["</s>",2],"cls":["<s>",0]}""",
        "0 12 14 2 15 2",
        "0 0 0 0 1 1",
        "12 14 15",
        "0 0 1"
    )]
    [InlineData(
        """
            {"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}}],
             "pair":[{"Sequence":{"id":"B","type_id":3}},{"SpecialToken":{"id":"x","type_id":2}},{"Sequence":{"id":"A","type_id":1}}],
             "special_tokens":{"x":{"id":"x","ids":[2,0],"tokens":["</s>","<s>"]}}}
            """,
        "15 2 0 12 14",
        "3 2 2 1 1",
        "15 12 14",
        "3 1 1"
    )]
    [InlineData(
        """{"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false},{"type":"BertProcessing","sep":["</s>",2],"cls":["<s>",0]}]}""",
        "0 12 14 2 15 2",
        "0 0 0 0 1 1",
        "12 14 15",
        "0 0 1"
    )]
    [InlineData("null", "12 14 15", "0 0 1", "12 14 15", "0 0 1")]
    public void Post_processors(string json, string ids, string types, string bareIds, string bareTypes)
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            $$$"""
            {"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":{{{json}}},
             "model":{"type":"WordLevel","unk_token":"<s>","vocab":{"<s>":0,"</s>":2,"Hello":12,"there":14,"pair":15} } }
            """
        );
        foreach (bool special in new[] { true, false })
        {
            TokenWindow window = tokenizer.Windows("Hello there", "pair", new WindowOptions { AddSpecial = special })[
                0
            ];
            Assert.Equal(special ? ids : bareIds, string.Join(' ', window.Tokens.Select(t => t.Id)));
            Assert.Equal(special ? types : bareTypes, string.Join(' ', window.TypeIds));
        }
        Assert.Equal(ids, string.Join(' ', tokenizer.Encode("Hello there", "pair").Tokens.Select(t => t.Id)));
    }

    // decoders/*.rs
    [Theory]
    [InlineData("""{"type":"ByteLevel"}""", "Hello|Ġmy|Ġfriend|,|Ġhow", "Hello my friend, how")]
    [InlineData("""{"type":"ByteLevel"}""", "Hello|Ġthere|Ġ|[PA D]", "Hello there [PA D]")]
    [InlineData(
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""",
        "▁Hey|▁friend!",
        "Hey| friend!"
    )]
    [InlineData(
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""",
        "▁Hey|▁friend!",
        " Hey| friend!"
    )]
    [InlineData("""{"type":"Strip","content":"H","start":1,"stop":0}""", "Hey| friend!|HHH", "ey| friend!|HH")]
    [InlineData("""{"type":"Strip","content":"y","start":0,"stop":1}""", "Hey| friend!", "He| friend!")]
    [InlineData("""{"type":"ByteFallback"}""", "Hey|friend!", "Hey|friend!")]
    [InlineData("""{"type":"ByteFallback"}""", "<0x61>", "a")]
    [InlineData("""{"type":"ByteFallback"}""", "<0xE5>|<0x8f>", "\uFFFD|\uFFFD")]
    [InlineData("""{"type":"ByteFallback"}""", "<0xE5>|<0x8f>|<0xab>|a", "叫|a")]
    [InlineData("""{"type":"ByteFallback"}""", "<0xE5>|<0x8f>|a", "\uFFFD|\uFFFD|a")]
    [InlineData(
        """{"type":"WordPiece","prefix":"##","cleanup":false}""",
        "##uelo|Ara|##új|##o|No|##guera",
        "##uelo| Ara|új|o| No|guera"
    )]
    [InlineData(
        """{"type":"WordPiece","prefix":"##","cleanup":true}""",
        "I|do|not|'|##m|ok|.",
        "I| do| not| '|m| ok|."
    )]
    [InlineData("""{"type":"BPEDecoder","suffix":"</w>"}""", "lo|w</w>|x</w>", "lo|w |x")]
    [InlineData("""{"type":"Fuse"}""", "a|b", "ab")]
    [InlineData("""{"type":"Replace","pattern":{"String":"_"},"content":" "}""", "hello|_hello", "hello| hello")]
    [InlineData("""{"type":"CTC"}""", "<pad>|<pad>|h|e|e|l|l|<pad>|l|o|o|o|<pad>", "h|e|l|l|o")]
    [InlineData("""{"type":"CTC"}""", "<pad>|h|i|I|<pad>|w|o|o|r|<pad>|l|l|d", "h|i|I|w|o|r|l|d")]
    [InlineData(
        """{"type":"CTC","pad_token":"_","word_delimiter_token":"/","cleanup":true}""",
        "_|a|a|/|/|_|b",
        "a| |b"
    )]
    [InlineData(
        """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""",
        "▁a|▁b",
        "a b"
    )]
    public void Decoders(string json, string tokens, string expected)
    {
        IDecoder decoder = TokenizerJson.Decoder(JsonDocument.Parse(json).RootElement);
        Assert.Equal(expected.Split('|'), decoder.Decode([.. tokens.Split('|')]));
        Assert.Equal("", string.Concat(decoder.Decode([])));
    }

    // tokenizer/added_vocabulary.rs and tests/added_tokens.rs
    [Theory]
    [InlineData(
        """{"id":1,"content":"my","normalized":true},{"id":2,"content":"name","normalized":true},{"id":3,"content":"[CLS]","special":true},{"id":4,"content":"[SEP]","special":true}""",
        "null",
        "[CLS] My name is Anthony [SEP]",
        "3@0-5 0@5-9 2@9-13 0@13-25 4@25-30"
    )]
    [InlineData(
        """{"id":1,"content":"my","normalized":true,"lstrip":true,"rstrip":true},{"id":2,"content":"name","normalized":true},{"id":3,"content":"ony","normalized":true,"single_word":true},{"id":4,"content":"[CLS]","special":true},{"id":5,"content":"[SEP]","special":true}""",
        """{"type":"Lowercase"}""",
        "[CLS] My name is Anthony [SEP]",
        "4@0-5 1@5-9 2@9-13 0@13-25 5@25-30"
    )]
    [InlineData(
        """{"id":1,"content":"<mask>","normalized":true,"single_word":true}""",
        """{"type":"Lowercase"}""",
        "<mask> My name <mask> A<mask> <mask>ony <mask>",
        "1@0-6 0@6-15 1@15-21 0@21-40 1@40-46"
    )]
    [InlineData(
        """{"id":1,"content":"<mask>","normalized":true,"single_word":true}""",
        """{"type":"Lowercase"}""",
        "<mask>, <mask>- ◌̰<mask>",
        "1@0-6 0@6-8 1@8-14 0@14-24"
    )]
    [InlineData(
        """{"id":1,"content":"<mask>","normalized":true,"single_word":true,"lstrip":true,"rstrip":true}""",
        """{"type":"Lowercase"}""",
        "Hi <mask> there\t<mask>\t<mask>\u2000",
        "0@0-2 1@2-10 0@10-15 1@15-23 1@23-30"
    )]
    [InlineData(
        """{"id":1,"content":"danc","special":true},{"id":2,"content":"nci","special":true},{"id":3,"content":"ing","special":true}""",
        "null",
        "I like dancing",
        "0@0-7 1@7-11 3@11-14"
    )]
    // By hand: of two at one place the longer; a token that normalises to another spelling is found by it, its range that of the text.
    [InlineData(
        """{"id":1,"content":"<a>"},{"id":2,"content":"<a><b>"},{"id":3,"content":"É","normalized":true}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""",
        "<a><b><a>xE\u0301x",
        "2@0-6 1@6-9 0@9-10 3@10-11 0@12-13"
    )]
    public void Added_tokens(string added, string normalizer, string text, string expected)
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            $$$"""{"added_tokens":[{{{added}}}],"normalizer":{{{normalizer}}},"model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0} } }"""
        );
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                tokenizer
                    .Encode(text)
                    .Tokens.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Id}@{t.Start}-{t.End}"))
            )
        );
    }

    // utils/truncation.rs, truncate_encodings_longest_first: lengths 0, 2, 4 and 8 cut to 7 in all.
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 2, 0, 2)]
    [InlineData(0, 4, 0, 4)]
    [InlineData(0, 8, 0, 7)]
    [InlineData(2, 0, 2, 0)]
    [InlineData(2, 2, 2, 2)]
    [InlineData(2, 4, 2, 4)]
    [InlineData(2, 8, 2, 5)]
    [InlineData(4, 0, 4, 0)]
    [InlineData(4, 2, 4, 2)]
    [InlineData(4, 4, 3, 4)]
    [InlineData(4, 8, 3, 4)]
    [InlineData(8, 0, 7, 0)]
    [InlineData(8, 2, 5, 2)]
    [InlineData(8, 4, 4, 3)]
    [InlineData(8, 8, 3, 4)]
    public void The_longest_text_is_cut_first(int first, int second, int keptFirst, int keptSecond) =>
        Assert.Equal((keptFirst, keptSecond), Windowing.Lengths(first, second, 7, TruncationStrategy.LongestFirst));

    [Fact]
    public void Only_one_text_is_cut_where_it_is_long_enough()
    {
        Assert.Equal((3, 4), Windowing.Lengths(8, 4, 7, TruncationStrategy.OnlyFirst));
        Assert.Equal((4, 3), Windowing.Lengths(4, 8, 7, TruncationStrategy.OnlySecond));
        Assert.Throws<ModelException>(() => Windowing.Lengths(1, 8, 7, TruncationStrategy.OnlyFirst));
        Assert.Throws<ModelException>(() => Windowing.Lengths(8, 1, 7, TruncationStrategy.OnlySecond));
        Assert.Throws<ModelException>(() => Windowing.Lengths(8, null, 7, TruncationStrategy.OnlySecond));
    }

    /// <summary>A piece with its range; spaces in it are written as open boxes, so that pieces can be split at spaces.</summary>
    private static string Shown(AlignedText text, int from, int to)
    {
        (int start, int end) = text.Original(from, to);
        StringBuilder shown = new();
        shown.Append(text.Characters[from..to]).Replace(' ', '\u2423');
        return shown.Append(CultureInfo.InvariantCulture, $"@{start}-{end}").ToString();
    }
}
