using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;

namespace Whylight.Tests.Documents;

public sealed class LineIndexTests
{
    [Fact]
    public void Agrees_with_counting_by_hand()
    {
        Gen<string> text = Gen.Elements("a", "é", "😀", "好", "\n", "\r\n", "\r", "", "\uD800")
            .ArrayOf()
            .Select(string.Concat);
        Prop.ForAll(
                Arb.From(text),
                source =>
                {
                    LineIndex index = new(source, 100, 7);
                    int line = 0;
                    int start = 0;
                    for (int offset = 0; offset <= source.Length; offset++)
                    {
                        Assert.Equal(new LinePosition(line + 7, offset - start), index.PositionOf(offset + 100));
                        string before = source[start..offset];
                        Assert.Equal(Encoding.UTF8.GetByteCount(before), index.Utf8CharacterOf(offset + 100));
                        bool inside =
                            offset > 0
                            && offset < source.Length
                            && (
                                char.IsSurrogatePair(source, offset - 1)
                                || source[offset - 1] == '\r' && source[offset] == '\n'
                            );
                        if (!inside)
                        {
                            Assert.Equal(offset + 100, index.OffsetOf(line + 7, offset - start));
                            Assert.Equal(
                                offset + 100,
                                index.OffsetOfUtf8(line + 7, index.Utf8CharacterOf(offset + 100))
                            );
                        }
                        if (
                            offset < source.Length
                            && (
                                source[offset] == '\n'
                                || source[offset] == '\r' && (offset + 1 == source.Length || source[offset + 1] != '\n')
                            )
                        )
                        {
                            line++;
                            start = offset + 1;
                        }
                    }
                    Assert.Equal(line + 1, index.LineCount);
                    Assert.Equal(source.Length + 100, index.OffsetOf(line + 8, 0));
                    Assert.Equal(100, index.OffsetOf(0, 5));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(1729, 43));
    }

    [Fact]
    public void A_character_beyond_the_line_is_its_end()
    {
        LineIndex index = new("ab\r\ncd\n");
        Assert.Equal(2, index.OffsetOf(0, 99));
        Assert.Equal(2, index.EndOf(0));
        Assert.Equal(4, index.StartOf(1));
        Assert.Equal(6, index.OffsetOfUtf8(1, 99));
    }
}
