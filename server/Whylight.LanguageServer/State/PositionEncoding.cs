using Whylight.Documents;
using Whylight.LanguageServer.Protocol;
using Range = Whylight.LanguageServer.Protocol.Range;

namespace Whylight.LanguageServer.State;

/// <summary>How the editor counts characters within a line.</summary>
internal enum PositionEncoding
{
    /// <summary>UTF-16 code units, the protocol's default.</summary>
    Utf16,

    /// <summary>UTF-8 bytes.</summary>
    Utf8,
}

/// <summary>Between offsets of a text and positions in the agreed encoding.</summary>
internal static class PositionEncodings
{
    /// <summary>The protocol's name of an encoding.</summary>
    public static string Name(this PositionEncoding encoding) => encoding == PositionEncoding.Utf8 ? "utf-8" : "utf-16";

    /// <summary>The first encoding on the client's list that we know; UTF-16 where it has no list.</summary>
    public static PositionEncoding Choose(IReadOnlyList<string>? offered)
    {
        foreach (string name in offered ?? [])
        {
            if (name == PositionEncoding.Utf8.Name())
            {
                return PositionEncoding.Utf8;
            }
            if (name == PositionEncoding.Utf16.Name())
            {
                return PositionEncoding.Utf16;
            }
        }
        return PositionEncoding.Utf16;
    }

    /// <summary>UTF-16 offset of a position; beyond a line's end is its end, beyond the last line the text's end.</summary>
    public static int OffsetOf(this LineIndex lines, Position position, PositionEncoding encoding) =>
        encoding == PositionEncoding.Utf8
            ? lines.OffsetOfUtf8(position.Line, position.Character)
            : lines.OffsetOf(position.Line, position.Character);

    /// <summary>Position of a UTF-16 offset.</summary>
    public static Position PositionOf(this LineIndex lines, int offset, PositionEncoding encoding)
    {
        LinePosition at = lines.PositionOf(offset);
        int character = encoding == PositionEncoding.Utf8 ? lines.Utf8CharacterOf(offset) : at.Character;
        return new Position(at.Line, character);
    }

    /// <summary>Range between two UTF-16 offsets.</summary>
    public static Range RangeOf(this LineIndex lines, int start, int end, PositionEncoding encoding) =>
        new(lines.PositionOf(start, encoding), lines.PositionOf(end, encoding));
}
