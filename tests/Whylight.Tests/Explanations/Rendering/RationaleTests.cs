using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>The sentences say what the record says, and no more.</summary>
public sealed partial class RationaleTests
{
    [Property(MaxTest = 400)]
    public void Every_number_is_a_rounded_field_of_the_record(int seed, bool chinese)
    {
        SeededRandom random = new((ulong)seed);
        Explanation drawn = RandomRecords.Next(random);
        // Words and labels without digits, so that every digit is a number of the sentence.
        Explanation e = drawn with
        {
            Target = "positive",
            ContrastLabel = null,
            Prediction = Prediction.FromLogits("t", ["negative", "positive"], [random.NextGaussian(), 0.3], 1.4),
            Features = [.. drawn.Features.Select((f, i) => f with { Text = "w" + new string('x', i) })],
            Counterfactuals = null,
            Note = null,
        };
        Messages messages = Messages.In(chinese ? Language.SimplifiedChinese : Language.English);
        string sentence = Rationale.Of(e, messages);
        AssertTraceable(sentence, e);
        AssertTraceable(Rationale.Headline(e.Prediction, messages), e);
        AssertTraceable(string.Join('\n', Notes.Doubts(e, messages, t => t)), e);
        foreach (Match quoted in Quoted().Matches(sentence))
        {
            Assert.Contains(e.Features, f => TextFit.Cut(f.Text, 40) == quoted.Groups[1].Value);
        }
    }

    [Fact]
    public void Words_for_and_against_are_named_with_their_scores()
    {
        Assert.Equal(
            "What speaks for positive: “superb” (+1.93), “acting” (+0.42) and “but” (+0.31). Against it: “thin” (−0.84) and “not” (−0.37).",
            Rationale.Of(Samples.Review(), Messages.English)
        );
        Assert.Equal(
            "支持 positive 的是：“superb”（+1.93）、“acting”（+0.42）和“but”（+0.31）。反对的是：“thin”（−0.84）和“not”（−0.37）。",
            Rationale.Of(Samples.Review(), Messages.In(Language.SimplifiedChinese))
        );
    }

    [Fact]
    public void Nothing_is_claimed_where_nothing_speaks()
    {
        Explanation against = Samples.Of("bad film", [("bad", -1, 0), ("film", 0, 0)]);
        Assert.Equal(
            "No word speaks for positive; against it: “bad” (−1.00).",
            Rationale.Of(against, Messages.English)
        );
        Explanation nothing = Samples.Of("a b", [("a", 0, 0), ("b", 0, 0)]);
        Assert.Equal("No word changes the value of positive.", Rationale.Of(nothing, Messages.English));
    }

    [Fact]
    public void A_score_whose_interval_holds_zero_is_not_named()
    {
        Explanation noisy = Samples.Of("good film", [("good", 1, 0.1), ("film", 0.9, 0.5)]);
        Assert.Equal("What speaks for positive: “good” (+1.00).", Rationale.Of(noisy, Messages.English));
        Explanation noise = Samples.Of("good film", [("good", 1, 0.6), ("film", 0.9, 0.5)]);
        Assert.StartsWith(
            "No word's score for positive can be told from zero",
            Rationale.Of(noise, Messages.English),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "rule",
        "As long as “superb” stays, the prediction remains positive in 97 % (95 to 98 %) of the texts with each other feature kept with probability 1/2. 12 % of the 250 texts of the dataset contain it."
    )]
    [InlineData(
        "rule-exact",
        "As long as “superb” stays, the prediction remains positive in 97 % of the texts with each other feature kept with probability 1/2. 12 % of the 250 texts of the dataset contain it."
    )]
    [InlineData("flips", "The prediction becomes negative after: replace “superb” with “dull”.")]
    [InlineData(
        "reasons",
        "Enough for positive: “superb”. With these present the prediction stays, whatever else is absent."
    )]
    [InlineData(
        "pairs",
        "The strongest pair is “not” with “want” (−0.62): together they do less for positive than apart."
    )]
    [InlineData(
        "attention",
        "Attention rests mostly on “superb” (0.31), “film” (0.20) and “a” (0.04); that is where the model looks, not why it decides."
    )]
    public void Each_kind_of_record_has_its_sentence(string record, string sentence) =>
        Assert.Equal(sentence, Rationale.Of(Samples.All[record], Messages.English));

