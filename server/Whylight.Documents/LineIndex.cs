using System.Text;

namespace Whylight.Documents;

/// <summary>Maps UTF-16 offsets of a text to lines and characters and back, in either position encoding.</summary>
/// <remarks>
/// A part of a file (a streamed row) may be indexed with the offset and line at which it stands, so that its examples
/// speak of the whole file.
/// </remarks>
public sealed class LineIndex
{
    private readonly string _text;
    private readonly int _offset;
    private readonly int _line;
    private readonly int[] _starts;

    /// <summary>Indexes a text.</summary>
    /// <param name="text">The text, whole or the part of a file that begins at a line.</param>
    /// <param name="offset">UTF-16 offset at which the text stands in its file.</param>
    /// <param name="line">Zero-based line at which the text stands in its file.</param>
    public LineIndex(string text, int offset = 0, int line = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
        _offset = offset;
        _line = line;
        List<int> starts = [0];
        ReadOnlySpan<char> rest = text;
        int at = 0;
        while (rest[at..].IndexOfAny('\n', '\r') is >= 0 and int found)
        {
            at += found;
            at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            starts.Add(at);
        }
        _starts = [.. starts];
    }

    /// <summary>Number of lines, at least 1.</summary>
    public int LineCount => _starts.Length;

    /// <summary>Line and UTF-16 character of an offset; offsets outside the text are moved to its nearest end.</summary>
    public LinePosition PositionOf(int offset)
    {
        int local = Math.Clamp(offset - _offset, 0, _text.Length);
        int line = LineOfLocal(local);
        return new LinePosition(_line + line, local - _starts[line]);
    }

    /// <summary>Zero-based line of an offset.</summary>
    public int LineOf(int offset) => PositionOf(offset).Line;

    /// <summary>
    /// Offset of a line and UTF-16 character; as the protocol asks, a character beyond the line's end is its end, and a
    /// line beyond the last is the text's end.
    /// </summary>
    public int OffsetOf(int line, int character)
    {
        int local = line - _line;
        if (local < 0)
        {
            return _offset;
        }
        if (local >= _starts.Length)
        {
            return _offset + _text.Length;
        }
        int end = EndOfLocal(local);
        return _offset + Math.Min(_starts[local] + Math.Max(0, character), end);
    }

    /// <summary>Offset at which a line begins; the text's end for a line beyond the last.</summary>
    public int StartOf(int line) => OffsetOf(line, 0);

    /// <summary>Offset at which a line ends, its terminator not included.</summary>
    public int EndOf(int line) => OffsetOf(line, int.MaxValue / 2);

    /// <summary>Number of UTF-8 bytes of the line before an offset: the character of position encoding utf-8.</summary>
    public int Utf8CharacterOf(int offset)
    {
        int local = Math.Clamp(offset - _offset, 0, _text.Length);
        int start = _starts[LineOfLocal(local)];
        return Encoding.UTF8.GetByteCount(_text.AsSpan(start, local - start));
    }

    /// <summary>Offset of a line and a character counted in UTF-8 bytes; inside a character means its beginning.</summary>
    public int OffsetOfUtf8(int line, int utf8Character)
    {
        int at = StartOf(line) - _offset;
        int end = EndOf(line) - _offset;
        int bytes = 0;
        while (at < end)
        {
            bool valid = Rune.TryGetRuneAt(_text, at, out Rune rune);
            int size = valid ? rune.Utf8SequenceLength : 3;
            if (bytes + size > utf8Character)
            {
                break;
            }
            bytes += size;
            at += valid ? rune.Utf16SequenceLength : 1;
        }
        return _offset + at;
    }

    private int LineOfLocal(int local)
    {
        int found = Array.BinarySearch(_starts, local);
        return found >= 0 ? found : ~found - 1;
    }

    private int EndOfLocal(int line)
    {
        if (line + 1 == _starts.Length)
        {
            return _text.Length;
        }
        int end = _starts[line + 1] - 1;
        return _text[end] == '\n' && end > _starts[line] && _text[end - 1] == '\r' ? end - 1 : end;
    }
}
