using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Whylight.Documents.Datasets;

/// <summary>
/// Cuts a stream of UTF-8 into rows, holding one row at a time and looking at each byte once. Quotes, delimiters and line
/// ends are ASCII, so rows are found in bytes.
/// </summary>
internal sealed class RowSplitter
{
    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        AfterQuote,
    }

    private readonly Stream _stream;
    private readonly bool _quoting;
    private readonly byte _delimiter;
    private readonly bool _returnEndsRow;
    private readonly SearchValues<byte> _plainStops;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private bool _ended;
    private int _length;
    private int _terminator;
    private bool _first = true;

    /// <param name="stream">Positioned at the file's start; a byte order mark is skipped.</param>
    /// <param name="kind">Delimited rows may hold quoted line ends; other rows are lines.</param>
    /// <param name="delimiter">An ASCII character.</param>
    /// <param name="quoting">Whether quotes of delimited rows count.</param>
    public RowSplitter(Stream stream, DocumentKind kind, char delimiter, bool quoting)
    {
        _stream = stream;
        _quoting = quoting && kind is DocumentKind.Csv or DocumentKind.Tsv;
        _delimiter = (byte)delimiter;
        _returnEndsRow = kind != DocumentKind.JsonLines;
        _plainStops = SearchValues.Create(
            !_returnEndsRow ? "\n"u8
            : _quoting ? [_delimiter, (byte)'\r', (byte)'\n']
            : "\r\n"u8
        );
        _buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
    }

    /// <summary>The row's bytes, its terminator not included.</summary>
    public ReadOnlySpan<byte> Row => _buffer.AsSpan(_start, _length);

    /// <summary>Offset of the row in the file, in bytes.</summary>
    public long ByteOffset { get; private set; }

    /// <summary>Offset of the row in the file's text, in UTF-16 code units.</summary>
    public long TextOffset { get; private set; }

    /// <summary>Zero-based line on which the row begins.</summary>
    public int Line { get; private set; }

    /// <summary>Whether the row's quotes break RFC 4180: one is never closed, or text follows a closing one.</summary>
    public bool BrokenQuote { get; private set; }

    /// <summary>Goes to the next row; false at the file's end.</summary>
    /// <exception cref="InvalidDataException">The row is not UTF-8; <see cref="FirstInvalidByte"/> says where.</exception>
    public bool Next()
    {
        if (_first)
        {
            _first = false;
            Fill();
            if (_end >= 3 && _buffer.AsSpan(0, 3).SequenceEqual((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            {
                _start = 3;
                ByteOffset = 3;
            }
        }
        else
        {
            Line += LineEnds(_buffer.AsSpan(_start, _length)) + (_terminator > 0 ? 1 : 0);
            TextOffset += Encoding.UTF8.GetCharCount(Row) + _terminator;
            ByteOffset += _length + _terminator;
            _start += _length + _terminator;
        }
        FindEnd();
        if (_length == 0 && _terminator == 0)
        {
            return false;
        }
        if (!Utf8.IsValid(Row))
        {
            throw new InvalidDataException();
        }
        return true;
    }

    /// <summary>After a failed <see cref="Next"/>: offset in the file of the first byte that is not UTF-8, and its zero-based line.</summary>
    public (long Byte, int Line) FirstInvalidByte()
    {
        ReadOnlySpan<byte> row = Row;
        int at = 0;
        while (at < row.Length && Rune.DecodeFromUtf8(row[at..], out _, out int used) == OperationStatus.Done)
        {
            at += used;
        }
        return (ByteOffset + at, Line + LineEnds(row[..at]));
    }

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void FindEnd()
    {
        State state = State.FieldStart;
        BrokenQuote = false;
        int at = _start;
        while (true)
        {
            if (at >= _end)
            {
                int scanned = at - _start;
                if (_ended || !Fill())
                {
                    BrokenQuote |= state == State.Quoted;
                    _length = _end - _start;
                    _terminator = 0;
                    return;
                }
                at = _start + scanned;
                continue;
            }
            byte b = _buffer[at];
            if (state == State.Quoted)
            {
                int quote = _buffer.AsSpan(at, _end - at).IndexOf((byte)'"');
                at = quote < 0 ? _end : at + quote + 1;
                state = quote < 0 ? State.Quoted : State.AfterQuote;
                continue;
            }
            if (state == State.AfterQuote && b == '"')
            {
                state = State.Quoted;
                at++;
                continue;
            }
            if (state == State.FieldStart && _quoting && b == '"')
            {
                state = State.Quoted;
                at++;
                continue;
            }
            if (b == '\n' || b == '\r' && _returnEndsRow)
            {
                if (b == '\r' && at + 1 >= _end && !_ended)
                {
                    int scanned = at - _start;
                    Fill();
                    at = _start + scanned;
                }
                _length = at - _start;
                _terminator = b == '\r' && at + 1 < _end && _buffer[at + 1] == '\n' ? 2 : 1;
                if (!_returnEndsRow && _length > 0 && _buffer[at - 1] == '\r')
                {
                    (_length, _terminator) = (_length - 1, 2);
                }
                return;
            }
            if (_quoting && b == _delimiter)
            {
                state = State.FieldStart;
                at++;
                continue;
            }
            BrokenQuote |= state == State.AfterQuote;
            state = State.Plain;
            int stop = _buffer.AsSpan(at, _end - at).IndexOfAny(_plainStops);
            at = stop < 0 ? _end : at + stop;
        }
    }

    // Reads more behind what is held; moves the row to the buffer's front, or doubles the buffer, to make room.
    private bool Fill()
    {
        if (_start > 0 && _end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= 1 << 30)
            {
                throw new DocumentException($"line {Line + 1} is longer than 1 GB; split it");
            }
            byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        int read = _stream.ReadAtLeast(_buffer.AsSpan(_end), 1, throwOnEndOfStream: false);
        _end += read;
        _ended = read == 0;
        return !_ended;
    }

    private static int LineEnds(ReadOnlySpan<byte> row)
    {
        int ends = row.Count((byte)'\n');
        if (row.Contains((byte)'\r'))
        {
            for (int i = 0; i < row.Length; i++)
            {
                ends += row[i] == '\r' && (i + 1 == row.Length || row[i + 1] != '\n') ? 1 : 0;
            }
        }
        return ends;
    }
}
