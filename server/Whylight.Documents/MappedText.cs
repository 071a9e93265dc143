using System.Text;

namespace Whylight.Documents;

/// <summary>Collects a text and its <see cref="SourceMap"/> side by side.</summary>
internal sealed class MappedText(string source)
{
    private readonly StringBuilder _builder = new();
    private readonly List<int> _text = [];
    private readonly List<int> _source = [];
    private readonly List<int> _sourceEnd = [];
    private readonly List<bool> _replaced = [];

    public int Length => _builder.Length;

    /// <summary>Adds characters that stand for themselves.</summary>
    public void Copy(int start, int end)
    {
        if (start >= end)
        {
            return;
        }
        if (_replaced.Count > 0 && !_replaced[^1] && _sourceEnd[^1] == start)
        {
            _sourceEnd[^1] = end;
        }
        else
        {
            Add(start, end, false);
        }
        _builder.Append(source, start, end - start);
    }

    /// <summary>Adds characters that a range of the source stands for.</summary>
    public void Replace(int start, int end, string by)
    {
        if (by.Length > 0)
        {
            Add(start, end, true);
            _builder.Append(by);
        }
    }

    /// <summary>Adds one character that a range of the source stands for.</summary>
    public void Replace(int start, int end, char by)
    {
        Add(start, end, true);
        _builder.Append(by);
    }

    /// <summary>Adds a part of a text that is mapped itself; the source of its map is this one's.</summary>
    public void Copy(string text, SourceMap map, int start, int end)
    {
        int at = start;
        while (at < end)
        {
            (int stop, int sourceStart, int sourceEnd, bool replaced) = map.SegmentAt(at, end);
            if (!replaced && _replaced.Count > 0 && !_replaced[^1] && _sourceEnd[^1] == sourceStart)
            {
                _sourceEnd[^1] = sourceEnd;
            }
            else
            {
                Add(sourceStart, sourceEnd, replaced);
            }
            _builder.Append(text, at, stop - at);
            at = stop;
        }
    }

    /// <summary>The character added last, or null.</summary>
    public char? Last => _builder.Length == 0 ? null : _builder[^1];

    /// <summary>Drops characters from the end.</summary>
    public void TrimTo(int length)
    {
        while (_text.Count > 0 && _text[^1] >= length)
        {
            _text.RemoveAt(_text.Count - 1);
            _source.RemoveAt(_source.Count - 1);
            _sourceEnd.RemoveAt(_sourceEnd.Count - 1);
            _replaced.RemoveAt(_replaced.Count - 1);
        }
        if (_text.Count > 0 && !_replaced[^1])
        {
            _sourceEnd[^1] = _source[^1] + (length - _text[^1]);
        }
        _builder.Length = length;
    }

    /// <summary>The text, and the map; an empty text maps to <paramref name="emptyAt"/>, shifted like the rest.</summary>
    public (string Text, SourceMap Map) Build(int emptyAt, int shift = 0)
    {
        string text = _builder.ToString();
        return text.Length == 0
            ? (text, SourceMap.Copied(emptyAt + shift, 0))
            : (
                text,
                new SourceMap(text.Length, [.. _text], [.. _source], [.. _sourceEnd], [.. _replaced]).Shift(shift)
            );
    }

    private void Add(int start, int end, bool replaced)
    {
        _text.Add(_builder.Length);
        _source.Add(start);
        _sourceEnd.Add(end);
        _replaced.Add(replaced);
    }
}
