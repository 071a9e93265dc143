using FsCheck.Xunit;
using Whylight.Explanations.Rendering;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Rendering;

public sealed class TextFitTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("plain", 5)]
    [InlineData("很好", 4)]
    [InlineData("한국", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👍", 2)]
    [InlineData("👩\u200d🔬", 2)]
    [InlineData("👍🏽", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("❤\ufe0f", 2)]
    [InlineData("שלום", 4)]
    [InlineData("－", 2)]
    public void Text_takes_the_columns_that_a_terminal_gives_it(string text, int columns) =>
        Assert.Equal(columns, TextFit.Columns(text));

    [Theory]
    [InlineData("superb", 6, "superb")]
    [InlineData("superb", 5, "supe…")]
    [InlineData("很好吃", 4, "很…")]
    [InlineData("👩\u200d🔬👩\u200d🔬", 3, "👩\u200d🔬…")]
    public void A_cut_keeps_whole_characters(string text, int columns, string cut)
    {
        Assert.Equal(cut, TextFit.Cut(text, columns));
        Assert.True(TextFit.Columns(cut) <= columns);
    }

    [Fact]
    public void Lines_break_at_blanks_and_between_wide_characters()
    {
        Assert.Equal(["a bb", "ccc"], TextFit.Wrap("a bb ccc", 4));
        Assert.Equal(["很好", "吃。"], TextFit.Wrap("很好吃。", 4));
        Assert.Equal(["abcd", "ef g"], TextFit.Wrap("abcdef g", 4));
        Assert.Equal(["a"], TextFit.Wrap("a", 4));
        Assert.Empty(TextFit.Wrap("", 4));
    }

    [Property(MaxTest = 300)]
    public void Wrapping_loses_nothing_but_blanks_and_keeps_the_width(int seed, byte columns)
    {
        SeededRandom random = new((ulong)seed);
        int width = 2 + columns % 60;
        string[] parts =
        [
            "word",
            " ",
            "很",
            "好。",
            "👩\u200d🔬",
            "averyveryverylongwordwithoutend",
            ", ",
            "e\u0301",
            "שלום",
            "  ",
        ];
        string text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => parts[random.Next(parts.Length)]));
        string[] lines = [.. TextFit.Wrap(text, width)];
        Assert.Equal(
            text.Replace(" ", "", StringComparison.Ordinal),
            string.Concat(lines).Replace(" ", "", StringComparison.Ordinal)
        );
        Assert.All(lines, l => Assert.True(TextFit.Columns(l) <= width, l));
        TerminalFlow flow = new(width);
        flow.Add(text);
        Assert.All(flow.ToString().Split('\n'), l => Assert.True(TextFit.Columns(l) <= width, l));
    }

    [Property(MaxTest = 300)]
    public void A_difference_gives_back_both_texts(int seed)
    {
        SeededRandom random = new((ulong)seed);
        string[] words = ["good", " ", "bad", ",", "很", "👍", "it's", "\n"];
        string Text() =>
            string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => words[random.Next(words.Length)]));
        string before = Text();
        string after = Text();
        IReadOnlyList<DiffPiece> pieces = TextDiff.Of(before, after);
        Assert.Equal(before, string.Concat(pieces.Where(p => p.Kind != DiffKind.Inserted).Select(p => p.Text)));
        Assert.Equal(after, string.Concat(pieces.Where(p => p.Kind != DiffKind.Deleted).Select(p => p.Text)));
        Assert.All(TextDiff.Of(before, before), p => Assert.Equal(DiffKind.Same, p.Kind));
    }

    [Fact]
    public void A_difference_marks_the_words_changed()
    {
        Assert.Equal(
            [
                new DiffPiece(DiffKind.Same, "a "),
                new DiffPiece(DiffKind.Deleted, "good"),
                new DiffPiece(DiffKind.Inserted, "bad"),
                new DiffPiece(DiffKind.Same, " film"),
            ],
            TextDiff.Of("a good film", "a bad film")
        );
    }
}
