using Whylight.Measures;
using Whylight.Models.Training;

namespace Whylight.Tests.Training;

public sealed class PackedRowsTests
{
    // Every id is its own, so that what was asked of it can be counted.
    private static List<int[]> Documents(int seed)
    {
        Random random = new(seed);
        int next = 0;
        return
        [
            .. Enumerable
                .Range(0, 200)
                .Select(_ => Enumerable.Range(0, random.Next(2, 60)).Select(_ => next++).ToArray()),
        ];
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(64)]
    public void EveryIdButTheFirstIsForetoldOnceAndNoRowIsTooLong(int length)
    {
        List<int[]> documents = Documents(length);
        List<int[][]> rows = PackedRows.Of(documents, length, new SeededRandom(1));
        Assert.All(rows, row => Assert.InRange(row.Sum(piece => piece.Length), 2, length));
        Assert.Equal(
            documents.SelectMany(d => d.Skip(1)).Order(),
            rows.SelectMany(row => row.SelectMany(piece => piece.Skip(1))).Order()
        );
        // A document that fits is never cut.
        HashSet<int> starts = [.. rows.SelectMany(row => row.Select(piece => piece[0]))];
        foreach (int[] document in documents.Where(d => d.Length <= length))
        {
            Assert.Contains(document[0], starts);
            Assert.DoesNotContain(document[^1], starts);
        }
        Assert.Equal(
            rows.Select(row => row.Select(piece => piece[0]).ToArray()),
            PackedRows.Of(documents, length, new SeededRandom(1)).Select(row => row.Select(piece => piece[0]).ToArray())
        );
    }

    [Fact]
    public void RowsAreFull()
    {
        List<int[]> documents = Documents(5);
        int ids = documents.Sum(d => d.Length);
        Assert.InRange(PackedRows.Of(documents, 64, new SeededRandom(1)).Count, ids / 64, ids / 64 * 1.05 + 1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(64)]
    public void WindowsAskForEveryIdOnceWithHalfAWindowBefore(int length)
    {
        List<int[]> documents = Documents(7);
        List<int> asked = [];
        foreach ((int[] ids, int from, int document) in PackedRows.Windows(documents, length))
        {
            Assert.InRange(ids.Length, 2, Math.Max(2, length));
            asked.AddRange(ids[from..]);
            Assert.True(ids[0] == documents[document][0] || from >= length / 2);
        }
        Assert.Equal(documents.SelectMany(d => d.Skip(1)), asked);
    }

    [Fact]
    public void TextsThatShareWordingStayTogether()
    {
        string start = "I watched this film on a rainy day with my sister and her two dogs ";
        string[] texts =
        [
            start + "and we loved every minute of it.",
            "Nothing alike here at all.",
            "In short: " + start.ToUpperInvariant() + "but we hated it!",
            "Nothing, alike: here - at all",
            "A film about a rainy day.",
        ];
        Assert.Equal([0, 1, 0, 1, 4], TextGroups.Of(texts));
        TextSplit split = TextSplit.Of(texts, ["nothing alike here at all"], 0.3, 1);
        Assert.Equal(2, split.Dropped);
        Assert.Equal(3, split.Training.Count + split.Held.Count);
        Assert.InRange(split.Training.Count, 1, 2);
        Assert.Equal(
            split.Training.Contains(texts[0], StringComparer.Ordinal),
            split.Training.Contains(texts[2], StringComparer.Ordinal)
        );
    }

    [Fact]
    public void ATemplateThatManyTextsHaveDoesNotTieThem()
    {
        string template = "Dear customer thank you very much indeed for your message to our little office about ";
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"{template} the matter {i}")];
        Assert.Equal(40, TextGroups.Of(texts).Distinct().Count());
    }
}
