using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Local;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Local;

public sealed class CounterfactualTests
{
    // A model whose label is an arbitrary function of which words stand in the text: no additive structure helps a search.
    private static FakeClassifier Arbitrary(ulong seed, int labels = 2) =>
        new(
            words =>
                Enumerable
                    .Range(0, labels)
                    .Select(l =>
                        new SeededRandom(
                            SeededRandom.Derive(
                                seed,
                                (string[])[$"{l}", .. words.Where(w => w is not null).Select(w => w!)]
                            )
                        ).NextDouble()
                    )
                    .ToArray(),
            [.. Enumerable.Range(0, labels).Select(l => $"label{l}")]
        );

    private static Task<Explanation> ExplainAsync(
        ITextClassifier model,
        string text,
        int budget,
        string? target = null,
        SubstituteWords? words = null
    ) =>
        Explainer.Default.ExplainAsync(
            model,
            new ExplanationRequest
            {
                Text = text,
                Method = "counterfactual",
                Budget = budget,
                TargetLabel = target,
                Words = words,
            },
            cancellation: TestContext.Current.CancellationToken
        );

    private static async Task<string> LabelAsync(ITextClassifier model, string text) =>
        (await model.PredictAsync([text], cancellation: TestContext.Current.CancellationToken))[0].Label;

    [Property(MaxTest = 60)]
    public async Task Every_counterfactual_flips_and_without_any_one_of_its_edits_does_not(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 1 + random.Next(7);
        int labels = 2 + random.Next(2);
        string text = string.Join(' ', Enumerable.Range(0, n).Select(i => $"w{i}"));
        FakeClassifier model = Arbitrary(seed, labels);
        string predicted = await LabelAsync(model, text);
        string? target = random.Next(2) == 0 ? null : $"label{random.Next(labels)}";
        string? wanted = target == predicted ? null : target;
        SubstituteWords? words =
            random.Next(2) == 0
                ? null
                : new SubstituteWords(["x", "y"], new Dictionary<string, IReadOnlyList<string>> { ["w1"] = ["z"] });
        int budget = 2 * (n + 1) + random.Next(300);
        int before = model.Texts;
        Explanation e = await ExplainAsync(model, text, budget, target, words);
        Assert.InRange(e.ModelCalls, 1, budget);
        Assert.Equal(e.ModelCalls, model.Coalitions + model.Texts - before);
        Assert.Equal(wanted ?? predicted, e.Target);
        foreach (Counterfactual c in e.Counterfactuals!)
        {
            Assert.Equal(c.Text, TextEdit.Apply(text, c.Edits));
            Assert.NotEqual(text, c.Text);
            Assert.False(string.IsNullOrWhiteSpace(c.Text));
            Assert.All(c.Edits, edit => Assert.Equal(text[edit.Start..edit.End], edit.Text));
            string label = await LabelAsync(model, c.Text);
            Assert.Equal(label, c.Prediction.Label);
            Assert.True(wanted is null ? label != predicted : label == wanted);
            foreach (TextEdit edit in c.Edits.Where(_ => c.Minimal && c.Edits.Count > 1))
            {
                string fewer = await LabelAsync(model, TextEdit.Apply(text, c.Edits.Where(x => x != edit)));
                Assert.True(wanted is null ? fewer == predicted : fewer != wanted);
            }
        }
        if (e.Note!.StartsWith("No smaller set of deletions", StringComparison.Ordinal))
        {
            int smallest = e
                .Counterfactuals.Where(c => c.Edits.All(x => x.Replacement.Length == 0))
                .Min(c => c.Edits.Count);
            Assert.Equal(await SmallestAsync(model, text, n, predicted, wanted), smallest);
        }
        if (e.Note.StartsWith("No deletion changes", StringComparison.Ordinal))
        {
            Assert.Null(await SmallestAsync(model, text, n, predicted, wanted));
        }
    }

