using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class TrainingTextsTests
{
    [Fact]
    public void ARevisionIsPairedWithItsDocumentAndTheSentencesThatDifferCarryTheLabels()
    {
        TrainingExample[] documents =
        [
            new("The harbour town looked cold. I liked the film. Nobody sang.", 1),
            new("Trains crossed the valley. The plot was dull. Everybody slept.", 0),
        ];
        TrainingExample[] revisions =
        [
            new("Trains crossed the valley. The plot was thrilling. Everybody slept.", 1),
            new("The harbour town looked cold. I hated the film. Nobody sang.", 0),
            new("Something else entirely here.", 1),
        ];
        ContrastPairs pairs = ContrastPairs.Of(documents, revisions);
        Assert.Equal(
            [
                new("The plot was dull.", 0),
                new("The plot was thrilling.", 1),
                new("I liked the film.", 1),
                new("I hated the film.", 0),
            ],
            pairs.Changed
        );
        Assert.Equal(
            ["Trains crossed the valley.", "Everybody slept.", "The harbour town looked cold.", "Nobody sang."],
            pairs.Kept
        );
    }

    [Fact]
    public void NearDuplicatesAreLinkedOverSeveralSteps()
    {
        int[] groups = NearDuplicates.Of([
            "write a poem about the sea and the wind",
            "list ten cheeses",
            "write a poem about the sea and the rain",
            "write a song about the sea and the rain",
            "List ten cheeses!",
            "",
            "",
        ]);
        Assert.Equal([0, 1, 0, 0, 1, 5, 6], groups);
    }

    [Fact]
    public void AShortTextInsideALongOneIsItsNearDuplicate()
    {
        const string part = "you are a kind helper that answers questions about our shop";
        string whole = part + " " + string.Join(' ', Enumerable.Range(0, 60).Select(i => $"rule{i}"));
        Assert.Equal([0, 0], NearDuplicates.Of([whole, part]));
        Assert.Equal([0, 1], NearDuplicates.Of([whole, "you are kind"]));
    }

    [Fact]
    public void RecombinedTextsAreMadeOfTheWordsGivenAndRepeat()
    {
        string[] texts = ["one two three four five six seven", "eight nine", "ten"];
        IReadOnlyList<string> made = Recombination.Of(texts, 40, 3);
        Assert.Equal(40, made.Count);
        Assert.Equal(made, Recombination.Of(texts, 40, 3));
        Assert.NotEqual(made, Recombination.Of(texts, 40, 4));
        HashSet<string> words =
        [
            .. string.Join(' ', texts).Split(' '),
            .. ", ; -- and but yet though because".Split(' '),
        ];
        Assert.All(
            made.SelectMany(t => t.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            w => Assert.Contains(w, words)
        );
        Assert.Contains(made, t => t.Contains("eight nine", StringComparison.Ordinal));
        Assert.Empty(Recombination.Of(["", " "], 3, 1));
    }

    [Fact]
    public void FoldsKeepGroupsTogetherAndAreOfEqualSize()
    {
        TrainingExample[] examples =
        [
            .. Enumerable
                .Range(0, 90)
                .Select(i => new TrainingExample($"t{i}", 0) { Group = i < 60 ? $"g{i / 3}" : null }),
        ];
        int[] folds = CrossValidation.FoldsOf(examples, 5, 7);
        Assert.Equal([18, 18, 18, 18, 18], folds.GroupBy(f => f).OrderBy(f => f.Key).Select(f => f.Count()));
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(folds[i / 3 * 3], folds[i]);
        }
        Assert.Equal(folds, CrossValidation.FoldsOf(examples, 5, 7));
    }

    [Fact]
    public void ComposedInjectionsAreMostlyWhatKeywordsFindAndOrdinaryPromptsAreNot()
    {
        IReadOnlyList<string> attacks = InjectionPhrases.Compose(200, ["What is a comet?"], 1);
        IReadOnlyList<string> ordinary = InjectionPhrases.ComposeOrdinary(200, 1);
        Assert.Equal(200, attacks.Count);
        Assert.Equal(200, ordinary.Count);
        Assert.Equal(attacks, InjectionPhrases.Compose(200, ["What is a comet?"], 1));
        Assert.True(attacks.Count(InjectionPhrases.IsKeyworded) > 120);
        // One ordinary sentence reads like an attack to a list of keywords; that is what is wrong with such lists.
        Assert.All(
            ordinary.Where(InjectionPhrases.IsKeyworded),
            text => Assert.Contains("say that you do not know", text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void APairedChangeIsTheMeanOfThePairsWithItsNormalInterval()
    {
        PairedChange change = PairedChange.Of("x", [1, 2, double.NaN, 4], [2, 2, 5, 7]);
        Assert.Equal(7.0 / 3, change.Without, 12);
        Assert.Equal(11.0 / 3, change.With, 12);
        Assert.Equal(4.0 / 3, change.Difference, 12);
        // Differences 1, 0, 3: variance 14/9, error sqrt(14/27).
        Assert.Equal(4.0 / 3 - 1.959964 * Math.Sqrt(14.0 / 27), change.Interval[0], 9);
        Assert.Equal(4.0 / 3 + 1.959964 * Math.Sqrt(14.0 / 27), change.Interval[1], 9);
        Assert.Equal(
            ["drop_char", "repeat_char", "homoglyph", "zero_width"],
            TrainingEffect.Unseen([
                "swap_adjacent",
                "keyboard_typo",
                "casing",
                "punctuation",
                "contraction",
                "whitespace",
            ])
        );
    }
}
