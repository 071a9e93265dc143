using Microsoft.ML.Tokenizers;
using Whylight.Models;
using Whylight.Models.Tokenization;
using static Whylight.Tests.Tokenization.GoldenTokenizerCases;
using Tokenizer = Whylight.Models.Tokenization.Tokenizer;
using WordPieceTokenizer = Whylight.Models.Tokenization.WordPieceTokenizer;

namespace Whylight.Tests.Tokenization;

/// <summary>Another implementation agrees on plain ASCII, where it is right.</summary>
public sealed class TokenizerOracleTests
{
    private static readonly string[] Words =
    [
        "the",
        "Movie",
        "was",
        "unbelievably",
        "great",
        "it's",
        "don't",
        "3",
        "1984",
        "well-made",
        "plot!",
        "(really)",
        "Xylophonist",
        "a",
        "zzzz",
    ];

    [Fact]
    public void Byte_pairs_agree_on_ascii()
    {
        string vocab = PathOf("gpt2.vocab.json");
        string merges = PathOf("gpt2.merges.txt");
        using TemporaryFolder folder = new();
        File.Copy(vocab, folder.At("vocab.json"));
        File.Copy(merges, folder.At("merges.txt"));
        Tokenizer ours = TokenizerLoader.Load(folder.Path);
        BpeTokenizer theirs = BpeTokenizer.Create(
            new BpeOptions(vocab, merges)
            {
                ByteLevel = true,
                PreTokenizer = new RegexPreTokenizer(
                    new System.Text.RegularExpressions.Regex(
                        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
                    ),
                    null
                ),
            }
        );
        foreach (string text in Sentences(" "))
        {
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text).Tokens.Select(t => t.Id));
        }
    }

    [Fact]
    public void Word_pieces_agree_on_ascii()
    {
        string vocab = PathOf("bert-base-uncased.vocab.txt");
        Tokenizer ours = WordPieceTokenizer.Create(File.ReadAllText(vocab).TrimEnd('\n').Split('\n'));
        BertTokenizer theirs = BertTokenizer.Create(vocab);
        foreach (string text in Sentences(" "))
        {
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text).Tokens.Select(t => t.Id));
        }
    }

    [Theory]
    [InlineData("cl100k_base", "hello world", 2)]
    [InlineData("cl100k", "tiktoken is great!", 6)]
    [InlineData("o200k_base", "hello world", 2)]
    [InlineData("o200k", "", 0)]
    public void Prompt_budgets_count_as_tiktoken(string encoding, string text, int count) =>
        Assert.Equal(count, PromptBudget.Count(text, encoding));

    [Fact]
    public void An_unknown_encoding_is_refused_with_the_known_ones() =>
        Assert.Equal(
            "there is no token encoding 'p50k'; known are cl100k_base, o200k_base",
            Assert.Throws<ModelException>(() => PromptBudget.Count("x", "p50k")).Message
        );

    private static IEnumerable<string> Sentences(string separator)
    {
        Random random = new(8);
        for (int i = 0; i < 200; i++)
        {
            yield return string.Join(
                separator,
                Enumerable.Range(0, random.Next(1, 20)).Select(_ => Words[random.Next(Words.Length)])
            );
        }
    }
}
