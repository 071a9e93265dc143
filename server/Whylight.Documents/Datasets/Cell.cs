using System.Globalization;

namespace Whylight.Documents.Datasets;

/// <summary>How a cell's characters stand for its value.</summary>
internal enum CellForm
{
    /// <summary>As they are.</summary>
    Plain,

    /// <summary>Quoted as in RFC 4180: a doubled quote is one.</summary>
    Quoted,

    /// <summary>The inside of a JSON string.</summary>
    JsonString,

    /// <summary>A JSON value that is not a string.</summary>
    JsonValue,

    /// <summary>JSON's null.</summary>
    JsonNull,
}

/// <summary>One value of a row: where it stands, without its quotes, and how to read it.</summary>
internal readonly record struct Cell(string? Name, int Start, int End, CellForm Form)
{
    public string ValueIn(string source) =>
        Form switch
        {
            CellForm.Quoted when Has(source, '"') => Decode(source, 0).Text,
            CellForm.JsonString when Has(source, '\\') => Decode(source, 0).Text,
            CellForm.JsonNull => "",
            _ => source[Start..End],
        };

    /// <summary>The value and the map from it to the file, the source standing at <paramref name="shift"/>.</summary>
    public (string Text, SourceMap Map) Decode(string source, int shift)
    {
        if (
            Form is CellForm.Plain or CellForm.JsonValue
            || Form == CellForm.Quoted && !Has(source, '"')
            || Form == CellForm.JsonString && !Has(source, '\\')
        )
        {
            return (source[Start..End], SourceMap.Copied(Start + shift, End - Start));
        }
        MappedText text = new(source);
        if (Form == CellForm.Quoted)
        {
            DecodeQuoted(source, text);
        }
        else if (Form == CellForm.JsonString)
        {
            DecodeJson(source, text);
        }
        return text.Build(Start, shift);
    }

    private bool Has(string source, char c) => source.AsSpan(Start, End - Start).Contains(c);

    private void DecodeQuoted(string source, MappedText text)
    {
        int at = Start;
        while (at < End)
        {
            int quote = source.IndexOf('"', at, End - at);
            if (quote < 0)
            {
                break;
            }
            text.Copy(at, quote);
            text.Replace(quote, Math.Min(quote + 2, End), '"');
            at = quote + 2;
        }
        text.Copy(at, End);
    }

    // The scanner has checked the escapes. An unpaired surrogate escape names no character: U+FFFD, as UTF-8 would say.
    private void DecodeJson(string source, MappedText text)
    {
        int at = Start;
        while (at < End)
        {
            int escape = source.IndexOf('\\', at, End - at);
            if (escape < 0)
            {
                break;
            }
            text.Copy(at, escape);
            char kind = source[escape + 1];
            if (kind != 'u')
            {
                text.Replace(escape, escape + 2, Unescape(kind));
                at = escape + 2;
                continue;
            }
            char first = Hex(source, escape + 2);
            at = escape + 6;
            if (!char.IsSurrogate(first))
            {
                text.Replace(escape, at, first);
            }
            else if (
                char.IsHighSurrogate(first)
                && at + 6 <= End
                && source[at] == '\\'
                && source[at + 1] == 'u'
                && char.IsLowSurrogate(Hex(source, at + 2))
            )
            {
                text.Replace(escape, at, first);
                text.Replace(at, at + 6, Hex(source, at + 2));
                at += 6;
            }
            else
            {
                text.Replace(escape, at, '\uFFFD');
            }
        }
        text.Copy(at, End);
    }

    private static char Hex(string source, int at) =>
        (char)ushort.Parse(source.AsSpan(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static char Unescape(char kind) =>
        kind switch
        {
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => kind,
        };
}
