using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>
/// Makes hostile text harmless for each place where text is shown. Everything from a file passes here before it reaches a
/// hover, a report or a terminal.
/// </summary>
public static class Escape
{
    /// <summary>
    /// Replaces what acts instead of showing: control characters, bidirectional controls and invisible format characters
    /// become visible marks such as <c>‹U+202E›</c>; line breaks become ⏎ and tabs →; unpaired surrogates become U+FFFD.
    /// </summary>
    public static string Visible(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder? shown = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                int point = char.ConvertToUtf32(c, text[i + 1]);
                // Tags (U+E0000 …) and other supplementary format characters are invisible carriers.
                if (CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.Format)
                {
                    Start(ref shown, text, i).Append(CultureInfo.InvariantCulture, $"‹U+{point:X}›");
                }
                else
                {
                    shown?.Append(c).Append(text[i + 1]);
                }
                i++;
                continue;
            }
            string? mark = Mark(c);
            if (mark is null)
            {
                shown?.Append(c);
            }
            else if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                // One mark for a line break of two characters.
                Start(ref shown, text, i);
            }
            else
            {
                Start(ref shown, text, i).Append(mark);
            }
        }
        return shown?.ToString() ?? text;
    }

    /// <summary>For HTML and SVG text and quoted attributes: visible, with the five significant characters as entities.</summary>
    public static string Html(string text)
    {
        string visible = Visible(text);
        StringBuilder escaped = new(visible.Length + 16);
        foreach (char c in visible)
        {
            escaped.Append(
                c switch
                {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '"' => "&quot;",
                    '\'' => "&#39;",
                    _ => null,
                }
            );
            if (c is not ('&' or '<' or '>' or '"' or '\''))
            {
                escaped.Append(c);
            }
        }
        return escaped.ToString();
    }

    /// <summary>
    /// For Markdown text that is shown as HTML: visible, every punctuation mark that Markdown, HTML, autolinks or VS Code's
    /// icons could act on as a character reference.
    /// </summary>
    /// <remarks>
    /// Character references rather than backslashes: they mean the same inside and outside HTML elements, and no link,
    /// heading, list, table cell or <c>$(icon)</c> is recognised through them.
    /// </remarks>
    public static string Markdown(string text)
    {
        string visible = Visible(text);
        StringBuilder escaped = new(visible.Length + 16);
        for (int i = 0; i < visible.Length; i++)
        {
            char c = visible[i];
            // A point ends the number of a list, or joins a host that begins with www; a bracket may end a number too.
            bool acts = c is '.' or ')'
                ? i == 0 || char.IsDigit(visible[i - 1]) || visible[i - 1] is 'w' or 'W'
                : "\\`*_{}[]<>#+-!|~&\"'$:@=^/".Contains(c, StringComparison.Ordinal);
            if (acts)
            {
                escaped.Append(CultureInfo.InvariantCulture, $"&#{(int)c};");
            }
            else
            {
                escaped.Append(c);
            }
        }
        return escaped.ToString();
    }

    /// <summary>
    /// A Markdown code span with the text in it: nothing acts inside one, and clients that show Markdown as it is written
    /// show the text as it is written.
    /// </summary>
    public static string MarkdownCode(string text)
    {
        string visible = Visible(text);
        int longest = 0;
        int run = 0;
        foreach (char c in visible)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        string fence = new('`', longest + 1);
        string pad = longest > 0 || visible.Length == 0 || visible.Trim().Length < visible.Length ? " " : "";
        return fence + pad + visible + pad + fence;
    }

    /// <summary>
    /// Keeps a word of a right-to-left script from reordering the numbers and words around it: our own isolates around
    /// what has none of its own left. Other words stay as they are.
    /// </summary>
    public static string Isolated(string visible)
    {
        ArgumentNullException.ThrowIfNull(visible);
        return visible.EnumerateRunes().Any(IsRightToLeft) ? $"\u2068{visible}\u2069" : visible;
    }

    /// <summary>Whether a text begins with a letter of a right-to-left script.</summary>
    internal static bool RunsRightToLeft(string text) =>
        text.EnumerateRunes().FirstOrDefault(Rune.IsLetter) is var first && IsRightToLeft(first);

    private static bool IsRightToLeft(Rune rune) =>
        rune.Value
            is (>= 0x0590 and <= 0x08ff)
                or (>= 0xfb1d and <= 0xfdff)
                or (>= 0xfe70 and <= 0xfeff)
                or (>= 0x10800 and <= 0x10fff)
                or (>= 0x1e800 and <= 0x1efff);

    /// <summary>For a terminal: visible, so that no escape sequence, bell or line movement in a text acts.</summary>
    public static string Terminal(string text) => Visible(text);

    private static string? Mark(char c)
    {
        switch (c)
        {
            case '\n':
            case '\r':
            case '\u2028':
            case '\u2029':
                return "⏎";
            case '\t':
                return "→";
            case '\u200d':
            case '\u200c':
                // Joiners shape emoji and scripts and move nothing.
                return null;
        }
        if (c < 0x20)
        {
            return ((char)(0x2400 + c)).ToString();
        }
        if (c == 0x7f)
        {
            return "␡";
        }
        if (char.IsSurrogate(c))
        {
            return "\ufffd";
        }
        return c is >= '\u0080' and <= '\u009f' || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format
            ? string.Create(CultureInfo.InvariantCulture, $"‹U+{(int)c:X4}›")
            : null;
    }

    private static StringBuilder Start(ref StringBuilder? shown, string text, int length) =>
        shown ??= new StringBuilder(text, 0, length, text.Length + 16);
}
