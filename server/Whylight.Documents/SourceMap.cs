namespace Whylight.Documents;

/// <summary>
/// Maps every UTF-16 offset of an example's text back to the file it came from, through quotes, escapes, folded lines
/// and filled template fields.
/// </summary>
/// <remarks>
/// The text is cut into segments: in a <em>copied</em> segment each character stands for itself; a <em>replaced</em>
/// segment (an escape, a fold, a field) stands as a whole for a range of the file. Memory grows with the number of
/// escapes, not with the text.
/// </remarks>
public sealed class SourceMap
{
    // One copied segment, as most texts are, needs no arrays: then they are null and it begins here.
    private readonly int _start;
    private readonly int[]? _text;
    private readonly int[]? _source;
    private readonly int[]? _sourceEnd;
    private readonly bool[]? _replaced;

    internal SourceMap(int length, int[] text, int[] source, int[] sourceEnd, bool[] replaced)
    {
        TextLength = length;
        _text = text;
        _source = source;
        _sourceEnd = sourceEnd;
        _replaced = replaced;
    }

    private SourceMap(int start, int length)
    {
        _start = start;
        TextLength = length;
    }

    /// <summary>The map of a text copied unchanged from an offset of the file.</summary>
    public static SourceMap Copied(int sourceStart, int length) => new(sourceStart, length);

    /// <summary>Length of the text mapped, in UTF-16 code units.</summary>
    public int TextLength { get; }

    /// <summary>
    /// Offset in the file of the character at a text offset: its own place, or the beginning of the escape or field
    /// that stands for it. The text's length maps to the end of its last character.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not in [0, <see cref="TextLength"/>].</exception>
    public int ToSource(int textOffset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(textOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(textOffset, TextLength);
        if (_text is null)
        {
            return _start + textOffset;
        }
        if (textOffset == TextLength)
        {
            return _sourceEnd![^1];
        }
        int segment = SegmentOf(textOffset);
        return _replaced![segment] ? _source![segment] : _source![segment] + (textOffset - _text[segment]);
    }

    /// <summary>
    /// The range of the file that a range of the text came from: from the beginning of its first character to the end
    /// of its last; an empty range maps to an empty one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 &lt;= start &lt;= end &lt;= <see cref="TextLength"/>.</exception>
    public (int Start, int End) ToSource(int start, int end)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, end);
        int from = ToSource(start);
        if (start == end)
        {
            return (from, from);
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, TextLength);
        if (_text is null)
        {
            return (from, _start + end);
        }
        int segment = SegmentOf(end - 1);
        int to = _replaced![segment] ? _sourceEnd![segment] : _source![segment] + (end - _text[segment]);
        return (from, to);
    }

    /// <summary>
    /// The text offset of the character that a file offset belongs to, or null where the offset belongs to none (a
    /// quote around the text, an indentation that folding dropped, anything outside).
    /// </summary>
    public int? ToText(int sourceOffset)
    {
        if (_text is null)
        {
            return sourceOffset >= _start && sourceOffset < _start + TextLength ? sourceOffset - _start : null;
        }
        int low = 0;
        int high = _source!.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (sourceOffset < _source[middle])
            {
                high = middle - 1;
            }
            else if (sourceOffset >= _sourceEnd![middle])
            {
                low = middle + 1;
            }
            else
            {
                return _replaced![middle] ? _text[middle] : _text[middle] + (sourceOffset - _source[middle]);
            }
        }
        return null;
    }

    /// <summary>Whether no replaced segment stands for more than the one character or pair that an escape or fold writes.</summary>
    internal bool IsExact
    {
        get
        {
            for (int i = 0; i < (_text?.Length ?? 0); i++)
            {
                int length = (i + 1 < _text!.Length ? _text[i + 1] : TextLength) - _text[i];
                if (_replaced![i] && length > 2)
                {
                    return false;
                }
            }
            return true;
        }
    }

    internal SourceMap Shift(int by) =>
        by == 0 ? this
        : _text is null ? Copied(_start + by, TextLength)
        : new SourceMap(
            TextLength,
            _text,
            Array.ConvertAll(_source!, s => s + by),
            Array.ConvertAll(_sourceEnd!, s => s + by),
            _replaced!
        );

    // The part of the segment at a text offset that ends at a limit, and what it stands for.
    internal (int End, int SourceStart, int SourceEnd, bool Replaced) SegmentAt(int textOffset, int limit)
    {
        if (_text is null)
        {
            return (limit, _start + textOffset, _start + limit, false);
        }
        int segment = SegmentOf(textOffset);
        int end = Math.Min(limit, segment + 1 < _text.Length ? _text[segment + 1] : TextLength);
        if (_replaced![segment])
        {
            return (end, _source![segment], _sourceEnd![segment], true);
        }
        int from = _source![segment] + (textOffset - _text[segment]);
        return (end, from, from + (end - textOffset), false);
    }

    private int SegmentOf(int textOffset)
    {
        int found = Array.BinarySearch(_text!, textOffset);
        return found >= 0 ? found : ~found - 1;
    }
}
