using System.Globalization;

namespace Whylight.Documents.Yaml;

/// <summary>
/// Reads a scalar once more, character by character, to learn where each character of its value stands (YAML 1.2,
/// chapters 7.3 and 8.1). The parser's value judges: where they disagree, the whole scalar stands for the value.
/// </summary>
internal static class YamlScalarMap
{
    public static (string Text, SourceMap Map) Of(string source, YamlScalar scalar)
    {
        int start = SkipProperties(source, scalar.Start, scalar.End);
        MappedText text = new(source);
        int emptyAt = scalar.Style is YamlStyle.SingleQuoted or YamlStyle.DoubleQuoted ? start + 1 : start;
        switch (scalar.Style)
        {
            case YamlStyle.Literal or YamlStyle.Folded:
                Block(source, start, scalar.Style == YamlStyle.Folded, text);
                break;
            case YamlStyle.Plain:
                Flow(source, start, scalar.End, '\0', text);
                break;
            case YamlStyle.SingleQuoted:
                Flow(source, start + 1, scalar.End, '\'', text);
                break;
            default:
                Flow(source, start + 1, scalar.End, '"', text);
                break;
        }
        (string read, SourceMap map) = text.Build(emptyAt);
        if (read == scalar.Value)
        {
            return (read, map);
        }
        MappedText whole = new(source);
        whole.Replace(scalar.Start, Math.Max(scalar.End, scalar.Start), scalar.Value);
        return whole.Build(scalar.Start);
    }

    // An anchor or tag may stand before the scalar.
    private static int SkipProperties(string source, int at, int end)
    {
        while (at < end && source[at] is '&' or '!')
        {
            while (at < end && !char.IsWhiteSpace(source[at]))
            {
                at++;
            }
            while (at < end && char.IsWhiteSpace(source[at]))
            {
                at++;
            }
        }
        return at;
    }

    private static void Flow(string source, int at, int end, char quote, MappedText text)
    {
        while (at < end)
        {
            char c = source[at];
            if (c == quote && quote == '\'')
            {
                if (at + 1 < end && source[at + 1] == '\'')
                {
                    text.Replace(at, at + 2, '\'');
                    at += 2;
                    continue;
                }
                return;
            }
            if (c == quote && quote == '"')
            {
                return;
            }
            if (c == '\\' && quote == '"' && at + 1 < end)
            {
                at = Escape(source, at, text);
                continue;
            }
            if (c is ' ' or '\t' or '\n' or '\r')
            {
                at = Fold(source, at, end, quote, text);
                continue;
            }
            int run = at + 1;
            while (run < end && source[run] is not (' ' or '\t' or '\n' or '\r' or '\\') && source[run] != quote)
            {
                run++;
            }
            text.Copy(at, run);
            at = run;
        }
    }

    // White space: within a line it stands; a line break is a space, and n more breaks are n line feeds.
    private static int Fold(string source, int at, int end, char quote, MappedText text)
    {
        int first = at;
        int firstBreak = -1;
        List<(int Start, int End)> more = [];
        while (at < end && source[at] is ' ' or '\t' or '\n' or '\r')
        {
            if (source[at] is ' ' or '\t')
            {
                at++;
                continue;
            }
            int next = AfterBreak(source, at);
            if (firstBreak < 0)
            {
                firstBreak = at;
            }
            else
            {
                more.Add((at, next));
            }
            at = next;
        }
        if (firstBreak < 0)
        {
            if (at < end || quote != '\0')
            {
                text.Copy(first, at);
            }
        }
        else if (more.Count == 0)
        {
            if (at < end || quote != '\0')
            {
                text.Replace(first, at, ' ');
            }
        }
        else
        {
            foreach ((int start, int stop) in more)
            {
                text.Replace(start, stop, '\n');
            }
        }
        return at;
    }