    [Fact]
    public void An_empty_rule_is_a_claim_only_where_it_holds()
    {
        Explanation rule = Samples.Rule();
        Explanation empty = rule with { Anchor = rule.Anchor! with { Features = [] } };
        Assert.StartsWith("No word is needed", Rationale.Of(empty, Messages.English), StringComparison.Ordinal);
        Assert.StartsWith(
            "No rule was found",
            Rationale.Of(empty with { Converged = false }, Messages.English),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Only_calibrated_probabilities_are_called_sure()
    {
        string[] labels = ["negative", "positive"];
        Assert.Equal(
            "positive, 89 % sure",
            Rationale.Headline(Prediction.FromLogits("t", labels, [-1.2, 1.9], 1.5), Messages.English)
        );
        Prediction raw = Prediction.FromLogits("t", labels, [-1.2, 1.9]);
        Assert.Equal("positive, probability 96 %", Rationale.Headline(raw, Messages.English));
        Assert.Equal("positive，概率 96 %", Rationale.Headline(raw, Messages.In(Language.SimplifiedChinese)));
        Assert.Equal(
            "positive, probability 96 %, but labelled negative",
            Rationale.Headline(raw, Messages.English, "negative")
        );
    }

    [Fact]
    public void A_tie_is_called_one()
    {
        string[] labels = ["negative", "positive"];
        Assert.Equal(
            "a tie at 50 %: negative and positive",
            Rationale.Headline(Prediction.FromLogits("t", labels, [1, 1], 1.5), Messages.English)
        );
        Assert.Equal(
            "positive, 50 % sure, hardly ahead of negative (50 %)",
            Rationale.Headline(Prediction.FromLogits("t", labels, [1, 1.001], 1.5), Messages.English)
        );
    }

    [Fact]
    public void Doubts_are_said()
    {
        string[] layered = [.. Notes.Doubts(Samples.Layered(), Messages.English, t => t)];
        Assert.Contains(
            "shapley disagrees with these scores (rank correlation −0.50): rest on neither alone.",
            layered
        );
        Assert.Contains("Special tokens hold 20 % of the relevance.", layered);
        string[] line = [.. Notes.Doubts(Samples.Line(), Messages.English, t => t)];
        Assert.Contains("Fit: R² 0.42; at this text the line gives 1.55 and the model 1.90.", line);
        Assert.Contains("The line fits poorly: do not rest on these scores.", line);
        string[] labels = [.. Notes.Doubts(Samples.Labels(), Messages.English, t => t)];
        Assert.Contains("Explained here: joy (probability 27 %), which is not the label predicted.", labels);
        string[] open = [.. Notes.Doubts(Samples.Review() with { Converged = false }, Messages.English, t => t)];
        Assert.Equal(["Not converged: the scores may still move; give a larger budget."], open);
    }

    [Fact]
    public void The_account_adds_up()
    {
        string account = Notes
            .Of(Samples.Review(), Messages.English, t => t)
            .Single(n => n.StartsWith("Account", StringComparison.Ordinal));
        double[] parts = [.. Number().Matches(account).Select(m => Parsed(m.Value))];
        Assert.Equal(5, parts.Length);
        Assert.Equal(parts[4], parts[..4].Sum(), 0.025);
    }

    [Fact]
    public void Sentences_of_records_are_in_the_catalogue()
    {
        Messages chinese = Messages.In(Language.SimplifiedChinese);
        Assert.DoesNotMatch("[a-z]{3}", chinese.OfRecord("each other feature kept with probability 1/2"));
        Assert.NotEqual(Samples.Flips().Note, chinese.OfRecord(Samples.Flips().Note!));
        Assert.Equal("something else", chinese.OfRecord("something else"));
    }

    [Theory]
    [InlineData("zh-cn", Language.SimplifiedChinese)]
    [InlineData("zh_CN.UTF-8", Language.SimplifiedChinese)]
    [InlineData("zh", Language.SimplifiedChinese)]
    [InlineData("zh-Hans-SG", Language.SimplifiedChinese)]
    [InlineData("zh_SG", Language.SimplifiedChinese)]
    [InlineData("zh-TW", Language.English)]
    [InlineData("zh_HK.UTF-8", Language.English)]
    [InlineData("de_DE.UTF-8", Language.English)]
    [InlineData("C", Language.English)]
    [InlineData("", Language.English)]
    [InlineData(null, Language.English)]
    public void The_locale_chooses_the_language(string? locale, Language language) =>
        Assert.Equal(language, Messages.ForLocale(locale).Language);

    [Theory]
    [InlineData(1.93, "+1.93")]
    [InlineData(-0.84, "−0.84")]
    [InlineData(0, "0.00")]
    [InlineData(0.0123, "+0.012")]
    [InlineData(-0.00004, "−4.0e−5")]
    [InlineData(1234.5, "+1234.50")]
    public void Numbers_read_well(double value, string text) => Assert.Equal(text, Numbers.WithSign(value));

    [Theory]
    [InlineData(1, "100")]
    [InlineData(0.99999, "99.9")]
    [InlineData(0.957, "96")]
    [InlineData(0.00001, "0.1")]
    [InlineData(0, "0")]
    public void Shares_never_round_to_certainty(double share, string text) =>
        Assert.Equal(text, Numbers.Percent(share));

    [Fact]
    public void Numbers_side_by_side_have_the_same_decimals()
    {
        NumberScale large = NumberScale.Of([1.93, -0.004]);
        Assert.Equal(["+1.93", "0.00", "−0.84"], new[] { 1.93, -0.004, -0.84 }.Select(large.Signed));
        Assert.Equal("0.0040", large.Error(0.004));
        Assert.Equal("0.03", large.Error(0.03));
        Assert.Equal("0.00", large.Error(0));
        NumberScale small = NumberScale.Of([0.016, 0.002]);
        Assert.Equal(["+0.0160", "+0.0020"], new[] { 0.016, 0.002 }.Select(small.Signed));
        Assert.Equal("−3.0e−9", NumberScale.Of([3e-9]).Signed(-3e-9));
    }

    private static void AssertTraceable(string sentence, Explanation e)
    {
        double[] fields =
        [
            .. e.Features.Select(f => f.Score ?? 0),
            .. (e.Interactions ?? []).Select(p => p.Score),
            .. e.Prediction.Probabilities.Select(p => 100 * p),
            .. e.Anchor is { } a
                ? new[]
                {
                    a.Precision,
                    a.PrecisionInterval[0],
                    a.PrecisionInterval[1],
                    a.Coverage,
                    a.DatasetCoverage ?? 0,
                    (a.DatasetTexts ?? 0) / 100.0,
                }.Select(p => 100 * p)
                : [],
            .. (e.Fit ?? new Dictionary<string, double>()).Values,
            .. new[] { e.Value, e.SinkShare * 100, e.Agreement?.Spearman, e.Prediction.TruncatedAt }.OfType<double>(),
        ];
        foreach (Match match in Number().Matches(Constant().Replace(sentence, "")))
        {
            double number = Parsed(match.Value);
            int decimals = match.Groups["decimals"].Length;
            double tolerance = match.Value.Contains('e', StringComparison.Ordinal)
                ? Math.Abs(number) * 0.06
                : 0.5 * Math.Pow(10, -decimals) + 1e-9;
            // Percentages near certainty stop at 0.1 and 99.9.
            Assert.True(
                fields.Any(f =>
                    Math.Abs(f - number) <= tolerance
                    || (number is 0.1 or 99.9 && f is > 0 and < 0.15 or > 99.85 and < 100)
                ),
                $"{match.Value} of '{sentence}' is no field"
            );
        }
    }

    private static double Parsed(string number) =>
        double.Parse(number.Replace('−', '-'), NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"[+−]?\d+(\.(?<decimals>\d+))?(e−?\d+)?")]
    private static partial Regex Number();

    // The catalogue's own: the level of intervals, the coin of a neighbourhood.
    [GeneratedRegex("95 % interval|95 % 区间|probability 1/2|1/2 的概率|R²")]
    private static partial Regex Constant();

    [GeneratedRegex("“([^”]*)”")]
    private static partial Regex Quoted();
}
