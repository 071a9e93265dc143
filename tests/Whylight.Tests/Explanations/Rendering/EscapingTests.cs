using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>Nothing that stands in a text, label, edit or note ever acts, in any form.</summary>
public sealed partial class EscapingTests
{
    private static readonly HashSet<string> s_elements =
    [
        .. "main h1 h2 p b bdi div span sub ins del details summary table caption tr th td ul ol li figure svg title desc style rect path circle text".Split(
            ' '
        ),
    ];

    private static readonly HashSet<string> s_attributes =
    [
        .. "class title dir scope open width height viewBox role x y rx cx cy r d fill fill-opacity stroke stroke-width stroke-linejoin stroke-dasharray text-anchor xmlns".Split(
            ' '
        ),
    ];

    [Property(MaxTest = 150)]
    public void Html_has_no_element_or_attribute_of_the_text(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        string page = HtmlRenderer.Page(e, Messages.English, Samples.Quality);
        AssertHarmless(page);
        string body = page[
            page.IndexOf("<main>", StringComparison.Ordinal)..page.IndexOf("</body>", StringComparison.Ordinal)
        ];
        XElement root = XDocument.Parse(body, LoadOptions.PreserveWhitespace).Root!;
        AssertOnlyOurs(root);
        // The text stands there whole, with scores in <sub> only.
        XElement heat = root.Elements("div").First();
        heat.Descendants("sub").ToList().ForEach(s => s.Remove());
        Assert.Equal(Escape.Visible(e.Text), heat.Value);
    }

    [Property(MaxTest = 150)]
    public void Pictures_have_no_element_or_attribute_of_the_text(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        foreach (
            string svg in new[]
            {
                ExplanationPicture.Draw(e, Messages.English, Samples.Quality),
                ScoreBars.Draw(e, Messages.English),
                TokenHeat.Draw(e, Messages.English),
                InteractionMatrix.Draw(e, Messages.English),
                PhraseOutline.Draw(e, Messages.English),
                LayerHeat.Draw(e, Messages.English),
                LineChart.Curves(e, Messages.English, [0.9, 0.1]).Draw(),
            }
        )
        {
            AssertHarmless(svg);
            AssertOnlyOurs(XDocument.Parse(svg).Root!);
        }
    }

