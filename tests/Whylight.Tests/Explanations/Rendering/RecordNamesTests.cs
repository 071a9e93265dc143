using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
using Whylight.Explanations.Rendering;
using Whylight.Models;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Rendering;

public sealed class RecordNamesTests
{
    private static readonly Messages s_chinese = Messages.In(Language.SimplifiedChinese);

    [Fact]
    public async Task Every_measure_has_a_name_in_both_languages_and_fits_a_narrow_terminal()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        FakeClassifier model = FakeClassifier.Binary(TextGameTests.NotGood);
        ExplanationRequest request = new() { Text = "not a very good movie with dull plot", Method = "shapley" };
        Explanation explanation = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
        ExplanationEvaluation quality = await new ExplanationEvaluator().EvaluateAsync(
            model,
            request,
            explanation,
            [true, false, false, true, false, false, true, false],
            cancellation: cancellation
        );
        Assert.True(quality.Measures.Count > 30);
        Assert.All(quality.Measures, m => Assert.True(IsChinese(s_chinese.Term(m.Name)), m.Name));
        foreach (Messages messages in new[] { Messages.English, s_chinese })
        {
            Assert.DoesNotContain(
                "_",
                MarkdownRenderer.Render(explanation, messages, quality: quality),
                StringComparison.Ordinal
            );
            foreach (int width in new[] { 24, 32, 40, 80 })
            {
                string text = TerminalRenderer.Render(
                    explanation,
                    messages,
                    TerminalColour.None,
                    width: width,
                    quality: quality
                );
                string table = text[text.IndexOf(messages[Message.QualityHeading][..3], StringComparison.Ordinal)..];
                Assert.All(table.Split('\n'), line => Assert.True(TextFit.Columns(line) <= width, line));
                Assert.DoesNotContain('_', table);
            }
        }
    }

    [Fact]
    public void Every_absence_and_baseline_has_words_in_chinese()
    {
        string[] names =
        [
            .. Enum.GetValues<Absence>().Select(a => Names.Of(a)),
            .. Enum.GetValues<BaselineKind>().Select(b => Names.Of(b)),
            "random_tokens",
        ];
        Assert.All(names, name => Assert.True(IsChinese(s_chinese.Term(name)), name));
        Assert.Equal("attention masked", Messages.English.Term("attention_masked"));
    }

    [Theory]
    [InlineData(false, null, "词元对数概率之和")]
    [InlineData(true, null, "每个词元的平均对数概率")]
    [InlineData(true, "N/A", "每个词元的平均对数概率，以无内容提示“N/A”校准")]
    public void Ways_of_scoring_choices_are_said_in_chinese(bool mean, string? prompt, string expected)
    {
        string scoring = new ChoiceScoring { LengthNormalized = mean, ContentFreePrompt = prompt }.ToString();
        Assert.Equal(expected, s_chinese.Scoring(scoring));
        Assert.Equal(scoring, Messages.English.Scoring(scoring));
    }

    [Fact]
    public void A_rules_words_are_marked_in_every_form_without_colour()
    {
        Explanation rule = Samples.Of("a *b* c.", [("a", 0, 0), ("*b*", 0, 0), ("c", 0, 0)], "anchors") with
        {
            Anchor = new Anchor([1], 0.97, [0.9, 1], 0.5, "each other feature kept with probability 1/2"),
        };
        string starred = Escape.Markdown("*b*");
        // A page underlines them.
        Assert.Contains("<span class=\"for ", HtmlRenderer.Heat(rule), StringComparison.Ordinal);
        Assert.Contains(
            $"&#91;{starred}&#93;",
            MarkdownRenderer.Render(rule, Messages.English),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $">&#91;{starred}&#93;</span>",
            HoverRenderer.Render(rule, Messages.English, HoverForm.Html),
            StringComparison.Ordinal
        );
        foreach (TerminalColour colour in Enum.GetValues<TerminalColour>())
        {
            Assert.Contains("[*b*]", TerminalRenderer.Heat(rule, colour), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_words_of_a_rule_stand_in_brackets_in_a_hover()
    {
        Explanation rule = Samples.Of("not bad", [("not", 0, 0), ("bad", 0, 0)], "anchors") with
        {
            Anchor = new Anchor([0], 1, [0.9, 1], 0.5, "each other feature kept with probability 1/2"),
        };
        string hover = HoverRenderer.Render(rule, Messages.English, HoverForm.Html);
        Assert.Contains(">&#91;not&#93;</span> bad", hover, StringComparison.Ordinal);
    }

    private static bool IsChinese(string text) =>
        text.Any(c => c is >= '\u4e00' and <= '\u9fff') && !text.Contains('_');
}
