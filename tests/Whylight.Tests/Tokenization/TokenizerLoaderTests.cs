using Whylight.Models;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Tokenization;

public sealed class TokenizerLoaderTests
{
    private const string Vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\n##ly\nÄ\na\n";

    [Fact]
    public void Settings_of_the_configuration_are_obeyed()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .With("vocab.txt", Vocab)
            .With(
                "tokenizer_config.json",
                """{"do_lower_case":false,"model_max_length":64,"added_tokens_decoder":{"9":{"content":"<new>","special":true}}}"""
            );
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        Assert.Equal(64, tokenizer.ModelMaxLength);
        Assert.Equal(10, tokenizer.VocabularySize);
        Assert.Equal([2, 7, 1, 9, 3], tokenizer.Encode("Ä Good<new>").Tokens.Select(t => t.Id));
        Assert.Equal(
            new SpecialTokens
            {
                Pad = 0,
                Unknown = 1,
                Start = 2,
                End = 3,
                Mask = 4,
            },
            tokenizer.Special
        );
    }

    [Theory]
    [InlineData("\uFEFF[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\ngood\r\n##ly")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\n##ly\n\n")]
    public void Line_ends_and_marks_do_not_change_the_vocabulary(string vocab)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.txt", vocab);
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        Assert.Equal(7, tokenizer.VocabularySize);
        Assert.Equal([2, 5, 6, 3], tokenizer.Encode("GOODLY").Tokens.Select(t => t.Id));
        Assert.Null(tokenizer.ModelMaxLength);
    }

    [Theory]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\nfoo\n", "vocab.txt lacks [CLS], [SEP]")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\na\n", "vocab.txt: 'a' stands on line 5 and on line 7")]
    [InlineData("vocab.json", "{}", "vocab.json needs merges.txt beside it")]
    [InlineData("config.json", "{}", "no tokenizer found: vocab.txt or tokenizer.json needed")]
    [InlineData("tokenizer.json", "{\"version\":", "tokenizer.json is not valid JSON (line 1)")]
    [InlineData("tokenizer.json", "[]", "tokenizer.json: must be a JSON object")]
    [InlineData("tokenizer.json", "{\"model\":{\"type\":\"Odd\",\"vocab\":{}}}", "model 'Odd' is not supported")]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":2000000000}}}",
        "'a' has the id 2000000000"
    )]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":9000000}}}",
        "has only 1 entries"
    )]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0,\"b\":0}}}",
        "'a' and 'b' both have the id 0"
    )]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}}",
        "needs 'b', which the vocabulary lacks"
    )]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"normalizer\":{\"type\":\"Odd\"}}",
        "normalizer 'Odd' is not supported"
    )]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a\"}}}",
        "the pattern '(a' cannot be read"
    )]
    [InlineData(
        "tokenizer.json",
        "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0}},\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"x\",4],\"sep\":[\"x\",4]}}",
        "adds id 4, which the vocabulary lacks"
    )]
    [InlineData("tokenizer.model", "\u000A\u0055abc", "only 3 are left: file truncated?")]
    public void What_cannot_be_used_is_refused_with_its_cause(string file, string content, string message)
    {
        using TemporaryFolder folder = new TemporaryFolder().With(file, content);
        ModelException refused = Assert.Throws<ModelException>(() => TokenizerLoader.Load(folder.Path));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab-missing", "no tokenizer found: vocab.txt or tokenizer.json needed")]
    [InlineData("vocab-no-specials", "vocab.txt lacks [CLS], [SEP]")]
    public void Golden_folders_are_refused_as_their_manifest_says(string name, string message)
    {
        string folder = Shared.Require(Path.Combine("golden", "malformed", name));
        Assert.Equal(message, Assert.Throws<ModelException>(() => TokenizerLoader.Load(folder)).Message);
    }

    [Fact]
    public void A_broken_tokenizer_json_beside_a_sound_vocabulary_is_noted()
    {
        Tokenizer tokenizer = TokenizerLoader.Load(
            Shared.Require(Path.Combine("golden", "malformed", "tokenizer-json-invalid"))
        );
        Assert.Equal(["tokenizer.json is not valid JSON: using vocab.txt"], tokenizer.Notes);
        Assert.Equal("vocab.txt", tokenizer.Source);
    }

    [Theory]
    [InlineData("ok-vocab-crlf")]
    [InlineData("ok-no-final-newline")]
    public void Golden_variants_tokenize_as_the_control(string name)
    {
        Tokenizer control = TokenizerLoader.Load(Shared.Require("golden/malformed/ok-control"));
        Tokenizer variant = TokenizerLoader.Load(Shared.Require(Path.Combine("golden", "malformed", name)));
        Assert.Equal(control.VocabularySize, variant.VocabularySize);
        const string text = "The movie was not very good. Awfully greats!";
        Assert.Equal(control.Encode(text).Tokens, variant.Encode(text).Tokens);
    }

    [Fact]
    public void Written_files_read_back_the_same()
    {
        string[] texts = ["the great movie", "the great film, naïve \"quoted\" back\\slash"];
        IReadOnlyList<string> words = WordPieceTrainer.Train(
            texts,
            60,
            minimumCount: 1,
            cancellation: TestContext.Current.CancellationToken
        );
        WordPieceOptions options = new() { LowerCase = false, ModelMaxLength = 128 };
        using TemporaryFolder first = new();
        TokenizerFiles.WriteWordPiece(first.Path, words, options);
        Tokenizer read = TokenizerLoader.Load(first.Path);
        Assert.Equal(128, read.ModelMaxLength);
        Assert.All(
            texts,
            t => Assert.Equal(WordPieceTokenizer.Create(words, options).Encode(t).Tokens, read.Encode(t).Tokens)
        );

        BytePairVocabulary pairs = BytePairTrainer.Train(
            texts,
            290,
            minimumCount: 1,
            cancellation: TestContext.Current.CancellationToken
        );
        using TemporaryFolder second = new();
        TokenizerFiles.WriteBytePairs(second.Path, pairs);
        Tokenizer bytes = TokenizerLoader.Load(second.Path);
        Assert.Equal(pairs.Tokens.Count, bytes.VocabularySize);
        Assert.Equal(bytes.IdOf("<|endoftext|>"), bytes.Special.End);
        Assert.All(texts, t => Assert.Equal(BytePairTokenizer.Create(pairs).Encode(t).Tokens, bytes.Encode(t).Tokens));
    }

    [Fact]
    public void Without_normalisation_the_platform_is_refused()
    {
        ModelException refused = Assert.Throws<ModelException>(() => Decomposition.Check("\u00E9"));
        Assert.Contains("install ICU", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_without_room_for_special_tokens_is_refused()
    {
        Tokenizer tokenizer = WordPieceTokenizer.Create(Vocab.TrimEnd().Split('\n'));
        Assert.Equal(2, tokenizer.Encode("good good", 2).Tokens.Count);
        Assert.Contains(
            "leaves no room",
            Assert.Throws<ModelException>(() => tokenizer.Encode("good", 1)).Message,
            StringComparison.Ordinal
        );
    }
}
