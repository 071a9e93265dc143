using System.Text.RegularExpressions;
using Whylight.Documents;

namespace Whylight.Tests.Documents;

/// <summary>The sample reviews are what the suites of the shipped models stand on, so what they claim to be is checked.</summary>
public sealed partial class SampleDataTests
{
    private static readonly ParsedDocument Reviews = DocumentReader.ReadFile(
        Path.Combine(Shared.Repository, "specs", "data", "reviews.tsv"),
        new ReadOptions { TextColumn = "sentence", LabelColumn = "label" }
    );

    private static string[] WordsOf(string text) =>
        [
            .. Words
                .Split(text)
                .Where(w => w.Kind is WordKind.Letters or WordKind.Number)
                .Select(w => w.In(text).ToLowerInvariant()),
        ];

    [Fact]
    public void There_are_enough_and_they_are_balanced()
    {
        Assert.Empty(Reviews.Problems);
        Assert.InRange(Reviews.Examples.Count, 420, 1000);
        int positive = Reviews.Examples.Count(e => e.Label == "positive");
        Assert.Equal(Reviews.Examples.Count, positive + Reviews.Examples.Count(e => e.Label == "negative"));
        Assert.InRange(positive / (double)Reviews.Examples.Count, 0.48, 0.52);
    }

    [Fact]
    public void Lengths_are_from_3_to_60_words() =>
        Assert.All(Reviews.Examples, e => Assert.InRange(WordsOf(e.Text).Length, 3, 60));

    [Fact]
    public void No_sentence_stands_twice() =>
        Assert.Equal(
            Reviews.Examples.Count,
            Reviews.Examples.Select(e => string.Join(' ', WordsOf(e.Text))).Distinct().Count()
        );

    [Fact]
    public void Negation_contrast_and_other_domains_are_there()
    {
        Assert.InRange(Reviews.Examples.Count(e => Negation().IsMatch(e.Text)), 30, 400);
        Assert.InRange(Reviews.Examples.Count(e => Contrast().IsMatch(e.Text)), 20, 400);
        Assert.InRange(Reviews.Examples.Count(e => OtherDomain().IsMatch(e.Text)), 20, 400);
        foreach (string label in (string[])["negative", "positive"])
        {
            Assert.InRange(Reviews.Examples.Count(e => e.Label == label && Negation().IsMatch(e.Text)), 15, 400);
            Assert.InRange(Reviews.Examples.Count(e => e.Label == label && Contrast().IsMatch(e.Text)), 10, 400);
        }
    }

    [Fact]
    public void No_template_yields_more_than_three()
    {
        // What remains when every word that is not a function word is a blank, and runs of blanks are one.
        static string Skeleton(string text)
        {
            List<string> skeleton = [];
            foreach (string word in WordsOf(text))
            {
                string part = FunctionWords.Contains(word) ? word : "_";
                if (part != "_" || skeleton.Count == 0 || skeleton[^1] != "_")
                {
                    skeleton.Add(part);
                }
            }
            return string.Join(' ', skeleton);
        }
        Assert.All(Reviews.Examples.GroupBy(e => Skeleton(e.Text)), g => Assert.InRange(g.Count(), 1, 3));
        Assert.All(
            Reviews.Examples.GroupBy(e => string.Join(' ', WordsOf(e.Text).Take(3))),
            g => Assert.InRange(g.Count(), 1, 3)
        );
    }

    [Fact]
    public void The_sample_prompts_have_fields_and_one_holds_an_injection_attempt()
    {
        string folder = Path.Combine(Shared.Repository, "specs", "prompts");
        Example benign = Assert.Single(
            DocumentReader
                .ReadFile(
                    Path.Combine(folder, "summarise-review.prompt.md"),
                    null,
                    TestContext.Current.CancellationToken
                )
                .Examples
        );
        Example attacked = Assert.Single(
            DocumentReader
                .ReadFile(Path.Combine(folder, "support-reply.prompt.md"), null, TestContext.Current.CancellationToken)
                .Examples
        );
        Assert.Equal(["product", "language", "review"], benign.Fields.Select(f => f.Name));
        Assert.Equal(["customer", "message"], attacked.Fields.Select(f => f.Name));
        Assert.All(benign.Fields.Concat(attacked.Fields), f => Assert.NotNull(f.Value));
        Assert.DoesNotContain("{{", benign.Text + attacked.Text, StringComparison.Ordinal);
        Assert.Contains("Ignore all previous instructions", attacked.Fields[1].Value, StringComparison.Ordinal);
        Assert.DoesNotContain("gnore", benign.Text, StringComparison.Ordinal);
    }

    private static readonly HashSet<string> FunctionWords =
    [
        .. (
            "a an the and or but nor so yet if as of in on at to from by with without for into over under about after before "
            + "between than that this these those there here it its it's i i'm my me we our us you your he his him she her they "
            + "their them who whom whose which what when where why how is are was were be been being am do does did don't didn't "
            + "doesn't have has had haven't hasn't will would won't wouldn't can can't could couldn't may might must not no never "
            + "nobody nothing none only even just very too more most less least all any some every each both few many much such "
            + "although though while because since however despite until once rarely hardly"
        ).Split(' '),
    ];

    [GeneratedRegex(
        @"\b(?:not|no|never|nobody|nothing|none|neither|nor|cannot|without)\b|n't\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Negation();

    [GeneratedRegex(@"\b(?:but|although|though|yet|however|despite|while)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Contrast();

    [GeneratedRegex(
        @"\b(?:waiter|waitress|noodles|soup|salad|table for|dumplings|café|pizza|bread|bakery|curry|menu|phone|battery|headphones|tablet|camera that|kettle|blender|vacuum|hotel|reception|room|rooms|towels|pool|inn|bed|update|program|search|support|editor|app|apps|documentation|installing|keyboard|printer)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex OtherDomain();
}
