using Whylight.Models;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Tokenization;

/// <summary>What the files beside a vocabulary say, as Hugging Face's classes read them.</summary>
public sealed class TokenizerFolderTests
{
    private const string Vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nÄ\na\n##b\n中文\n中\n文\n";

    private const string VocabJson =
        """{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"b":5,"Ġ":6,"Ġa":7,"ab":8,"<mask>":9}""";

    [Theory]
    [InlineData("{}", "Äab 中文", "2 1 9 10 3")]
    [InlineData("""{"do_lower_case":false}""", "Äab 中文", "2 1 9 10 3")]
    [InlineData("""{"do_lower_case":false}""", "Ä ab 中文", "2 5 6 7 9 10 3")]
    [InlineData("""{"do_lower_case":false,"strip_accents":true}""", "Ä ab", "2 1 6 7 3")]
    [InlineData("""{"do_lower_case":true,"strip_accents":false}""", "Ä ab", "2 1 6 7 3")]
    [InlineData("""{"do_lower_case":true,"strip_accents":null}""", "Ä ab", "2 6 6 7 3")]
    [InlineData("""{"tokenize_chinese_chars":false}""", "中文", "2 8 3")]
    [InlineData("""{"tokenize_chinese_chars":true}""", "中文", "2 9 10 3")]
    // Without the basic step nothing is lower-cased, stripped or set apart.
    [InlineData("""{"do_basic_tokenize":false}""", "Ä 中文", "2 5 8 3")]
    [InlineData("""{"split_special_tokens":true}""", "[MASK]a", "2 1 1 1 6 3")]
    [InlineData("""{"split_special_tokens":false}""", "[MASK]a", "2 4 6 3")]
    [InlineData("""{"cls_token":"[SEP]","sep_token":{"content":"[CLS]","special":true}}""", "a", "3 6 2")]
    [InlineData(
        """{"added_tokens_decoder":{"11":{"content":"A B","normalized":true,"special":false},"12":{"content":"<x>","special":true,"lstrip":true}}}""",
        "a b  <x>",
        "2 11 12 3"
    )]
    public void Configurations_of_bert_folders(string config, string text, string ids)
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("vocab.txt", Vocab)
            .With("tokenizer_config.json", config);
        Assert.Equal(ids, Ids(TokenizerLoader.Load(folder.Path).Encode(text)));
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("512.0", 512)]
    [InlineData("1e30", null)]
    [InlineData("1000000000000000019884624838656", null)]
    [InlineData("null", null)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    public void Model_max_length(string value, int? expected)
    {
        foreach (string name in new[] { "model_max_length", "max_len" })
        {
            using TemporaryFolder folder = new TemporaryFolder()
                .With("vocab.txt", Vocab)
                .With("tokenizer_config.json", $$"""{"{{name}}":{{value}}}""");
            Assert.Equal(expected, TokenizerLoader.Load(folder.Path).ModelMaxLength);
        }
    }

    [Fact]
    public void Special_tokens_map_goes_before_an_old_configuration_and_after_a_new_one()
    {
        const string map = """{"cls_token":"[SEP]","mask_token":{"content":"[MASK]","lstrip":true}}""";
        using TemporaryFolder old = new TemporaryFolder()
            .With("vocab.txt", Vocab)
            .With("tokenizer_config.json", """{"cls_token":"[CLS]"}""")
            .With("special_tokens_map.json", map);
        Assert.Equal("3 6 3", Ids(TokenizerLoader.Load(old.Path).Encode("a")));
        using TemporaryFolder young = new TemporaryFolder()
            .With("vocab.txt", Vocab)
            .With(
                "tokenizer_config.json",
                """{"cls_token":"[CLS]","added_tokens_decoder":{"2":{"content":"[CLS]","special":true}}}"""
            )
            .With("special_tokens_map.json", map);
        Assert.Equal("2 6 3", Ids(TokenizerLoader.Load(young.Path).Encode("a")));
    }

    [Fact]
    public void Added_tokens_json_adds_plain_tokens_by_their_normalised_form_and_special_ones_as_written()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("vocab.txt", Vocab)
            .With("added_tokens.json", """{"NEW":11,"<E>":12}""")
            .With("special_tokens_map.json", """{"additional_special_tokens":["<E>","[MASK]","<gone>"]}""");
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        Assert.Equal("2 11 11 12 1 1 1 4 3", Ids(tokenizer.Encode("new NEW <E> <e> [MASK]")));
        Assert.Equal(13, tokenizer.VocabularySize);
        Assert.Equal("new new a", tokenizer.Decode([2, 11, 12, 11, 6, 3]).ToLowerInvariant());
        Assert.Contains("'<gone>'", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "0 8 2", "0 8 2 2 8 2")]
    [InlineData("""{"tokenizer_class":"RobertaTokenizer","add_prefix_space":true}""", "0 6 8 2", "0 6 8 2 2 6 8 2")]
    [InlineData("""{"tokenizer_class":"BartTokenizer"}""", "0 8 2", "0 8 2 2 8 2")]
    [InlineData("""{"tokenizer_class":"GPT2Tokenizer"}""", "8", "8 8")]
    [InlineData(
        """{"tokenizer_class":"GPT2Tokenizer","add_bos_token":true,"add_eos_token":true,"bos_token":"<s>","eos_token":{"content":"</s>"}}""",
        "0 8 2",
        "0 8 2 0 8 2"
    )]
    public void Configurations_of_byte_level_folders(string config, string ids, string pair)
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("vocab.json", VocabJson)
            .With("merges.txt", "#version: 0.2\na b\nĠ a\n")
            .With("tokenizer_config.json", config);
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        Assert.Equal(ids, Ids(tokenizer.Encode("ab")));
        Assert.Equal(pair, Ids(tokenizer.Encode("ab", "ab")));
    }

    [Theory]
    [InlineData("{}", "a@0-1 <mask>@2-8 b@8-9")]
    [InlineData(
        """{"mask_token":{"content":"<mask>","lstrip":false,"rstrip":false,"single_word":false,"normalized":true}}""",
        "a@0-1 Ġ@2-2 <mask>@2-8 b@8-9"
    )]
    public void Robertas_mask_swallows_the_space_before_it_unless_its_entry_says_no(string map, string expected)
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("vocab.json", VocabJson)
            .With("merges.txt", "#version: 0.2\na b\nĠ a\n")
            .With("special_tokens_map.json", map);
        TokenizedText tokens = TokenizerLoader.Load(folder.Path).Encode("a <mask>b");
        Assert.Equal(
            expected,
            string.Join(' ', tokens.Tokens.Where(t => !t.Special).Select(t => $"{t.Text}@{t.Start}-{t.End}"))
        );
    }

    [Fact]
    public void What_a_fast_tokenizer_and_its_configuration_contradict_in_goes_by_the_configuration()
    {
        const string json = """
            {"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
             "pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"a":1,"A":2}} }
            """;
        Assert.Equal("1", Ids(SmallTokenizers.FromJson(json).Encode("A")));
        Tokenizer tokenizer = SmallTokenizers.FromJson(json, ("tokenizer_config.json", """{"do_lower_case":false}"""));
        Assert.Equal("2", Ids(tokenizer.Encode("A")));
        Assert.Contains("contradict", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
        Assert.Empty(SmallTokenizers.FromJson(json, ("tokenizer_config.json", """{"do_lower_case":true}""")).Notes);
    }

    [Fact]
    public void Declared_truncation_and_padding_are_kept_for_windows()
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            """
            {"truncation":{"direction":"Left","max_length":4,"strategy":"OnlySecond","stride":1},
             "padding":{"strategy":{"Fixed":6},"direction":"Left","pad_to_multiple_of":4,"pad_id":7,"pad_type_id":3,"pad_token":"p"},
             "pre_tokenizer":{"type":"WhitespaceSplit"},
             "model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"a":1,"b":2,"c":3,"p":7} } }
            """
        );
        Assert.Equal(
            new WindowOptions
            {
                MaxTokens = 4,
                Stride = 1,
                Strategy = TruncationStrategy.OnlySecond,
                TruncateLeft = true,
                PadTo = 6,
                PadToMultipleOf = 4,
                PadLeft = true,
                PadId = 7,
                PadTypeId = 3,
            },
            tokenizer.Declared
        );
        // Encode follows its argument alone; windows are eight wide, the second text loses its beginning.
        Assert.Equal(5, tokenizer.Encode("a b", "c c c").Tokens.Count);
        IReadOnlyList<TokenWindow> windows = tokenizer.Windows("a b", "c a b", tokenizer.Declared);
        Assert.Equal("7 7 7 7 1 2 1 2", string.Join(' ', windows[0].Tokens.Select(t => t.Id)));
        Assert.Equal("3 3 3 3 0 0 1 1", string.Join(' ', windows[0].TypeIds));
        Assert.Equal("0 0 0 0 1 1 1 1", string.Join(' ', windows[0].AttentionMask));
        Assert.Equal("7 7 7 7 1 2 3 1", string.Join(' ', windows[1].Tokens.Select(t => t.Id)));
        Assert.Contains("cuts the end", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Sides_of_the_configuration_go_before_those_of_the_tokenizer()
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            """{"padding":{"strategy":"BatchLongest","direction":"Right","pad_id":0},"model":{"type":"WordLevel","vocab":{"a":0}}}""",
            ("tokenizer_config.json", """{"padding_side":"left"}""")
        );
        Assert.True(tokenizer.Declared.PadLeft);
        Assert.Null(tokenizer.Declared.PadTo);
    }

    [Theory]
    [InlineData("vocab.txt", "BertJapaneseTokenizer")]
    [InlineData("vocab.txt", "EsmTokenizer")]
    [InlineData("vocab.json", "CLIPTokenizer")]
    [InlineData("vocab.json", "OpenAIGPTTokenizer")]
    public void Classes_that_do_more_than_the_files_tell_are_refused(string file, string name)
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With(file, file == "vocab.txt" ? Vocab : VocabJson)
            .With("merges.txt", "a b")
            .With("tokenizer_config.json", $$"""{"tokenizer_class":"{{name}}"}""");
        Assert.Contains(
            "save the fast tokenizer",
            Assert.Throws<ModelException>(() => TokenizerLoader.Load(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    private static string Ids(TokenizedText text) => string.Join(' ', text.Tokens.Select(t => t.Id));
}
