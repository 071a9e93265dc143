namespace Whylight.Documents.Datasets;

/// <summary>
/// Walks JSON (RFC 8259) in a string and reports where values stand, in UTF-16 offsets: System.Text.Json reads UTF-8
/// and does not tell where a string's escapes are.
/// </summary>
internal sealed class JsonScanner(string source)
{
    private const int MaxDepth = 256;

    /// <summary>Where and why the last failing call failed.</summary>
    public (int Offset, string Reason) Error { get; private set; }

    public int SkipWhite(int at)
    {
        while (at < source.Length && source[at] is ' ' or '\t' or '\n' or '\r')
        {
            at++;
        }
        return at;
    }

    /// <summary>Skips a value; returns one past it, or -1 with <see cref="Error"/> set.</summary>
    public int Skip(int at, int depth = 0) =>
        at >= source.Length
            ? Fail(at, "a value is missing")
            : source[at] switch
            {
                '"' => SkipString(at),
                '{' => SkipContainer(at, '}', depth, null),
                '[' => SkipContainer(at, ']', depth, null),
                't' => SkipWord(at, "true"),
                'f' => SkipWord(at, "false"),
                'n' => SkipWord(at, "null"),
                _ => SkipNumber(at),
            };

    /// <summary>Reads the members of the object or array at an offset as cells; returns one past it, or -1.</summary>
    public int ReadMembers(int at, List<Cell> cells)
    {
        cells.Clear();
        return SkipContainer(at, source[at] == '{' ? '}' : ']', 0, cells);
    }

    /// <summary>The cell of a value that <see cref="Skip"/> has walked over.</summary>
    public Cell CellOf(string? name, int start, int end) =>
        source[start] switch
        {
            '"' => new Cell(name, start + 1, end - 1, CellForm.JsonString),
            'n' => new Cell(name, start, end, CellForm.JsonNull),
            _ => new Cell(name, start, end, CellForm.JsonValue),
        };

    private int SkipContainer(int at, char close, int depth, List<Cell>? cells)
    {
        if (depth >= MaxDepth)
        {
            return Fail(at, $"nested deeper than {MaxDepth}");
        }
        int opened = at;
        at = SkipWhite(at + 1);
        if (at < source.Length && source[at] == close)
        {
            return at + 1;
        }
        for (int index = 0; ; index++)
        {
            string? name = null;
            if (close == '}')
            {
                if (at >= source.Length || source[at] != '"')
                {
                    return at >= source.Length
                        ? Fail(opened, "a '{' is never closed")
                        : Fail(at, "a name in double quotes is expected");
                }
                int nameEnd = SkipString(at);
                if (nameEnd < 0)
                {
                    return -1;
                }
                name = cells is null ? null : new Cell(null, at + 1, nameEnd - 1, CellForm.JsonString).ValueIn(source);
                at = SkipWhite(nameEnd);
                if (at >= source.Length || source[at] != ':')
                {
                    return Fail(at, "a ':' is missing after a name");
                }
                at = SkipWhite(at + 1);
            }
            int end = Skip(at, depth + 1);
            if (end < 0)
            {
                return -1;
            }
            cells?.Add(CellOf(name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture), at, end));
            at = SkipWhite(end);
            if (at < source.Length && source[at] == close)
            {
                return at + 1;
            }
            if (at >= source.Length)
            {
                return Fail(opened, close == '}' ? "a '{' is never closed" : "a '[' is never closed");
            }
            if (source[at] != ',')
            {
                return Fail(at, $"a ',' or '{close}' is expected");
            }
            at = SkipWhite(at + 1);
        }
    }

    private int SkipString(int at)
    {
        int opened = at++;
        while (true)
        {
            int found = source.AsSpan(at).IndexOfAny(Special);
            if (found < 0)
            {
                return Fail(opened, "a string is never closed");
            }
            at += found;
            if (source[at] == '"')
            {
                return at + 1;
            }
            if (source[at] != '\\')
            {
                return Fail(
                    at,
                    source[at] is '\n' or '\r'
                        ? "a string is never closed on its line"
                        : "a control character stands in a string"
                );
            }
            if (at + 1 >= source.Length)
            {
                return Fail(opened, "a string is never closed");
            }
            char kind = source[at + 1];
            if (kind == 'u')
            {
                if (at + 6 > source.Length || !IsHex(source.AsSpan(at + 2, 4)))
                {
                    return Fail(at, "\\u is not followed by four hexadecimal digits");
                }
                at += 6;
            }
            else if (kind is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't')
            {
                at += 2;
            }
            else
            {
                return Fail(at, $"'\\{kind}' is not an escape of JSON");
            }
        }
    }

    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create([
        .. Enumerable.Range(0, 32).Select(c => (char)c),
        '"',
        '\\',
    ]);

    private static bool IsHex(ReadOnlySpan<char> digits)
    {
        foreach (char c in digits)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }
        return true;
    }

    private int SkipWord(int at, string word) =>
        source.AsSpan(at).StartsWith(word, StringComparison.Ordinal)
            ? at + word.Length
            : Fail(at, "this is not a JSON value");

    private int SkipNumber(int at)
    {
        int start = at;
        if (source[at] == '-')
        {
            at++;
        }
        int digits = at;
        at = SkipDigits(at);
        if (at == digits || (at - digits > 1 && source[digits] == '0'))
        {
            return Fail(start, "this is not a JSON value");
        }
        if (at < source.Length && source[at] == '.')
        {
            int fraction = at + 1;
            at = SkipDigits(fraction);
            if (at == fraction)
            {
                return Fail(start, "this is not a JSON number");
            }
        }
        if (at < source.Length && source[at] is 'e' or 'E')
        {
            at++;
            if (at < source.Length && source[at] is '+' or '-')
            {
                at++;
            }
            int exponent = at;
            at = SkipDigits(at);
            if (at == exponent)
            {
                return Fail(start, "this is not a JSON number");
            }
        }
        return at;
    }

    private int SkipDigits(int at)
    {
        while (at < source.Length && char.IsAsciiDigit(source[at]))
        {
            at++;
        }
        return at;
    }

    private int Fail(int offset, string reason)
    {
        Error = (Math.Min(offset, source.Length), reason);
        return -1;
    }
}