    // Fewest deletions on the text itself that flip, by trying every set.
    private static async Task<int?> SmallestAsync(
        FakeClassifier model,
        string text,
        int n,
        string predicted,
        string? wanted
    )
    {
        string[] all = text.Split(' ');
        int? best = null;
        for (int deleted = 1; deleted < (1 << n) - 1; deleted++)
        {
            string kept = string.Join(' ', all.Where((_, i) => (deleted >> i & 1) == 0));
            // Deleting the last word leaves the space before it, which the fake model does not see.
            string label = await LabelAsync(model, kept);
            if (wanted is null ? label != predicted : label == wanted)
            {
                int size = System.Numerics.BitOperations.PopCount((uint)deleted);
                best = best is null ? size : Math.Min(best.Value, size);
            }
        }
        return best;
    }

    [Property(MaxTest = 12)]
    public void Minimal_deletions_and_prime_implicants_of_up_to_twelve_features_are_those_of_brute_force(ulong seed)
    {
        Random random = new SeededRandom(seed);
        int n = 7 + random.Next(6);
        // Dense, sparse and monotone tables: each has other families of minimal sets.
        int kind = random.Next(3);
        double[] weights = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.2)];
        double[] keeps =
        [
            .. Enumerable
                .Range(0, 1 << n)
                .Select(m =>
                    kind switch
                    {
                        0 => random.Next(20) > 0,
                        1 => random.Next(3) > 0,
                        _ => Enumerable.Range(0, n).Where(i => (m >> i & 1) != 0).Sum(i => weights[i]) > 0.5,
                    }
                        ? 1.0
                        : 0.0
                ),
        ];
        int full = keeps.Length - 1;
        keeps[full] = 1;
        List<int> flips = [.. Enumerable.Range(0, full + 1).Where(d => keeps[full ^ d] == 0)];
        int[] minimal = Minimal(flips);
        Assert.Equal(minimal, LabelTable.MinimalDeletions(keeps));
        int least = flips.Count == 0 ? 0 : flips.Min(Size);
        Assert.Equal(flips.Where(f => Size(f) == least).Order(), LabelTable.SmallestDeletions(keeps).Order());
        bool[] sufficient = new bool[full + 1];
        for (int m = full; m >= 0; m--)
        {
            // All supersets keep the label: the set itself does, and so do those with one feature more.
            sufficient[m] =
                keeps[m] == 1 && Enumerable.Range(0, n).All(i => (m >> i & 1) != 0 || sufficient[m | 1 << i]);
        }
        Assert.Equal(
            Minimal([.. Enumerable.Range(0, full + 1).Where(m => sufficient[m])]),
            LabelTable.PrimeImplicants(keeps)
        );

        static int Size(int m) => System.Numerics.BitOperations.PopCount((uint)m);

        static int[] Minimal(List<int> family)
        {
            HashSet<int> members = [.. family];
            List<int> minimal = [];
            foreach (int m in family.OrderBy(Size).ThenBy(m => m))
            {
                if (!minimal.Any(s => (s & m) == s))
                {
                    minimal.Add(m);
                }
            }
            return [.. minimal];
        }
    }

    [Fact]
    public async Task Words_of_a_list_keep_the_letter_case_and_are_tried_for_their_own_word_first()
    {
        FakeClassifier model = FakeClassifier.Binary(words =>
            words.Sum(w =>
                w?.ToLowerInvariant() switch
                {
                    "good" => 1.0,
                    "poor" or "paris" => -3,
                    _ => 0,
                }
            )
        );
        SubstituteWords words = new(
            ["Paris"],
            new Dictionary<string, IReadOnlyList<string>> { ["GOOD"] = ["poor", "good"] }
        );
        Explanation e = await ExplainAsync(model, "GOOD it is", 200, words: words);
        Counterfactual[] replaced = [.. e.Counterfactuals!.Where(c => c.Edits[0].Replacement.Length > 0)];
        Assert.Contains(replaced, c => c.Edits.SequenceEqual([new TextEdit(0, 4, "GOOD", "POOR")]));
        Assert.Contains(replaced, c => c.Edits.SequenceEqual([new TextEdit(5, 7, "it", "Paris")]));
        Assert.DoesNotContain(replaced, c => c.Text == "GOOD it is");
        Assert.Equal("Poor it is", TextEdit.Apply("Good it is", [TextEdit.Substitution("Good it is", 0, 4, "poor")]));
    }

    [Fact]
    public void Deleting_takes_one_space_and_edits_do_not_depend_on_each_other()
    {
        const string Text = "not very, good";
        TextEdit not = TextEdit.Deletion(Text, 0, 3);
        TextEdit very = TextEdit.Deletion(Text, 4, 8);
        TextEdit comma = TextEdit.Deletion(Text, 8, 9);
        Assert.Equal("very, good", TextEdit.Apply(Text, [not]));
        Assert.Equal(", good", TextEdit.Apply(Text, [very, not]));
        Assert.Equal("very good", TextEdit.Apply(Text, [not, comma]));
        Assert.Equal("delete 'not'", not.ToString());
    }

    [Theory]
    [InlineData(0, "buys nothing")]
    [InlineData(1, "budget of at least")]
    public async Task A_budget_that_cannot_answer_is_refused(int budget, string says)
    {
        ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            ExplainAsync(Arbitrary(1), "one", budget)
        );
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_of_two_on_one_word_says_that_nothing_could_be_tried()
    {
        Explanation e = await ExplainAsync(FakeClassifier.Binary(w => w.Count(x => x is not null) - 0.5), "one", 2);
        Assert.Equal(2, e.ModelCalls);
        Assert.Empty(e.Counterfactuals!);
        Assert.Contains("no proof", e.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_every_word_is_no_counterfactual()
    {
        Explanation e = await ExplainAsync(FakeClassifier.Binary(w => w.Count(x => x is not null) - 0.5), "one", 40);
        Assert.Empty(e.Counterfactuals!);
        Assert.Contains("No deletion changes the prediction", e.Note, StringComparison.Ordinal);
        Assert.Contains("--words FILE", e.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_label_is_what_the_edits_lead_to()
    {
        FakeClassifier model = new(
            words => [words.Count(w => w == "a"), words.Count(w => w == "b") + 0.5, words.Count(w => w == "c") + 0.2],
            ["A", "B", "C"]
        );
        Explanation any = await ExplainAsync(model, "a a b c", 300);
        Explanation wanted = await ExplainAsync(model, "a a b c", 300, "C");
        Assert.Equal("A", any.Prediction.Label);
        Assert.All(any.Counterfactuals!, c => Assert.NotEqual("A", c.Prediction.Label));
        Assert.Equal("C", wanted.Target);
        Assert.NotEmpty(wanted.Counterfactuals!);
        Assert.All(wanted.Counterfactuals!, c => Assert.Equal("C", c.Prediction.Label));
        Assert.Equal(2, wanted.Counterfactuals![0].Edits.Count);
    }

    [Theory]
    [InlineData("anchors")]
    [InlineData("prime-implicants")]
    public async Task What_keeps_the_prediction_has_no_other_target(string method)
    {
        ExplanationException refused = await Assert.ThrowsAsync<ExplanationException>(() =>
            Explainer.Default.ExplainAsync(
                FakeClassifier.Binary(TextGameTests.NotGood),
                new ExplanationRequest
                {
                    Text = "good",
                    Method = method,
                    TargetLabel = "negative",
                },
                cancellation: TestContext.Current.CancellationToken
            )
        );
        Assert.Contains("leave out --target", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_anchor_of_a_word_twice_covers_texts_that_have_it_twice()
    {
        FakeClassifier model = FakeClassifier.Binary(words => words.Count(w => w == "good") - 1.5);
        Explanation e = await Explainer.Default.ExplainAsync(
            model,
            new ExplanationRequest
            {
                Text = "good good one",
                Method = "anchors",
                Dataset = ["good", "good, good", "goodgood", "so GOOD and Good", "no"],
            },
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal([0, 1], e.Anchor!.Features);
        Assert.Equal((0.4, 5), (e.Anchor.DatasetCoverage!.Value, e.Anchor.DatasetTexts!.Value));
        Assert.Contains("40 % of the 5 texts", e.Note, StringComparison.Ordinal);
    }
}
