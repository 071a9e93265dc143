using System.Text;
using System.Text.Json;
using Whylight.Models;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Tokenization;

/// <summary>Files and texts meant to break a tokenizer: the right answer or one clear sentence, and no hanging.</summary>
public sealed class TokenizerBadInputTests
{
    private const string Model = "\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"a\",\"vocab\":{\"a\":0,\"b\":1}}";

    [Theory]
    [InlineData($$$"""{"version":"2.0",{{{Model}}}}""", "version '2.0' is not known")]
    [InlineData("""{"version":"1.0"}""", "has no model")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{}}}""", "the vocabulary is empty")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[]}}""", "the vocabulary is empty")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":-1}}}""", "'a' has the id -1")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0.5}}}""", "'a' has the id 0.5")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":99999999999999999999}}}""", "which is no row number")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0,"a":1}}}""", "'a' stands twice")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"\ud800":0}}}""", "half a surrogate pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}}}""", "the BPE model has no merges")]
    [InlineData("""{"model":{"type":"BPE","dropout":0.1,"vocab":{"a":0},"merges":[]}}""", "dropout is 0.1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}""", "needs 'ab'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a  a"]}}""", "is not two pieces")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}""", "a merge must be text")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":3,"vocab":[["a",0]]}}""", "unk_id is 3")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",1e999]]}}""", "is not a finite number")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",0],["a",1]]}}""", "are both 'a'")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}}}""", "lacks [UNK]")]
    [InlineData(
        """{"model":{"type":"WordPiece","unk_token":"a","max_input_chars_per_word":-1,"vocab":{"a":0}}}""",
        "max_input_chars_per_word is -1"
    )]
    [InlineData($$$"""{"added_tokens":[{"id":0,"content":"x"}],{{{Model}}}}""", "'x' has the id 0, which 'a' has")]
    [InlineData(
        $$$"""{"added_tokens":[{"id":2,"content":"x"},{"id":2,"content":"y"}],{{{Model}}}}""",
        "'y' has the id 2, which 'x' has"
    )]
    [InlineData(
        $$$"""{"added_tokens":[{"id":2,"content":"x"},{"id":3,"content":"x"}],{{{Model}}}}""",
        "'x' has the ids 2 and 3"
    )]
    [InlineData($$$"""{"added_tokens":[{"id":16000000,"content":"x"}],{{{Model}}}}""", "there are only 3 tokens")]
    [InlineData($$$"""{"added_tokens":[{"id":-2,"content":"x"}],{{{Model}}}}""", "the id -2")]
    [InlineData($$$"""{"truncation":{"stride":0},{{{Model}}}}""", "truncation has no max_length")]
    [InlineData($$$"""{"truncation":{"max_length":-5},{{{Model}}}}""", "max_length is -5")]
    [InlineData(
        $$$"""{"truncation":{"max_length":5,"strategy":"Longest"},{{{Model}}}}""",
        "'Longest' is not supported"
    )]
    [InlineData($$$"""{"padding":{"strategy":{"Widest":3}},{{{Model}}}}""", "neither BatchLongest nor a fixed length")]
    [InlineData($$$"""{"pre_tokenizer":{"type":"UnicodeScripts"},{{{Model}}}}""", "'UnicodeScripts' is not supported")]
    [InlineData($$$"""{"pre_tokenizer":{"type":"FixedLength","length":0},{{{Model}}}}""", "must be 1 or more")]
    [InlineData(
        $$$"""{"pre_tokenizer":{"type":"Metaspace","replacement":"_","add_prefix_space":false,"prepend_scheme":"always"},{{{Model}}}}""",
        "add_prefix_space false and a prepend_scheme"
    )]
    [InlineData(
        $$$"""{"post_processor":{"type":"TemplateProcessing","single":[],"pair":[],"special_tokens":{}},{{{Model}}}}""",
        "does not use the text"
    )]
    [InlineData(
        $$$"""{"post_processor":{"type":"Sequence","processors":[{"type":"BertProcessing","cls":["a",0],"sep":["a",0]},{"type":"BertProcessing","cls":["a",0],"sep":["a",0]}]},{{{Model}}}}""",
        "two post_processors"
    )]
    [InlineData($$$"""{"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAA"},{{{Model}}}}""", "not Base64")]
    [InlineData(
        $$$"""{"normalizer":{"type":"Precompiled","precompiled_charsmap":"/////w=="},{{{Model}}}}""",
        "charsmap"
    )]
    [InlineData($$$"""{"decoder":{"type":"Odd"},{{{Model}}}}""", "decoder 'Odd' is not supported")]
    public void Broken_tokenizer_files(string json, string message)
    {
        ModelException refused = Assert.Throws<ModelException>(() => SmallTokenizers.FromJson(json));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"model_max_length":"512"}""", "model_max_length must be a number")]
    [InlineData("tokenizer_config.json", """{"do_lower_case":"yes"}""", "do_lower_case must be true, false or null")]
    [InlineData("tokenizer_config.json", """{"padding_side":"up"}""", "padding_side must be left or right")]
    [InlineData("tokenizer_config.json", "[1]", "must be a JSON object")]
    [InlineData("added_tokens.json", """{"x":1}""", "'x' has the id 1, which is '[UNK]'")]
    [InlineData("added_tokens.json", """{"[UNK]":9}""", "'[UNK]' has the id 9, but 1 in vocab.txt")]
    [InlineData("added_tokens.json", """{"x":9,"y":9}""", "'x' and 'y' both have the id 9")]
    [InlineData("added_tokens.json", """{"x":"nine"}""", "no row number")]
    [InlineData("special_tokens_map.json", """{"cls_token":"<none>"}""", "vocab.txt lacks <none>")]
    public void Broken_files_beside_a_vocabulary(string name, string content, string message)
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n")
            .With(name, content);
        Assert.Contains(
            message,
            Assert.Throws<ModelException>(() => TokenizerLoader.Load(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        string json = string.Concat(Enumerable.Repeat("""{"normalizer":""", 5000));
        Assert.Contains(
            "not valid JSON",
            Assert.Throws<ModelException>(() => SmallTokenizers.FromJson(json)).Message,
            StringComparison.Ordinal
        );
        string groups = new string('(', 5000) + new string(')', 5000);
        string classes = new string('[', 5000) + "a" + new string(']', 5000);
        foreach (string pattern in new[] { groups, classes })
        {
            Assert.Contains(
                "nested too deeply",
                Assert.Throws<ModelException>(() => TextPattern.Regex(pattern)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("(a|aa)+$")]
    [InlineData("(a+b?)+$")]
    public void An_expression_that_explodes_is_stopped(string pattern)
    {
        TextPattern regex = TextPattern.Regex(pattern);
        Assert.Contains(
            "takes too long",
            Assert.Throws<ModelException>(() => regex.Matches(new string('a', 200) + "!")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_character_that_nothing_spells_is_named()
    {
        const string json = """{"model":{"type":"BPE","unk_token":"<unk>","vocab":{"a":0},"merges":[]}}""";
        Tokenizer tokenizer = SmallTokenizers.FromJson(json);
        Assert.Single(tokenizer.Encode("a").Tokens);
        string message = Assert.Throws<ModelException>(() => tokenizer.Encode("ab")).Message;
        Assert.Contains("'b'", message, StringComparison.Ordinal);
        Assert.Contains("'<unk>'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_for_pairs_without_a_text_reads_single_texts_only()
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            $$$"""
            {"post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{}},
             {{{Model}}} }
            """
        );
        Assert.Single(tokenizer.Encode("b").Tokens);
        Assert.Contains(
            "does not use both texts",
            Assert.Throws<ModelException>(() => tokenizer.Encode("a", "b")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Ids_with_holes_decode_to_what_is_there()
    {
        Tokenizer tokenizer = SmallTokenizers.FromJson(
            """{"added_tokens":[{"id":9,"content":"<x>"}],"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"b":5}}}"""
        );
        Assert.Equal(10, tokenizer.VocabularySize);
        Assert.Null(tokenizer.TokenOf(3));
        Assert.Null(tokenizer.TokenOf(-1));
        Assert.Null(tokenizer.TokenOf(int.MaxValue));
        Assert.Equal("b <x>", tokenizer.Decode([3, 5, 77, 9, -4]));
    }

    [Fact]
    public void Half_surrogates_and_NUL_are_read_as_the_reference_reads_them()
    {
        // A lone half becomes U+FFFD before anything else; BERT drops that and NUL, byte-level spells them.
        Tokenizer bert = SmallTokenizers.Make("wordpiece-uncased");
        Assert.Equal(
            bert.Encode("great").Tokens.Select(t => t.Id),
            bert.Encode("gr\uD83De\0at").Tokens.Select(t => t.Id)
        );
        Tokenizer bytes = SmallTokenizers.Make("byte-level");
        TokenizedText tokens = bytes.Encode("a\uDE00\0");
        Assert.Equal("a\uFFFD\0", bytes.Decode(tokens.Tokens.Select(t => t.Id)));
        Assert.Equal([(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)], tokens.Tokens.Select(t => (t.Start, t.End)));
    }

    public static TheoryData<string> Names => [.. SmallTokenizers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Very_long_words_and_texts(string name)
    {
        // A word of a megabyte and a text of ten where WHYLIGHT_FUZZ is set, a fifth of that otherwise.
        int size = Environment.GetEnvironmentVariable("WHYLIGHT_FUZZ") is null ? 200_000 : 1_000_000;
        Tokenizer tokenizer = SmallTokenizers.Make(name);
        string word = string.Concat(Enumerable.Repeat("thegreatmovie", size / 12));
        Token[] tokens = [.. tokenizer.Encode(word).Tokens.Where(t => !t.Special)];
        Assert.Equal(0, tokens[0].Start);
        Assert.Equal(word.Length, tokens[^1].End);
        StringBuilder builder = new();
        while (builder.Length < 10 * size)
        {
            builder.Append("The great movie was not bad, caf\u00E9 \uD83D\uDC4D 3.14. ");
        }
        string text = builder.ToString();
        TokenizedText whole = tokenizer.Encode(text);
        Assert.True(whole.Tokens.Count > size);
        TokenizedText cut = tokenizer.Encode(text, 64);
        Assert.Equal(64, cut.Tokens.Count);
        Assert.Equal(
            whole.Tokens.Where(t => !t.Special).Take(60).Select(t => (t.Id, t.Start, t.End)),
            cut.Tokens.Where(t => !t.Special).Take(60).Select(t => (t.Id, t.Start, t.End))
        );
    }

    [Fact]
    public void Many_added_tokens_that_begin_alike_are_found_quickly_and_right()
    {
        string added = JsonSerializer.Serialize(
            Enumerable.Range(0, 20_000).Select(i => new { id = i + 2, content = $"<extra_{i}>" })
        );
        Tokenizer tokenizer = SmallTokenizers.FromJson($$$"""{"added_tokens":{{{added}}},{{{Model}}} }""");
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => i % 2 == 0 ? "<" : $"<extra_{i}>"));
        IReadOnlyList<Token> tokens = tokenizer.Encode(text).Tokens;
        Assert.Equal(20_000, tokens.Count);
        Assert.Equal(10_000, tokens.Count(t => t.Id >= 2));
        Assert.Equal("<extra_19999>", tokens[^1].Text);
    }
}
