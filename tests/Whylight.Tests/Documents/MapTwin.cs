using Whylight.Documents;

namespace Whylight.Tests.Documents;

/// <summary>What every source map promises, checked offset by offset.</summary>
internal static class MapTwin
{
    public static void Check(string source, string text, SourceMap map)
    {
        Assert.Equal(text.Length, map.TextLength);
        int before = -1;
        for (int i = 0; i < text.Length; i++)
        {
            (int start, int end) = map.ToSource(i, i + 1);
            Assert.InRange(start, Math.Max(0, before), source.Length);
            Assert.InRange(end, start, source.Length);
            Assert.Equal(start, map.ToSource(i));
            if (end - start == 1 && source[start] == text[i])
            {
                Assert.Equal(i, map.ToText(start));
            }
            else if (end > start)
            {
                // The character is written otherwise: as an escape, a fold, a field.
                int? back = map.ToText(start);
                Assert.NotNull(back);
                Assert.Equal(start, map.ToSource(back.Value));
            }
            before = start;
        }
        Assert.Equal(
            (map.ToSource(0), map.ToSource(text.Length)),
            text.Length == 0 ? (map.ToSource(0), map.ToSource(0)) : map.ToSource(0, text.Length)
        );
    }
}
