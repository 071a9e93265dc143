using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class HoldOutTests
{
    private static IReadOnlyList<TrainingExample> Sentences(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TrainingExample($"film{i} was word{i} and good{i}", i % 2))];

    [Fact]
    public void PhrasesOfAHeldOutSentenceLeaveTheTrainingPart()
    {
        TrainingExample[] phrases =
        [
            .. Enumerable.Range(0, 40).Select(i => new TrainingExample($"Word{i} and good{i}", i % 2)),
        ];
        HoldOut split = HoldOut.Split([.. Sentences(40), .. phrases], 0.25, 3);

        Assert.Equal(10, split.Held.Count);
        Assert.All(split.Held, e => Assert.StartsWith("film", e.Text, StringComparison.Ordinal));
        Assert.Equal(10, split.Dropped);
        Assert.Equal(60, split.Training.Count);
        foreach (TrainingExample held in split.Held)
        {
            string number = held.Text[4..held.Text.IndexOf(' ', StringComparison.Ordinal)];
            Assert.DoesNotContain(split.Training, e => e.Text == $"Word{number} and good{number}");
        }
    }

    [Fact]
    public void ALongerTextThatContainsAHeldOutSentenceLeavesTooWhateverItsPunctuation()
    {
        TrainingExample whole = new("Indeed, film3 was -- word3 and good3!", 1);
        TrainingExample part = new("film3 was word3 and good3", 1);
        HoldOut split = HoldOut.Split([whole, part, .. Sentences(3)], 0.5, 1);
        // The part is a phrase of the whole: only the whole can be held out, and then the part goes with it.
        Assert.DoesNotContain(part, split.Held);
        Assert.Equal(split.Held.Contains(whole), !split.Training.Contains(part));
    }

    [Fact]
    public void GroupsStayTogether()
    {
        TrainingExample[] grouped =
        [
            .. Enumerable.Range(0, 60).Select(i => new TrainingExample($"alpha{i} beta{i}", 0) { Group = $"g{i / 3}" }),
        ];
        HoldOut split = HoldOut.Split(grouped, 0.2, 5);
        Assert.NotEmpty(split.Held);
        Assert.Empty(split.Held.Select(e => e.Group).Intersect(split.Training.Select(e => e.Group)));
        Assert.Equal(60, split.Held.Count + split.Training.Count + split.Dropped);
    }

    [Fact]
    public void TheSameSeedMakesTheSameSplitAndAnotherSeedAnother()
    {
        HoldOut first = HoldOut.Split(Sentences(100), 0.1, 7);
        Assert.Equal(first.Held, HoldOut.Split(Sentences(100), 0.1, 7).Held);
        Assert.NotEqual(first.Held, HoldOut.Split(Sentences(100), 0.1, 8).Held);
        Assert.Equal(5, first.Held.Count(e => e.Label == 0));
        Assert.Equal(5, first.Held.Count(e => e.Label == 1));
    }

    [Fact]
    public void APhraseThatIsAlsoOneOfALearntSentenceStays()
    {
        TrainingExample[] sentences =
        [
            .. Enumerable.Range(0, 20).Select(i => new TrainingExample($"film{i} is a great film", i % 2)),
        ];
        TrainingExample shared = new("a great film", 1);
        HoldOut split = HoldOut.Split([.. sentences, shared], 0.2, 4);
        Assert.Equal(4, split.Held.Count);
        Assert.Contains(shared, split.Training);
        Assert.Equal(17, split.Training.Count);
    }

    [Fact]
    public void ASentenceThatIsThereTwiceCountsOnce()
    {
        TrainingExample[] again = [.. Sentences(40).Select(e => e with { Text = e.Text.Replace(' ', '-') })];
        HoldOut split = HoldOut.Split([.. Sentences(40), .. again], 0.25, 3);
        Assert.Equal(10, split.Held.Count);
        Assert.Equal(60, split.Training.Count);
        Assert.Equal(10, split.Dropped);
    }

    [Fact]
    public void OfFewSentencesOneOfEachLabelIsHeldOut()
    {
        HoldOut split = HoldOut.Split(Sentences(6), 0.1, 1);
        Assert.Equal([0, 1], split.Held.Select(e => e.Label).Order());
        Assert.Equal(4, split.Training.Count);
        Assert.Empty(HoldOut.Split(Sentences(2), 0.1, 1).Held);
    }

    [Fact]
    public void MoreTextsAreOnlyLearntFromAndLeaveByTheSameRule()
    {
        TrainingExample[] more =
        [
            .. Enumerable
                .Range(0, 40)
                .Select(i => new TrainingExample($"so film{i} was word{i} and good{i} indeed", 0)),
            new("nothing of the kind", 1),
        ];
        HoldOut split = HoldOut.Split(Sentences(40), 0.25, 3, more);
        Assert.Equal(10, split.Held.Count);
        Assert.DoesNotContain(split.Held, more.Contains);
        Assert.Equal(31, split.Training.Count(more.Contains));
        Assert.Equal(10, split.Dropped);
    }
}