    [Property(MaxTest = 150)]
    public void A_terminal_gets_no_escape_but_ours(int seed, bool colour)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        TerminalColour shown = colour ? TerminalColour.TrueColour : TerminalColour.None;
        string text = TerminalRenderer.Render(e, Messages.English, shown, expected: e.Target, width: 60);
        AssertHarmless(Ours().Replace(text, ""));
        Assert.Equal(colour, Ours().IsMatch(text));
        string heat = Ours().Replace(TerminalRenderer.Heat(e, TerminalColour.Ansi256, 60), "");
        if (e.Anchor is null)
        {
            Assert.Equal(Blankless(Escape.Visible(e.Text)), Blankless(heat));
        }
    }

    [Property(MaxTest = 150)]
    public void Markdown_shows_the_text_as_it_is(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        string text = MarkdownRenderer.Render(e, Messages.English, expected: "x");
        AssertHarmless(text);
        AssertNoMarkdown(text);
        // A rule's words stand in brackets of ours, which a rule of no words leaves out.
        string unmarked = MarkdownRenderer.Render(
            e.Anchor is { } anchor ? e with { Anchor = anchor with { Features = [] } } : e,
            Messages.English
        );
        string quote = unmarked.Split('\n').First(l => l.StartsWith("> ", StringComparison.Ordinal))[2..];
        string read = Read(quote);
        // Scores follow their words in brackets; without them the text is left.
        string visible = Escape.Visible(e.Text);
        Assert.True(Contains(read, visible), $"'{read}' lost some of '{visible}'");
    }

    [Property(MaxTest = 150)]
    public void Hovers_act_in_no_form(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        foreach (Language language in Enum.GetValues<Language>())
        {
            string html = HoverRenderer.Render(e, Messages.In(language), HoverForm.Html);
            AssertHarmless(html);
            AssertNoMarkdown(Element().Replace(html, ""));
            string plain = HoverRenderer.Render(e, Messages.In(language), HoverForm.PlainText);
            AssertHarmless(plain);
            string markdown = HoverRenderer.Render(e, Messages.In(language), HoverForm.Markdown);
            AssertHarmless(markdown);
            string outside = CodeSpan().Replace(markdown, "");
            Assert.DoesNotMatch(@"(?<!\\)[<\[\]$]", outside);
        }
    }

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("a\r\nb\tc", "a⏎b→c")]
    [InlineData("\u001b[2J", "␛[2J")]
    [InlineData("\u202eabc", "‹U+202E›abc")]
    [InlineData("\u0085", "‹U+0085›")]
    [InlineData("\udb40\udc41", "‹U+E0041›")]
    [InlineData("👩\u200d🔬", "👩\u200d🔬")]
    public void What_acts_is_made_visible(string text, string shown) => Assert.Equal(shown, Escape.Visible(text));

    [Fact]
    public void Unpaired_surrogates_are_replaced() => Assert.Equal("x\ufffdy", Escape.Visible("x\ud800y"));

    [Theory]
    [InlineData("good", "good")]
    [InlineData("很好", "很好")]
    [InlineData("שלום", "\u2068שלום\u2069")]
    [InlineData("العربية", "\u2068العربية\u2069")]
    public void Words_that_run_the_other_way_reorder_nothing_around_them(string word, string isolated) =>
        Assert.Equal(isolated, Escape.Isolated(word));

    [Fact]
    public void Markdown_code_outlasts_every_run_of_backticks()
    {
        Assert.Equal("`a`", Escape.MarkdownCode("a"));
        Assert.Equal("``` a``b ```", Escape.MarkdownCode("a``b"));
        Assert.Equal("`` ` ``", Escape.MarkdownCode("`"));
    }

    /// <summary>No control, no bidirectional override, nothing invisible; line ends and our own isolates aside.</summary>
    internal static void AssertHarmless(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '\n' or '\u2068' or '\u2069' or '\u200d' or '\u200c')
            {
                continue;
            }
            UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(text, i);
            Assert.False(
                category is UnicodeCategory.Control or UnicodeCategory.Format
                    || c is '\u2028' or '\u2029'
                    || (char.IsSurrogate(c) && !char.IsSurrogatePair(text, i)),
                $"U+{(int)c:X4} got through"
            );
            i += char.IsHighSurrogate(c) ? 1 : 0;
        }
    }

    private static void AssertOnlyOurs(XElement root)
    {
        foreach (XElement element in root.DescendantsAndSelf())
        {
            Assert.Contains(element.Name.LocalName, s_elements);
            Assert.All(element.Attributes(), a => Assert.Contains(a.Name.LocalName, s_attributes));
        }
    }

    /// <summary>What Markdown could act on stands only where we put it: no link, image, code, HTML, autolink or icon.</summary>
    private static void AssertNoMarkdown(string text)
    {
        Assert.DoesNotMatch(@"[<`\[\]\\$]|://|www\.|@", text);
        foreach (string line in text.Split('\n'))
        {
            Assert.DoesNotMatch(@"^\s*(~~~|=+\s*$|\d+[.)] )", line);
        }
    }

    /// <summary>One line as a reader of CommonMark shows it: emphasis taken away where it is one, references decoded.</summary>
    private static string Read(string line) => WebUtility.HtmlDecode(Strong().Replace(line, "$1"));

    /// <summary>Whether a text stands in another in order, with brackets of scores between its parts.</summary>
    private static bool Contains(string read, string text)
    {
        string trimmed = text.Trim();
        if (trimmed.Length == 0)
        {
            // Blank text is nothing but its score.
            return Bracket().IsMatch(" " + read);
        }
        // A blank first feature leaves nothing before its score.
        int at = Bracket().Match(" " + read) is { Success: true, Index: 0 } first ? first.Length - 1 : 0;
        int i = 0;
        while (i < trimmed.Length)
        {
            if (Bracket().Match(read, at) is { Success: true } score && score.Index == at)
            {
                at += score.Length;
            }
            else if (at < read.Length && read[at] == trimmed[i])
            {
                at++;
                i++;
            }
            else
            {
                return false;
            }
        }
        return Bracket().Replace(read[at..], "").Trim().Length == 0;
    }

    private static string Blankless(string text) => Blank().Replace(text, "");

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Ours();

    [GeneratedRegex("[ \n]")]
    private static partial Regex Blank();

    [GeneratedRegex(" \\([+−]?[0-9][0-9.]*(e−?[0-9]+)?\\)")]
    private static partial Regex Bracket();

    // Two stars open before, and close after, a letter or digit: the flanking rule where both sides are such.
    [GeneratedRegex(@"\*\*(?=[\p{L}\p{Nd}])([^*]*?)(?<=[\p{L}\p{Nd}])\*\*")]
    private static partial Regex Strong();

    // The elements that we write into a hover, with nothing in them that could be the text's.
    [GeneratedRegex(
        "<span style=\"[a-z0-9#:;()-]*\"( title=\"[0-9.,+−± e]*\")?>|</span>|<img alt=\"[^\"<>]*\" src=\"data:image/svg\\+xml;base64,[A-Za-z0-9+/=]*\">",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Element();

    [GeneratedRegex("(?<![`\\\\])(`+)(?!`).*?(?<!`)\\1(?!`)")]
    private static partial Regex CodeSpan();
}
