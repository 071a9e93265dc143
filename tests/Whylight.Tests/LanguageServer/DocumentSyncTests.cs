using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.State;
using Range = Whylight.LanguageServer.Protocol.Range;

namespace Whylight.Tests.LanguageServer;

public class DocumentSyncTests
{
    private static readonly string[] Pieces = ["a", "bc", "\n", "\r\n", "\r", "é", "漢", "😀", "\t", "x y"];

    private static OpenDocument Document(string text) => new("file:///a.tsv", "tsv", 1, text);

    [Property(MaxTest = 300)]
    public Property AnEditedRangeIsReplacedExactlyInBothEncodings() =>
        Prop.ForAll(
            Gen.Elements(Pieces).ListOf().Select(parts => string.Concat(parts)).ToArbitrary(),
            Gen.Elements(Pieces).ListOf().Select(parts => string.Concat(parts)).ToArbitrary(),
            Gen.Choose(0, 1000).Two().ToArbitrary(),
            (text, insertion, cut) =>
            {
                List<int> borders = [.. Borders(text)];
                int first = borders[cut.Item1 % borders.Count];
                int second = borders[cut.Item2 % borders.Count];
                (int start, int end) = (Math.Min(first, second), Math.Max(first, second));
                string expected = text[..start] + insertion + text[end..];
                foreach (PositionEncoding encoding in Enum.GetValues<PositionEncoding>())
                {
                    Range range = new(SlowPosition(text, start, encoding), SlowPosition(text, end, encoding));
                    TextDocumentContentChangeEvent change = new(insertion, range);
                    Assert.Equal(expected, Document(text).Change(2, [change], encoding).Text);
                }
            }
        );

    [Fact]
    public void ChangesApplyOneAfterAnother()
    {
        OpenDocument next = Document("one two three")
            .Change(
                5,
                [
                    new("1", new Range(new Position(0, 0), new Position(0, 3))),
                    new("2\n", new Range(new Position(0, 2), new Position(0, 5))),
                    new("!", new Range(new Position(1, 6), new Position(1, 6))),
                ],
                PositionEncoding.Utf16
            );
        Assert.Equal(("1 2\n three!", 5), (next.Text, next.Version));
    }

    [Fact]
    public void AChangeWithoutRangeReplacesEverything()
    {
        OpenDocument next = Document("old").Change(2, [new("new text")], PositionEncoding.Utf16);
        Assert.Equal("new text", next.Text);
    }

    [Theory]
    [InlineData(0, 99, 9, 9, "ab+")]
    [InlineData(7, 0, 8, 0, "ab\ncd+")]
    [InlineData(-1, -1, 0, 1, "+b\ncd")]
    public void PositionsOutsideTheTextMeanItsNearestPlace(
        int line,
        int character,
        int endLine,
        int endCharacter,
        string expected
    )
    {
        Range range = new(new Position(line, character), new Position(endLine, endCharacter));
        Assert.Equal(expected, Document("ab\ncd").Change(2, [new("+", range)], PositionEncoding.Utf16).Text);
    }

    [Theory]
    [InlineData("file:///data/a%20b.tsv", "/data/a b.tsv")]
    [InlineData("file:///c%3A/data/x.tsv", "c:/data/x.tsv")]
    [InlineData("untitled:notes.prompt.md", "notes.prompt.md")]
    [InlineData("not a uri", "not a uri")]
    public void UrisBecomePaths(string uri, string path) => Assert.Equal(path, Uris.ToPath(uri));

    /// <summary>Offsets where an editor may put its cursor: not inside a surrogate pair, not inside CR LF.</summary>
    private static IEnumerable<int> Borders(string text)
    {
        for (int i = 0; i <= text.Length; i++)
        {
            bool inPair = i > 0 && i < text.Length && char.IsSurrogatePair(text[i - 1], text[i]);
            bool inLineEnd = i > 0 && i < text.Length && text[i - 1] == '\r' && text[i] == '\n';
            if (!inPair && !inLineEnd)
            {
                yield return i;
            }
        }
    }

    /// <summary>The slow twin: walks the text from its beginning, as the protocol words it.</summary>
    private static Position SlowPosition(string text, int offset, PositionEncoding encoding)
    {
        int line = 0;
        int start = 0;
        for (int i = 0; i < offset; i++)
        {
            bool ends = text[i] == '\n' || (text[i] == '\r' && !(i + 1 < text.Length && text[i + 1] == '\n'));
            if (ends)
            {
                line++;
                start = i + 1;
            }
        }
        string before = text[start..offset];
        return new Position(
            line,
            encoding == PositionEncoding.Utf8 ? Encoding.UTF8.GetByteCount(before) : before.Length
        );
    }
}
