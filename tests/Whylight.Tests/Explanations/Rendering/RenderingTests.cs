using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;

namespace Whylight.Tests.Explanations.Rendering;

public sealed partial class RenderingTests
{
    public static TheoryData<Language> Languages() => [.. Enum.GetValues<Language>()];

    [Fact]
    public void EveryMessageStandsInEveryLanguageWithTheSamePlaceholders()
    {
        foreach (Message message in Enum.GetValues<Message>())
        {
            string[] english = Placeholders(Messages.English.Template(message));
            foreach (Language language in Enum.GetValues<Language>())
            {
                string template = Messages.In(language).Template(message);
                Assert.False(string.IsNullOrWhiteSpace(template), $"{language}.{message} is empty");
                Assert.Equal(english, Placeholders(template));
            }
        }
        Assert.Equal(Enum.GetValues<Message>().Length, EnglishMessages.All.Count);
        Assert.Equal(EnglishMessages.All.Count, ChineseMessages.All.Count);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void HoversKeepToWhatTheEditorLetsThrough(Language language)
    {
        foreach (Explanation e in new[] { Samples.Review(), Samples.Evil(), Long() })
        {
            string hover = HoverRenderer.Render(
                e,
                Messages.In(language),
                HoverForm.Html,
                new HoverOptions { Expected = "negative", Computing = true }
            );
            Assert.True(hover.Length < 100_000, $"{hover.Length}");
            string tags = Tag().Replace(hover, "");
            Assert.DoesNotContain('<', tags);
            foreach (Match tag in Tag().Matches(hover))
            {
                Assert.True(
                    tag.Value == "</span>" || Span().IsMatch(tag.Value) || Image().IsMatch(tag.Value),
                    tag.Value[..Math.Min(200, tag.Length)]
                );
                Assert.True(tag.Length < HoverRenderer.MaxChart + 2_000);
            }
            EscapingTests.AssertHarmless(hover);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Charts_are_titled_and_described(Language language)
    {
        Messages messages = Messages.In(language);
        foreach (Explanation e in Samples.All.Values.Append(Long()).Append(Nothing()))
        {
            foreach (SvgTheme theme in Enum.GetValues<SvgTheme>())
            {
                foreach (
                    string svg in new[]
                    {
                        ScoreBars.Draw(e, messages, theme),
                        TokenHeat.Draw(e, messages, theme),
                        InteractionMatrix.Draw(e, messages, theme),
                        PhraseOutline.Draw(e, messages, theme),
                        LayerHeat.Draw(e, messages, theme),
                        LineChart.Curves(e, messages, [0.9, 0.4, 0.1], [0.1, 0.8, 0.9]).Draw(theme),
                    }
                )
                {
                    XElement root = XDocument.Parse(svg).Root!;
                    XNamespace ns = root.Name.Namespace;
                    Assert.Equal("img", (string?)root.Attribute("role"));
                    Assert.False(string.IsNullOrWhiteSpace(root.Element(ns + "title")!.Value));
                    Assert.False(string.IsNullOrWhiteSpace(root.Element(ns + "desc")!.Value));
                }
            }
        }
    }

    [Fact]
    public void TheTerminalWithoutColourShowsSignsAndNoEscapes()
    {
        string text = TerminalRenderer.Render(Samples.Review(), Messages.English, TerminalColour.None);
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("superb[+1.93]", text, StringComparison.Ordinal);
        Assert.Contains("thin[−0.84]", text, StringComparison.Ordinal);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TerminalColour.TrueColour)]
    [InlineData(TerminalColour.Ansi256)]
    public void TheTerminalRunsNoEscapeOfTheText(TerminalColour colour)
    {
        string text = TerminalRenderer.Render(Samples.Evil(), Messages.English, colour);
        string ours = Regex.Replace(text, "\u001b\\[[0-9;]*m", "");
        EscapingTests.AssertHarmless(ours);
        Assert.Contains("␛[31mred␇", ours, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTerminalIsFoundOut()
    {
        static Func<string, string?> Environment(string name, string value) => n => n == name ? value : null;
        Assert.Equal(TerminalColour.None, TerminalRenderer.Detect(Environment("NO_COLOR", "1"), false));
        Assert.Equal(TerminalColour.TrueColour, TerminalRenderer.Detect(Environment("COLORTERM", "truecolor"), false));
        Assert.Equal(TerminalColour.None, TerminalRenderer.Detect(Environment("COLORTERM", "truecolor"), true));
        Assert.Equal(TerminalColour.Ansi256, TerminalRenderer.Detect(_ => null, false));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void PagesFetchNothingAndRunNothing(Language language)
    {
        string page = HtmlRenderer.Page(Samples.Evil(), Messages.In(language));
        string body = page[page.IndexOf("<main>", StringComparison.Ordinal)..];
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b onmouseover", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", body, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", body, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", body, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", page, StringComparison.Ordinal);
        // The policy lets through the one style sheet there is, by its hash.
        Match policy = Regex.Match(page, "content=\"default-src 'none'; style-src 'sha256-([^']+)'\"");
        string style = Regex.Match(page, "<style>(.*?)</style>", RegexOptions.Singleline).Groups[1].Value;
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style))), policy.Groups[1].Value);
        EscapingTests.AssertHarmless(page);
        // Everything between the heads parses as XML, so every element is closed and every text escaped.
        XDocument.Parse(body[..(body.IndexOf("</main>", StringComparison.Ordinal) + 7)]);
    }

    [Fact]
    public void TheMarkdownTableHoldsTheScores()
    {
        string text = MarkdownRenderer.Render(Samples.Review(), Messages.English);
        Assert.Contains("| superb | +1.93 | 0.08 |", text, StringComparison.Ordinal);
        string evil = MarkdownRenderer.Render(Samples.Evil(), Messages.English);
        Assert.DoesNotContain("](", evil, StringComparison.Ordinal);
        Assert.DoesNotContain('<', evil);
        EscapingTests.AssertHarmless(evil);
    }

    /// <summary>10,000 words.</summary>
    private static Explanation Long()
    {
        string text = string.Join(' ', Enumerable.Range(0, 10_000).Select(i => $"word{i}<&>`|"));
        List<FeatureScore> features = [];
        int at = 0;
        foreach (string word in text.Split(' '))
        {
            features.Add(new FeatureScore(word, at, at + word.Length, Math.Sin(features.Count), 0.1));
            at += word.Length + 1;
        }
        return Samples.Review() with { Text = text, Features = features };
    }

    private static Explanation Nothing() => Samples.Of("a b", [("a", 0, 0), ("b", 0, 0)]);

    private static string[] Placeholders(string template) =>
        [.. Regex.Matches(template, @"\{\d\}").Select(m => m.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    // The sanitiser's own pattern for a style, with the attributes we write around it.
    [GeneratedRegex(
        "^<span style=\"(color:(#[0-9a-f]{3,8}|var\\(--vscode(-[a-zA-Z0-9]+)+\\));)?(background-color:#[0-9a-f]{3,8};)?(border-radius:[0-9]+px;)?\"( title=\"[^\"<>]*\")?>$"
    )]
    private static partial Regex Span();

    [GeneratedRegex("^<img alt=\"[^\"<>]*\" src=\"data:image/svg\\+xml;base64,[A-Za-z0-9+/=]*\">$")]
    private static partial Regex Image();
}
