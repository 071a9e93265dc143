using Whylight.Models.Tokenization;

namespace Whylight.Tests.Tokenization;

public sealed class WordPieceTrainerTests
{
    private static readonly string[] Texts =
    [
        "low low low low low",
        "lower lower",
        "newest newest newest newest newest newest",
        "widest widest widest Caf\u00E9",
    ];

    private static IReadOnlyList<string> Train(IEnumerable<string> texts, int size, int minimumCount = 2) =>
        WordPieceTrainer.Train(
            texts,
            size,
            minimumCount: minimumCount,
            cancellation: TestContext.Current.CancellationToken
        );

    [Fact]
    public void Merges_the_most_frequent_pairs_first()
    {
        IReadOnlyList<string> vocabulary = Train(Texts, 40);
        Assert.Equal(WordPieceTrainer.BertSpecialTokens, vocabulary.Take(5));
        Assert.Equal(vocabulary.Count, vocabulary.Distinct().Count());
        // es (9) and st (9) tie; the pieces of "es" entered first.
        int firstMerge = vocabulary.ToList().FindIndex(5, v => v.TrimStart('#').Length == 2);
        Assert.Equal("##es", vocabulary[firstMerge]);
        Assert.Equal("##est", vocabulary[firstMerge + 1]);
        Assert.Contains("low", vocabulary);
        Assert.Contains("newest", vocabulary);
    }

    [Fact]
    public void Order_of_the_texts_does_not_change_the_vocabulary() =>
        Assert.Equal(Train(Texts, 33), Train(Texts.Reverse(), 33));

    [Theory]
    [InlineData(6)]
    [InlineData(12)]
    [InlineData(25)]
    [InlineData(30)]
    public void Never_exceeds_the_size_asked_for(int size) =>
        Assert.Equal(size, Train(Texts, size, minimumCount: 1).Count);

    [Fact]
    public void A_trained_vocabulary_spells_its_training_texts_without_unknown_tokens()
    {
        Tokenizer tokenizer = WordPieceTokenizer.Create(Train(Texts, 40));
        Assert.All(Texts, t => Assert.DoesNotContain(tokenizer.Encode(t).Tokens, k => k.Text == "[UNK]"));
        Assert.Equal(["[CLS]", "newest", "low", "[SEP]"], tokenizer.Encode("Newest LOW").Tokens.Select(t => t.Text));
    }
}
