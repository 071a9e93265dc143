using System.Buffers;
using System.Globalization;
using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>
/// Rewrites a regular expression from Oniguruma's (Ruby) syntax, in which tokenizer files are written, to .NET's: possessive quantifiers,
/// `^` and `$` as line anchors, long property and script names, POSIX brackets, Unicode `\w`.
/// </summary>
internal sealed class OnigurumaSyntax
{
    private const string Word = @"\p{L}\p{M}\p{Nl}\p{Nd}\p{Pc}";

    /// <summary>BMP ranges of the scripts seen in tokenizer patterns (Unicode Scripts.txt).</summary>
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Han"] =
            @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9",
        ["Hiragana"] = @"\u3041-\u3096\u309D-\u309F",
        ["Katakana"] = @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D",
        ["Hangul"] =
            @"\u1100-\u11FF\u302E\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFBE\uFFC2-\uFFC7\uFFCA-\uFFCF\uFFD2-\uFFD7\uFFDA-\uFFDC",
        ["Latin"] =
            @"A-Za-z\u00AA\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02B8\u02E0-\u02E4\u1D00-\u1D25\u1D2C-\u1D5C\u1D62-\u1D65\u1D6B-\u1D77\u1D79-\u1DBE\u1E00-\u1EFF\u2071\u207F\u2090-\u209C\u212A\u212B\u2132\u214E\u2160-\u2188\u2C60-\u2C7F\uA722-\uA787\uA78B-\uA7CA\uA7F2-\uA7FF\uAB30-\uAB5A\uAB5C-\uAB64\uFB00-\uFB06\uFF21-\uFF3A\uFF41-\uFF5A",
        ["Cyrillic"] = @"\u0400-\u0484\u0487-\u052F\u1C80-\u1C88\u1D2B\u1D78\u2DE0-\u2DFF\uA640-\uA69F\uFE2E\uFE2F",
        ["Greek"] =
            @"\u0370-\u0373\u0375-\u0377\u037A-\u037D\u037F\u0384\u0386\u0388-\u03E1\u03F0-\u03FF\u1D26-\u1D2A\u1F00-\u1FFE\u2126",
        ["Arabic"] =
            @"\u0600-\u0604\u0606-\u060B\u060D-\u061A\u061C-\u061E\u0620-\u063F\u0641-\u064A\u0656-\u066F\u0671-\u06DC\u06DE-\u06FF\u0750-\u077F\u0870-\u08E1\u08E3-\u08FF\uFB50-\uFDFF\uFE70-\uFEFC",
        ["Hebrew"] = @"\u0591-\u05F4\uFB1D-\uFB4F",
        ["Thai"] = @"\u0E01-\u0E3A\u0E40-\u0E5B",
        ["Devanagari"] = @"\u0900-\u0950\u0955-\u0963\u0966-\u097F\uA8E0-\uA8FF",
    };

    private static readonly Dictionary<string, string> Properties = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Letter"] = @"\p{L}",
        ["Alphabetic"] = @"\p{L}\p{Nl}\p{M}",
        ["Alpha"] = @"\p{L}\p{Nl}\p{M}",
        ["Mark"] = @"\p{M}",
        ["Number"] = @"\p{N}",
        ["Digit"] = @"\p{Nd}",
        ["Punctuation"] = @"\p{P}",
        ["Punct"] = @"\p{P}$+<=>^`|~",
        ["Symbol"] = @"\p{S}",
        ["Separator"] = @"\p{Z}",
        ["Other"] = @"\p{C}",
        ["Space"] = @"\s",
        ["White_Space"] = @"\s",
        ["Upper"] = @"\p{Lu}",
        ["Uppercase"] = @"\p{Lu}",
        ["Lower"] = @"\p{Ll}",
        ["Lowercase"] = @"\p{Ll}",
        ["Alnum"] = @"\p{L}\p{M}\p{Nl}\p{Nd}",
        ["Word"] = Word,
        ["Cntrl"] = @"\p{Cc}",
        ["XDigit"] = "0-9A-Fa-f",
        ["Blank"] = @"\p{Zs}\t",
    };

    private static readonly SearchValues<char> Counts = SearchValues.Create("0123456789,");
    private readonly string source;
    private int at;

    private OnigurumaSyntax(string source) => this.source = source;

    /// <exception cref="ArgumentException">The expression uses something that has no counterpart.</exception>
    public static string ToDotNet(string pattern)
    {
        OnigurumaSyntax reader = new(pattern);
        string result = reader.Alternatives(0);
        return reader.at == pattern.Length ? result : throw new ArgumentException($"unexpected ')' at {reader.at}");
    }

    private string Alternatives(int depth)
    {
        if (depth > 100)
        {
            throw new ArgumentException("groups are nested too deeply");
        }
        StringBuilder result = new();
        while (at < source.Length && source[at] != ')')
        {
            if (source[at] == '|')
            {
                result.Append('|');
                at++;
                continue;
            }
            string atom = Atom(depth);
            result.Append(Quantified(atom));
        }
        return result.ToString();
    }

    private string Quantified(string atom)
    {
        while (at < source.Length)
        {
            string? quantifier = source[at] switch
            {
                '*' or '+' or '?' => source[at].ToString(),
                '{' => Braces(),
                _ => null,
            };
            if (quantifier is null)
            {
                return atom;
            }
            at += quantifier.Length;
            char next = at < source.Length ? source[at] : '\0';
            if (next == '?')
            {
                at++;
                atom = $"(?:{atom}{quantifier}?)";
            }
            else if (next == '+' && quantifier[0] != '{')
            {
                at++;
                atom = $"(?>{atom}{quantifier})";
            }
            else if (next is '*' or '+' or '{')
            {
                atom = $"(?:{atom}{quantifier})";
            }
            else
            {
                return atom + quantifier;
            }
        }
        return atom;
    }

    private string? Braces()
    {
        int close = source.IndexOf('}', at);
        if (close < 0)
        {
            return null;
        }
        ReadOnlySpan<char> inner = source.AsSpan(at + 1, close - at - 1);
        return inner.Length > 0 && inner.IndexOfAnyExcept(Counts) < 0 && inner[0] != ','
            ? source[at..(close + 1)]
            : null;
    }

    private string Atom(int depth)
    {
        char c = source[at];
        switch (c)
        {
            case '(':
                return Group(depth);
            case '[':
                return Class(depth);
            case '\\':
                return Escape(inClass: false);
            case '^':
                at++;
                return "(?m:^)";
            case '$':
                at++;
                return "(?m:$)";
            case '.':
                at++;
                return ".";
            default:
                return Literal();
        }
    }

    private string Group(int depth)
    {
        int start = at;
        at++;
        string head = "(";
        if (at < source.Length && source[at] == '?')
        {
            if (source.AsSpan(at).StartsWith("?#"))
            {
                at = source.IndexOf(')', at) is int close and >= 0
                    ? close + 1
                    : throw new ArgumentException("comment without end");
                return "";
            }
            int end = at + 1;
            while (end < source.Length && "imx-".Contains(source[end], StringComparison.Ordinal))
            {
                end++;
            }
            string flags = source[(at + 1)..end];
            if (end < source.Length && source[end] is ':' or ')' && flags.Length > 0)
            {
                // Ruby's m lets the dot match line feeds, which .NET calls s.
                head = $"(?{flags.Replace('m', 's')}";
                if (source[end] == ')')
                {
                    at = end + 1;
                    return head + ")";
                }
                head += ":";
                at = end + 1;
            }
            else
            {
                if (Name() is string named)
                {
                    at += named.Length;
                    return Inside("(?:", depth);
                }
                string[] heads = ["?:", "?=", "?!", "?>", "?<=", "?<!"];
                string known =
                    Array.FindLast(heads, h => string.CompareOrdinal(source, at, h, 0, h.Length) == 0)
                    ?? throw new ArgumentException(
                        $"unknown group '{source[start..Math.Min(source.Length, start + 4)]}'"
                    );
                head += known;
                at += known.Length;
            }
        }
        else
        {
            head = "(?:";
        }
        return Inside(head, depth);
    }

    private string Inside(string head, int depth)
    {
        string inner = Alternatives(depth + 1);
        if (at >= source.Length)
        {
            throw new ArgumentException("a group has no end");
        }
        at++;
        return $"{head}{inner})";
    }

    /// <summary>The head of a named group; nothing refers to groups here, so its name does not matter.</summary>
    private string? Name()
    {
        ReadOnlySpan<char> rest = source.AsSpan(at);
        int end = rest.StartsWith("?<") && rest.Length > 2 && char.IsLetter(rest[2]) ? rest.IndexOf('>') : -1;
        return end > 0 ? rest[..(end + 1)].ToString() : null;
    }

    /// <summary>
    /// A bracket expression, as an expression for one character. Sets inside sets, intersections and negated members have no counterpart in
    /// .NET and become look-aheads; text is shown to the expression with one UTF-16 unit for every character, so they take one unit.
    /// </summary>
    private string Class(int depth)
    {
        if (depth > 100)
        {
            throw new ArgumentException("character classes are nested too deeply");
        }
        at++;
        bool negated = at < source.Length && source[at] == '^';
        if (negated)
        {
            at++;
        }
        List<string> operands = [];
        StringBuilder plain = new();
        List<string> sets = [];
        bool first = true;
        // A hyphen makes a range only after a single character that ends no range itself.
        bool single = false;
        for (; at < source.Length && (first || source[at] != ']'); first = false)
        {
            ReadOnlySpan<char> rest = source.AsSpan(at);
            if (rest.StartsWith("[:"))
            {
                AddSet(Posix());
            }
            else if (rest[0] == '[')
            {
                AddSet(Class(depth + 1));
            }
            else if (rest.StartsWith("&&"))
            {
                at += 2;
                operands.Add(Union(plain, sets));
                plain.Clear();
                sets.Clear();
                single = false;
            }
            else if (rest[0] == '-')
            {
                at++;
                bool range =
                    single
                    && at < source.Length
                    && source[at] is not (']' or '[')
                    && !source.AsSpan(at).StartsWith("&&");
                if (range)
                {
                    plain.Append('-').Append(RangeEnd());
                    single = false;
                }
                else
                {
                    plain.Append(@"\-");
                    single = true;
                }
            }
            else if (rest[0] == '\\')
            {
                string escaped = Escape(inClass: true);
                if (escaped.StartsWith('['))
                {
                    AddSet(escaped);
                }
                else
                {
                    plain.Append(escaped);
                    single = true;
                }
            }
            else
            {
                plain.Append(Literal());
                single = true;
            }
        }
        if (at >= source.Length)
        {
            throw new ArgumentException("a [ has no ]");
        }
        at++;
        string last = Union(plain, sets);
        string whole = operands.Count == 0 ? last : $"(?:{string.Concat(operands.Select(o => $"(?={o})"))}{last})";
        return !negated ? whole
            : whole.StartsWith("[^", StringComparison.Ordinal) ? $"[{whole[2..]}"
            : whole.StartsWith('[') ? $"[^{whole[1..]}"
            : $@"(?:(?!{whole})[\s\S])";

        void AddSet(string set)
        {
            single = false;
            if (set.StartsWith('[') && !set.StartsWith("[^", StringComparison.Ordinal))
            {
                plain.Append(set.AsSpan(1, set.Length - 2));
            }
            else
            {
                sets.Add(set);
            }
        }
    }

    private static string Union(StringBuilder plain, List<string> sets)
    {
        IEnumerable<string> all = plain.Length > 0 ? sets.Prepend($"[{plain}]") : sets;
        string[] members = [.. all];
        return members.Length switch
        {
            0 => "(?!)",
            1 => members[0],
            _ => $"(?:{string.Join('|', members)})",
        };
    }

    private string RangeEnd()
    {
        string end = source[at] == '\\' ? Escape(inClass: true) : Literal();
        return end.StartsWith('[') ? throw new ArgumentException("a range ends in a class") : end;
    }

    private string Posix()
    {
        int close = source.IndexOf(":]", at, StringComparison.Ordinal);
        if (close < 0)
        {
            throw new ArgumentException("a [: has no :]");
        }
        string name = source[(at + 2)..close];
        bool negated = name.StartsWith('^');
        if (!Properties.TryGetValue(negated ? name[1..] : name, out string? members))
        {
            throw new ArgumentException($"unknown class [:{name}:]");
        }
        at = close + 2;
        return negated ? $"[^{members}]" : $"[{members}]";
    }

    private string Escape(bool inClass)
    {
        if (at + 1 >= source.Length)
        {
            throw new ArgumentException("the pattern ends in a backslash");
        }
        char c = source[at + 1];
        at += 2;
        switch (c)
        {
            case 'p' or 'P':
                return Property(negated: c == 'P');
            case 'w':
                return $"[{Word}]";
            case 'W':
                return $"[^{Word}]";
            case 'h':
                return "[0-9A-Fa-f]";
            case 'H':
                return "[^0-9A-Fa-f]";
            case 'R' when !inClass:
                return @"(?>\r\n|[\n\v\f\r\u0085\u2028\u2029])";
            case 'x' when at < source.Length && source[at] == '{':
            {
                int close = source.IndexOf('}', at);
                if (
                    close < 0
                    || !int.TryParse(
                        source.AsSpan(at + 1, close - at - 1),
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out int value
                    )
                )
                {
                    throw new ArgumentException(@"\x{ without a number");
                }
                at = close + 1;
                return value <= 0xFFFF ? $@"\u{value:X4}" : throw Astral(value);
            }
            case 'd' or 'D' or 's' or 'S':
                return $@"[\{c}]";
            case 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e':
                return "\\" + c;
            case 'b' or 'B' or 'A' or 'Z' or 'z' when !inClass:
                return "\\" + c;
            case 'u' or 'x':
                int digits = c == 'u' ? 4 : 2;
                string hex = at + digits <= source.Length ? source.Substring(at, digits) : "";
                at += digits;
                return hex.Length == digits && hex.All(char.IsAsciiHexDigit)
                    ? $@"\u{hex.PadLeft(4, '0')}"
                    : throw new ArgumentException($@"\{c} without {digits} hexadecimal digits");
            default:
                if (char.IsAsciiLetterOrDigit(c))
                {
                    throw new ArgumentException($@"unknown escape \{c}");
                }
                at--;
                return Literal();
        }
    }

    private string Property(bool negated)
    {
        string name;
        if (at < source.Length && source[at] == '{')
        {
            int close = source.IndexOf('}', at);
            if (close < 0)
            {
                throw new ArgumentException(@"\p{ has no }");
            }
            name = source[(at + 1)..close];
            at = close + 1;
        }
        else
        {
            name = at < source.Length ? source[at].ToString() : "";
            at++;
        }
        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }
        if (name.StartsWith("Script=", StringComparison.OrdinalIgnoreCase))
        {
            name = name["Script=".Length..];
        }
        if (name.Length <= 2)
        {
            return $@"[\{(negated ? 'P' : 'p')}{{{name}}}]";
        }
        string plain = name.StartsWith("Is", StringComparison.Ordinal) ? name[2..] : name;
        if (!Scripts.TryGetValue(plain, out string? members) && !Properties.TryGetValue(plain, out members))
        {
            throw new ArgumentException($"unknown property '{name}'");
        }
        return negated ? $"[^{members}]" : $"[{members}]";
    }

    private string Literal()
    {
        Rune.DecodeFromUtf16(source.AsSpan(at), out Rune rune, out int count);
        at += count;
        return rune.IsBmp ? $@"\u{rune.Value:X4}" : throw Astral(rune.Value);
    }

    private static ArgumentException Astral(int value) =>
        new($"characters beyond U+FFFF (here U+{value:X}) in a pattern are not supported");
}
