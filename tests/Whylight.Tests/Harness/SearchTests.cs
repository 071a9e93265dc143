using Whylight.Harness.Search;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Perturbations;

namespace Whylight.Tests.Harness;

public class SearchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flip_is_found_and_shrunk_to_one_edit_of_the_word_that_matters()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        const string text = "The plot is a bit dull but the acting is great and the music is bad.";
        Counterexample? found = await new CounterexampleSearch(model).FindAsync(text, model.Predict(text), 1, Stop);
        Assert.NotNull(found);
        Assert.True(found.Flip && found.Minimal);
        Edit edit = Assert.Single(found.Shrunk.Edits.Edits);
        Assert.True(edit.Start >= text.IndexOf("great", StringComparison.Ordinal));
        Assert.True(edit.End <= text.IndexOf("great", StringComparison.Ordinal) + 5);
        Assert.Equal("positive", found.Before.Label);
        Assert.Equal("negative", model.Predict(found.Shrunk.Edited).Label);
        Assert.Equal("negative", model.Predict(found.Original.Edited).Label);
        Assert.StartsWith("\"great\" → \"", Assert.Single(found.Describe()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_reads_nothing_but_length_of_nothing_never_flips()
    {
        using LexiconClassifier model = new(new Dictionary<string, double>(), bias: 1);
        Assert.Null(await new CounterexampleSearch(model).FindAsync("good film", model.Predict("good film"), 1, Stop));
        Assert.Null(await new CounterexampleSearch(model).FindAsync("", model.Predict(""), 1, Stop));
        Assert.True(model.Texts > 20);
    }

    [Fact]
    public async Task Two_edits_stay_where_both_are_needed()
    {
        // Either "good" keeps the label; only both typos together lose it.
        using LexiconClassifier model = new(new Dictionary<string, double> { ["good"] = 2 }, bias: -1);
        const string text = "good story and good cast";
        EditSequence edits = new([
            new Edit(1, 2, "ooo", "t"),
            new Edit(7, 1, "r", "t"),
            new Edit(16, 2, "oa", "t"),
            new Edit(20, 1, "k", "t"),
        ]);
        Counterexample? found = await new CounterexampleSearch(model).ShrinkAsync(
            new PerturbedText(text, edits),
            model.Predict(text),
            Stop
        );
        Assert.NotNull(found);
        Assert.True(found.Minimal);
        Assert.Equal([1, 16], found.Shrunk.Edits.Edits.Select(e => e.Start));
        foreach (int i in (int[])[0, 1])
        {
            Assert.Equal("positive", model.Predict(found.Shrunk.Edits.Without(i).Apply(text)).Label);
        }
    }

    [Fact]
    public async Task Case_shrinks_to_one_letter_and_the_text_to_the_words_needed()
    {
        using LexiconClassifier model = new(new Dictionary<string, double> { ["good"] = 2 }, foldCase: false, bias: -1);
        const string text = "It really was a good film with a fine cast";
        Counterexample? found = await new CounterexampleSearch(
            model,
            new SearchOptions { ShrinkText = true }
        ).ShrinkAsync(
            new PerturbedText(text, new Casing(CasingStyle.Upper).Sample(text, new SeededRandom(0))),
            model.Predict(text),
            Stop
        );
        Assert.NotNull(found);
        Assert.Equal(10, found.Original.Edits.Count);
        Assert.Equal("good", found.Shrunk.Text);
        Assert.Equal("Good", found.Shrunk.Edited);
        Assert.Equal((1, 1, 4), found.Shrunk.Weight);
    }

    [Fact]
    public async Task Same_seed_same_counterexample_and_no_text_is_asked_twice()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        const string text = "A good film, not a great one, and awful music. Fine!";
        Prediction before = model.Predict(text);
        CounterexampleSearch search = new(model);
        Counterexample? one = await search.FindAsync(text, before, 7, Stop);
        int calls = model.Texts;
        Counterexample? two = await search.FindAsync(text, before, 7, Stop);
        Assert.NotNull(one);
        Assert.Equal(one.Shrunk, two!.Shrunk);
        Assert.Equal(one.Original, two.Original);
        Assert.Equal(one.ModelCalls, calls);
        Assert.Equal(2 * calls, model.Texts);
        // Draws are one call; each frontier is another.
        Assert.InRange(model.Calls, 2, 12);
    }

    [Fact]
    public async Task The_budget_of_calls_is_kept_and_a_search_cut_short_says_so()
    {
        using LexiconClassifier model = new(new Dictionary<string, double> { ["good"] = 2 }, foldCase: false, bias: -1);
        string text = string.Join(' ', Enumerable.Repeat("film", 40).Append("good"));
        CounterexampleSearch search = new(model, new SearchOptions { ModelCalls = 10 });
        Counterexample? found = await search.ShrinkAsync(
            new PerturbedText(text, new Casing(CasingStyle.Upper).Sample(text, new SeededRandom(0))),
            model.Predict(text),
            Stop
        );
        Assert.NotNull(found);
        Assert.False(found.Minimal);
        Assert.InRange(found.ModelCalls, 1, 10);
    }

    [Fact]
    public async Task Edits_stay_within_what_the_model_reads()
    {
        using LexiconClassifier model = new(new Dictionary<string, double> { ["good"] = 2 }, maxTokens: 3, bias: -1);
        const string text = "a good film with much more to say about it all";
        Counterexample? found = await new CounterexampleSearch(model).FindAsync(text, model.Predict(text), 3, Stop);
        Assert.NotNull(found);
        Assert.All(
            found.Original.Edits.Edits,
            e => Assert.True(e.End <= text.IndexOf("with", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Cancelling_stops_the_search()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new CounterexampleSearch(model).FindAsync("good", model.Predict("good"), 1, source.Token)
        );
    }

    [Fact]
    public void Every_shrinking_step_is_lighter()
    {
        const string text = "It isn't GOOD, is it?";
        PerturbedText start = new(
            text,
            new EditSequence([
                new Edit(3, 5, "is not", "contraction"),
                new Edit(9, 4, "good", "casing"),
                new Edit(20, 1, "", "punctuation"),
            ])
        );
        int seen = 0;
        Walk(start, 0);
        Assert.True(seen > 20);

        void Walk(PerturbedText value, int depth)
        {
            foreach (PerturbedText smaller in PerturbedTexts.Smaller(value, shrinkText: true))
            {
                seen++;
                Assert.True(smaller.Weight.CompareTo(value.Weight) < 0);
                if (depth < 2)
                {
                    Walk(smaller, depth + 1);
                }
            }
        }
    }
}
