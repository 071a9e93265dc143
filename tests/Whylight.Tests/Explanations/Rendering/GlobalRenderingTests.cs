using Whylight.Explanations.Global;
using Whylight.Explanations.Rendering;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Rendering;

public sealed class GlobalRenderingTests
{
    public static TheoryData<string> Methods => [.. GlobalExplainer.Methods];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Nothing_in_labels_words_or_texts_acts(string method)
    {
        GlobalExplanation evil = Evil(method);
        foreach (Messages messages in (Messages[])[Messages.English, Messages.In(Language.SimplifiedChinese)])
        {
            string html = GlobalHtml.Page(evil, messages);
            string svg = GlobalChart.Draw(evil, messages);
            string terminal = GlobalTerminal.Render(evil, messages, TerminalColour.None);
            string markdown = GlobalMarkdown.Render(evil, messages);
            Assert.All(
                (string[])[html, svg],
                page =>
                {
                    Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
                    Assert.DoesNotContain("<b onmouse", page, StringComparison.Ordinal);
                }
            );
            Assert.All((string[])[html, svg, terminal, markdown], t => Assert.DoesNotContain('\u001b', t));
            Assert.All((string[])[html, svg, terminal, markdown], t => Assert.DoesNotContain('\u202e', t));
            // A tree stands in a fenced block, where nothing acts but the fence.
            string acting =
                method == "tree" ? markdown[..markdown.IndexOf("~~~~", StringComparison.Ordinal)] : markdown;
            foreach (string active in (string[])["](", "<script", "www.evil", "**b**", "`tick"])
            {
                Assert.DoesNotContain(active, acting, StringComparison.Ordinal);
            }
            System.Xml.Linq.XDocument.Parse(svg);
        }
    }

    [Fact]
    public void A_surrogate_no_better_than_one_label_is_said_not_to_be_relied_on()
    {
        GlobalExplanation weak = Evil("logistic");
        Assert.Contains(
            "do not rely on it",
            GlobalTerminal.Render(weak, Messages.English, TerminalColour.None),
            StringComparison.Ordinal
        );
        int[] model = [.. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(0, 20)];
        GlobalExplanation good = weak with { Fidelity = Fidelity.Of(model, model, 1) };
        Assert.Contains(
            "the imitation is better",
            GlobalTerminal.Render(good, Messages.English, TerminalColour.None),
            StringComparison.Ordinal
        );
        int[] wrong = [.. Enumerable.Repeat(0, 20), .. Enumerable.Repeat(1, 20)];
        GlobalExplanation bad = weak with { Fidelity = Fidelity.Of(model, wrong, 1) };
        Assert.Contains(
            "says nothing about the model",
            GlobalTerminal.Render(bad, Messages.English, TerminalColour.None),
            StringComparison.Ordinal
        );
    }

    private static GlobalExplanation Evil(string method)
    {
        Fidelity fidelity = Fidelity.Of([0, 1, 1, 0], [0, 1, 0, 1], 1);
        RegionFidelity region = new("x", Samples.Hostile, 4, 0.5, new Interval(0.1, 0.9));
        TreeNode leaf = new(4, 0.5, [1, 3]);
        GlobalExplanation frame = new()
        {
            Method = method,
            Model = Samples.Hostile,
            ModelHash = "h",
            Labels = ["plain", Samples.Hostile],
            Texts = 8,
            Predicted = [4, 4],
            Seed = 1,
            ModelCalls = 8,
        };
        GlobalExplanation surrogate = frame with
        {
            Words = [Samples.Hostile],
            Fidelity = fidelity,
            TrainingFidelity = fidelity,
            BaselineLabel = Samples.Hostile,
        };
        WordWeight weight = new(Samples.Hostile, Samples.Hostile, -1.5, null, 0.2, 4, 0.9);
        return method switch
        {
            "tree" => surrogate with
            {
                Tree = new TreeNode(8, 0.5, [4, 4], 0, 0.5, leaf, leaf with { Samples = 5 }),
                PruningPath =
                [
                    [0, 0.5],
                ],
                Regions = [region, region],
            },
            "rules" => surrogate with
            {
                Rules = new RuleList([new Rule([0], 1, 3, 0.9), new Rule([], 0, 5, 0.6)]),
                Regions = [region, region with { Agreement = null, Interval = null, Texts = 0 }],
            },
            "logistic" or "svm" => surrogate with
            {
                Weights = [weight],
                Intercepts = [(Samples.Hostile, 0.1)],
                Resamples = 20,
            },
            "forest" => surrogate with
            {
                Weights = [weight with { Label = null, Weight = 0.5, Permutation = new Estimate(0.1, 0.02) }],
            },
            "patterns" => frame with
            {
                Patterns = [new Pattern(Samples.Hostile, 3, 0.1, 0.2, 0.3, 4, 1, 0.8, 1.6)],
                PatternsTested = 2,
            },
            "representatives" => frame with
            {
                Representatives = [new Representative(0, Samples.Hostile, Samples.Hostile, 0.4, [Samples.Hostile])],
                LocalMethod = "occlusion",
                Target = Samples.Hostile,
            },
            _ => frame with
            {
                Weights = [weight with { MeanAbsolute = 1.5, SignStability = null }],
                LocalMethod = "occlusion",
                Target = Samples.Hostile,
                Refused = 1,
                Truncated = 2,
            },
        };
    }
}