    private static int Escape(string source, int at, MappedText text)
    {
        char kind = source[at + 1];
        if (kind is '\n' or '\r')
        {
            int next = AfterBreak(source, at + 1);
            while (next < source.Length && source[next] is ' ' or '\t' or '\n' or '\r')
            {
                if (source[next] is '\n' or '\r')
                {
                    int beyond = AfterBreak(source, next);
                    text.Replace(next, beyond, '\n');
                    next = beyond;
                }
                else
                {
                    next++;
                }
            }
            return next;
        }
        int digits = kind switch
        {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if (digits > 0)
        {
            int stop = Math.Min(at + 2 + digits, source.Length);
            if (
                int.TryParse(
                    source.AsSpan(at + 2, stop - at - 2),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out int code
                ) && code is >= 0 and <= 0x10FFFF
            )
            {
                text.Replace(at, stop, code <= 0xFFFF ? ((char)code).ToString() : char.ConvertFromUtf32(code));
            }
            return stop;
        }
        string value = kind switch
        {
            '0' => "\0",
            'a' => "\a",
            'b' => "\b",
            't' or '\t' => "\t",
            'n' => "\n",
            'v' => "\v",
            'f' => "\f",
            'r' => "\r",
            'e' => "\u001B",
            'N' => "\u0085",
            '_' => "\u00A0",
            'L' => "\u2028",
            'P' => "\u2029",
            _ => kind.ToString(),
        };
        text.Replace(at, at + 2, value);
        return at + 2;
    }

    private static void Block(string source, int at, bool folded, MappedText text)
    {
        char chomp = ' ';
        int explicitIndent = 0;
        for (at++; at < source.Length && source[at] is '+' or '-' or (>= '1' and <= '9'); at++)
        {
            if (source[at] is '+' or '-')
            {
                chomp = source[at];
            }
            else
            {
                explicitIndent = source[at] - '0';
            }
        }
        while (at < source.Length && source[at] is not ('\n' or '\r'))
        {
            at++;
        }
        if (at >= source.Length)
        {
            return;
        }
        at = AfterBreak(source, at);
        int indent = explicitIndent > 0 ? ParentIndent(source, at) + explicitIndent : FirstIndent(source, at);
        List<(int Start, int End)> breaks = [];
        (int Start, int End)? lineBreak = null;
        bool blankBefore = false;
        while (true)
        {
            int content = SkipBlankLines(source, at, indent, breaks, out bool more);
            if (!more)
            {
                break;
            }
            bool blank = source[content] is ' ' or '\t';
            if (lineBreak is { } previous)
            {
                if (folded && !blankBefore && !blank)
                {
                    if (breaks.Count == 0)
                    {
                        text.Replace(previous.Start, content, ' ');
                    }
                }
                else
                {
                    text.Replace(previous.Start, previous.End, '\n');
                }
            }
            Add(breaks, text);
            blankBefore = blank;
            int end = content;
            while (end < source.Length && source[end] is not ('\n' or '\r'))
            {
                end++;
            }
            text.Copy(content, end);
            if (end >= source.Length)
            {
                lineBreak = null;
                break;
            }
            at = AfterBreak(source, end);
            lineBreak = (end, at);
        }
        if (chomp != '-' && lineBreak is { } final)
        {
            text.Replace(final.Start, final.End, '\n');
        }
        if (chomp == '+')
        {
            Add(breaks, text);
        }
    }

    private static void Add(List<(int Start, int End)> breaks, MappedText text)
    {
        foreach ((int start, int end) in breaks)
        {
            text.Replace(start, end, '\n');
        }
        breaks.Clear();
    }

    // Skips lines with nothing at or beyond the indent; more: a content line follows, returned past its indent.
    private static int SkipBlankLines(
        string source,
        int at,
        int indent,
        List<(int Start, int End)> breaks,
        out bool more
    )
    {
        while (at < source.Length)
        {
            int content = at;
            while (content < source.Length && content - at < indent && source[content] == ' ')
            {
                content++;
            }
            if (content < source.Length && source[content] is '\n' or '\r')
            {
                int next = AfterBreak(source, content);
                breaks.Add((content, next));
                at = next;
                continue;
            }
            more = content < source.Length && content - at == indent;
            return content;
        }
        more = false;
        return at;
    }

    private static int FirstIndent(string source, int at)
    {
        int widest = 0;
        while (at < source.Length)
        {
            int content = at;
            while (content < source.Length && source[content] == ' ')
            {
                content++;
            }
            widest = Math.Max(widest, content - at);
            if (content >= source.Length || source[content] is not ('\n' or '\r'))
            {
                return Math.Max(1, content - at);
            }
            at = AfterBreak(source, content);
        }
        return Math.Max(1, widest);
    }

    // With an indentation indicator the parent's indent counts; the parser judges whether this guess was right.
    private static int ParentIndent(string source, int at)
    {
        int lineEnd = at - 1;
        int lineStart = lineEnd > 0 ? source.LastIndexOf('\n', lineEnd - 1) + 1 : 0;
        int indent = 0;
        while (lineStart + indent < lineEnd && source[lineStart + indent] is ' ')
        {
            indent++;
        }
        while (
            lineStart + indent + 1 < lineEnd
            && source[lineStart + indent] == '-'
            && source[lineStart + indent + 1] == ' '
        )
        {
            int next = indent + 2;
            while (lineStart + next < lineEnd && source[lineStart + next] == ' ')
            {
                next++;
            }
            if (source[lineStart + next] is '|' or '>')
            {
                break;
            }
            indent = next;
        }
        return indent;
    }

    private static int AfterBreak(string source, int at) =>
        source[at] == '\r' && at + 1 < source.Length && source[at + 1] == '\n' ? at + 2 : at + 1;
}
