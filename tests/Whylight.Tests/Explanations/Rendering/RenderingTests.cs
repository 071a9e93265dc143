using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Local;
using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Models;

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
        Assert.Same(Messages.In(Language.SimplifiedChinese), Messages.ForLocale("zh-CN"));
        Assert.Same(Messages.English, Messages.ForLocale("zh-TW"));
        Assert.Same(Messages.English, Messages.ForLocale(null));
    }

    [Fact]
    public void JsonHasTheContractsKeysInTheirOrder()
    {
        using JsonDocument document = JsonDocument.Parse(ExplanationJson.Write(Samples.Review()));
        Assert.Equal(
            [
                "schemaVersion",
                "method",
                "estimator",
                "target",
                "valueKind",
                "prediction",
                "features",
                "value",
                "baseValue",
                "remainder",
                "completenessGap",
                "converged",
                "modelCalls",
                "seed",
                "absence",
                "baseline",
                "modelHash",
                "elapsedMs",
            ],
            document.RootElement.EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal(
            ["text", "start", "end", "score", "standardError"],
            document.RootElement.GetProperty("features")[0].EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal(
            ["text", "label", "probabilities", "logits", "truncated"],
            document.RootElement.GetProperty("prediction").EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("baseline").ValueKind);
        Assert.DoesNotContain(
            "elapsedMs",
            ExplanationJson.Write(Samples.Review(), timing: false),
            StringComparison.Ordinal
        );
    }

    [Property(MaxTest = 50)]
    public bool JsonRoundTrips(int seed)
    {
        SeededRandom random = new((ulong)seed);
        Explanation full = Samples.Evil() with
        {
            Features =
            [
                new FeatureScore("a", 0, 1, random.NextGaussian() * Math.Pow(10, random.Next(-300, 300)), null),
                new FeatureScore("\ud83d\ude00", 1, 3, null, 0.1 + 0.2),
            ],
            ContrastLabel = "negative",
            Converged = random.Next(2) == 0 ? null : random.Next(2) == 0,
            Value = random.NextDouble(),
            Seed = random.NextUInt64(),
            Anchor = new Anchor([0, 1], 0.97, [0.95, 0.99], 0.25, "all 16 subsets", random.NextDouble()),
            Interactions = [new Interaction(0, 1, random.NextGaussian(), null)],
            Fit = new Dictionary<string, double> { ["r2"] = random.NextDouble(), ["a"] = 1 },
            SufficientReasons =
            [
                [0],
                [1],
            ],
            SinkShare = random.NextDouble(),
            Agreement = new Agreement("attnlrp", random.NextDouble(), 0.5),
            Layers = [new LayerRelevance("layer.0", [random.NextGaussian(), 0])],
            // JSON strings hold no unpaired surrogates.
            Text = "x",
            Note = "n",
            Target = "positive",
            Prediction = Prediction.FromLogits("x", ["negative", "positive"], [random.NextGaussian(), 1], 1, 1),
            Counterfactuals =
            [
                new Counterfactual(
                    "y",
                    [new TextEdit(0, 1, "x", "y")],
                    Prediction.FromLogits("y", ["n", "p"], [1, 2]),
                    false
                ),
            ],
        };
        string written = ExplanationJson.Write(full);
        return ExplanationJson.Write(ExplanationJson.Read(written)) == written
            && ExplanationJson.Read(written).Features.SequenceEqual(full.Features);
    }

    [Fact]
    public void JsonWritesWhatIsUndefinedAsNull()
    {
        Explanation e = Samples.Review() with { Value = double.NaN, BaseValue = null };
        using JsonDocument document = JsonDocument.Parse(ExplanationJson.Write(e));
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("value").ValueKind);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("baseValue").ValueKind);
    }

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("a\r\nb\tc", "a⏎b→c")]
    [InlineData("\u001b[2J", "␛[2J")]
    [InlineData("\u202eabc", "‹U+202E›abc")]
    [InlineData("\u0085", "‹U+0085›")]
    [InlineData("\udb40\udc41", "‹U+E0041›")]
    [InlineData("👩\u200d🔬", "👩\u200d🔬")]
    public void WhatActsIsMadeVisible(string text, string shown) => Assert.Equal(shown, Escape.Visible(text));

    [Fact]
    public void UnpairedSurrogatesAreReplaced() => Assert.Equal("x\ufffdy", Escape.Visible("x\ud800y"));

    [Fact]
    public void MarkdownCodeOutlastsEveryRunOfBackticks()
    {
        Assert.Equal("`a`", Escape.MarkdownCode("a"));
        Assert.Equal("``` a``b ```", Escape.MarkdownCode("a``b"));
        Assert.Equal("`` ` ``", Escape.MarkdownCode("`"));
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
            AssertNoControls(hover, "\n");
        }
    }

    [Fact]
    public void HoverMarkdownHasNoLinkNoHtmlAndNoImageOfTheTexts()
    {
        foreach (HoverForm form in Enum.GetValues<HoverForm>())
        {
            string hover = HoverRenderer.Render(Samples.Evil(), Messages.English, form);
            AssertNoControls(hover, "\n");
            if (form == HoverForm.PlainText)
            {
                continue;
            }
            // Outside code spans nothing of the text's punctuation acts.
            string outside = CodeSpan().Replace(hover, "").Replace("\\<", "").Replace("\\[", "");
            Assert.DoesNotContain("<script", outside, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("](", outside.Replace("\\]", ""), StringComparison.Ordinal);
            Assert.DoesNotContain("onmouseover=x>", outside, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void ChartsAreWellFormedTitledAndHarmless(Language language)
    {
        Messages messages = Messages.In(language);
        foreach (SvgTheme theme in Enum.GetValues<SvgTheme>())
        {
            foreach (Explanation e in new[] { Samples.Review(), Samples.Evil(), Samples.Pairs(), Long(), Nothing() })
            {
                PhraseNode tree = Tree(e, 0, e.Features.Count - 1);
                foreach (
                    string svg in new[]
                    {
                        ScoreBars.Draw(e, messages, theme),
                        TokenHeat.Draw(e, messages, theme),
                        InteractionMatrix.Draw(e, messages, theme),
                        PhraseTree.Draw(e, tree, messages, theme),
                        LineChart.Deletion(e, messages, [1.9, 0.4, 0.1], [1.9, 1.8, 0.1], theme),
                    }
                )
                {
                    XElement root = XDocument.Parse(svg).Root!;
                    XNamespace ns = root.Name.Namespace;
                    Assert.False(string.IsNullOrWhiteSpace(root.Element(ns + "title")!.Value));
                    Assert.False(string.IsNullOrWhiteSpace(root.Element(ns + "desc")!.Value));
                    Assert.DoesNotContain(
                        root.Descendants(),
                        d => d.Name.LocalName is "script" or "a" or "image" or "foreignObject"
                    );
                    Assert.DoesNotContain(
                        root.DescendantsAndSelf().Attributes(),
                        a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal)
                    );
                    double width = (double)root.Attribute("width")!;
                    double height = (double)root.Attribute("height")!;
                    foreach (XElement shape in root.Elements(ns + "rect").Where(r => r.Attribute("x") is not null))
                    {
                        Assert.InRange((double)shape.Attribute("x")!, 0, width);
                        Assert.InRange((double)shape.Attribute("y")!, 0, height);
                        Assert.InRange((double)shape.Attribute("x")! + (double)shape.Attribute("width")!, 0, width);
                    }
                }
            }
        }
    }

    [Fact]
    public void BarsEqualTheRecord()
    {
        Explanation e = Samples.Review();
        XElement root = XDocument.Parse(ScoreBars.Draw(e, Messages.English, SvgTheme.Adaptive, 5)).Root!;
        XElement[] bars = [.. root.Elements().Where(r => (string?)r.Attribute("height") == "13")];
        FeatureScore[] strongest = [.. e.Features.OrderByDescending(f => Math.Abs(f.Score!.Value)).Take(5)];
        Assert.Equal(5, bars.Length);
        double scale = (double)bars[0].Attribute("width")! / Math.Abs(strongest[0].Score!.Value);
        for (int i = 0; i < bars.Length; i++)
        {
            Assert.Equal(Math.Abs(strongest[i].Score!.Value) * scale, (double)bars[i].Attribute("width")!, 0.02);
            Assert.Equal(
                (strongest[i].Score > 0 ? Palette.For : Palette.Against).Hex,
                (string?)bars[i].Attribute("fill")
            );
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void EveryNumberAndWordOfTheRationaleStandsInTheRecord(Language language)
    {
        Explanation e = Samples.Review();
        string rationale = Rationale.Of(e, Messages.In(language));
        MatchCollection named = Quoted().Matches(rationale);
        Assert.Equal(5, named.Count);
        foreach (Match match in named)
        {
            Assert.Contains(
                e.Features,
                f => f.Text == match.Groups[1].Value && Numbers.WithSign(f.Score!.Value) == match.Groups[2].Value
            );
        }
        Assert.Equal(named.Count, Regex.Count(rationale, @"[+-]\d+\.\d+"));
        Assert.Contains(e.Target, rationale, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRationaleSaysWhenNothingSpeaksForTheTarget()
    {
        Explanation against = Samples.Of("bad film", [("bad", -1, 0), ("film", 0, 0)]);
        Assert.Equal(
            "No word speaks for positive; against it: “bad” (-1.00).",
            Rationale.Of(against, Messages.English)
        );
        Assert.Equal("No word changes the value of positive.", Rationale.Of(Nothing(), Messages.English));
    }

    [Theory]
    [InlineData(1.93, "+1.93")]
    [InlineData(-0.84, "-0.84")]
    [InlineData(0, "+0.00")]
    [InlineData(0.0123, "+0.012")]
    [InlineData(-0.00004, "-4.0e-5")]
    [InlineData(1234.5, "+1234.50")]
    public void NumbersReadWell(double value, string text) => Assert.Equal(text, Numbers.WithSign(value));

    [Theory]
    [InlineData(1, "100")]
    [InlineData(0.99999, "99.9")]
    [InlineData(0.957, "96")]
    [InlineData(0.00001, "0.1")]
    [InlineData(0, "0")]
    public void SharesNeverRoundToCertainty(double share, string text) => Assert.Equal(text, Numbers.Percent(share));

    [Fact]
    public void TheTerminalWithoutColourShowsSignsAndNoEscapes()
    {
        string text = TerminalRenderer.Render(Samples.Review(), Messages.English, TerminalColour.None);
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("superb[+1.93]", text, StringComparison.Ordinal);
        Assert.Contains("thin[-0.84]", text, StringComparison.Ordinal);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TerminalColour.TrueColour)]
    [InlineData(TerminalColour.Ansi256)]
    public void TheTerminalRunsNoEscapeOfTheText(TerminalColour colour)
    {
        string text = TerminalRenderer.Render(Samples.Evil(), Messages.English, colour);
        string ours = Regex.Replace(text, "\u001b\\[[0-9;]*m", "");
        AssertNoControls(ours, "\n");
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
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        AssertNoControls(page, "\n");
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
        AssertNoControls(evil, "\n");
    }

    private static void AssertNoControls(string text, string allowed)
    {
        foreach (char c in text)
        {
            bool acts =
                (char.IsControl(c) && !allowed.Contains(c, StringComparison.Ordinal))
                || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200b' or '\ufeff';
            Assert.False(acts, $"U+{(int)c:X4} got through");
        }
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

    private static PhraseNode Tree(Explanation e, int first, int last)
    {
        double score = Enumerable.Range(first, last - first + 1).Sum(i => e.Features[i].Score ?? 0);
        int middle = (first + last) / 2;
        return new PhraseNode(
            first,
            last,
            score,
            first == last ? [] : [Tree(e, first, middle), Tree(e, middle + 1, last)]
        );
    }

    private static string[] Placeholders(string template) =>
        [.. Regex.Matches(template, @"\{\d\}").Select(m => m.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    // The sanitiser's own pattern for a style, with the attributes we write around it.
    [GeneratedRegex(
        "^<span style=\"(color:#[0-9a-f]{3,8};)?(background-color:#[0-9a-f]{3,8};)?(border-radius:[0-9]+px;)?\"( title=\"[^\"<>]*\")?>$"
    )]
    private static partial Regex Span();

    [GeneratedRegex("^<img alt=\"[^\"<>]*\" src=\"data:image/svg\\+xml;base64,[A-Za-z0-9+/=]*\">$")]
    private static partial Regex Image();

    [GeneratedRegex("(`+)(?!`).*?(?<!`)\\1(?!`)")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("“([^”]*)” \\(([^)]*)\\)")]
    private static partial Regex Quoted();
}
