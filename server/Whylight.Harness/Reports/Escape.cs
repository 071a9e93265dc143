using System.Globalization;
using System.Text;

namespace Whylight.Harness.Reports;

/// <summary>Makes hostile text harmless for the place where it is shown.</summary>
public static class Escape
{
    /// <summary>
    /// For terminals: control characters, bidirectional overrides, invisible format characters and lone surrogates as
    /// \u{HEX}, so that no text moves the cursor, colours the screen or reorders a line.
    /// </summary>
    public static string Terminal(string text)
    {
        StringBuilder result = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            // The zero-width joiner holds emoji together and moves nothing.
            bool acts =
                category
                    is UnicodeCategory.Control
                        or UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
                && rune.Value != 0x200d;
            if (rune.Value == '\n')
            {
                result.Append("\\n");
            }
            else if (rune.Value == '\t')
            {
                result.Append("\\t");
            }
            else if (acts)
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            }
            else
            {
                result.Append(rune.ToString());
            }
        }
        return result.ToString();
    }

    /// <summary>For the message of a GitHub workflow command: %, CR and LF as %25, %0D and %0A.</summary>
    public static string GitHubData(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal)
            .Replace("\n", "%0A", StringComparison.Ordinal);

    /// <summary>For a property of a GitHub workflow command: also : and , as %3A and %2C.</summary>
    public static string GitHubProperty(string text) =>
        GitHubData(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    /// <summary>For Markdown: every character with a meaning there or in HTML is escaped, line breaks become spaces.</summary>
    public static string Markdown(string text)
    {
        StringBuilder result = new(text.Length + 8);
        foreach (char c in Terminal(text).Replace("\\n", " ", StringComparison.Ordinal))
        {
            switch (c)
            {
                case '&':
                    result.Append("&amp;");
                    break;
                case '<':
                    result.Append("&lt;");
                    break;
                case '>':
                    result.Append("&gt;");
                    break;
                case '@':
                    // A mention would notify its bearer.
                    result.Append("&#64;");
                    break;
                case '\\'
                or '`'
                or '*'
                or '_'
                or '{'
                or '}'
                or '['
                or ']'
                or '('
                or ')'
                or '#'
                or '+'
                or '-'
                or '!'
                or '|'
                or '~'
                or ':':
                    result.Append('\\').Append(c);
                    break;
                default:
                    result.Append(c);
                    break;
            }
        }
        return result.ToString();
    }

    /// <summary>For XML 1.0, which has no place for most control characters and lone surrogates: they become U+FFFD.</summary>
    public static string Xml(string text)
    {
        StringBuilder result = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool allowed =
                rune.Value is 9 or 10 or 13 or (>= 0x20 and <= 0xd7ff) or (>= 0xe000 and <= 0xfffd) or >= 0x10000;
            result.Append(allowed ? rune.ToString() : "\ufffd");
        }
        return result.ToString();
    }

    /// <summary>For HTML text and quoted attributes.</summary>
    public static string Html(string text) => System.Net.WebUtility.HtmlEncode(Xml(text));
}
