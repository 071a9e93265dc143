using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Whylight.Measures;
using Whylight.Perturbations;

namespace Whylight.Tests.Perturbations;

/// <summary>Texts of words, Han, emoji, combining marks, joiners, punctuation and odd white space.</summary>
public sealed record Sentence(string Text)
{
    public override string ToString() => Text;
}

public static class Sentences
{
    private static readonly string[] Pieces =
    [
        "The",
        "film",
        "isn't",
        "is not",
        "good",
        ".",
        "!",
        ",",
        " ",
        " ",
        "  ",
        "\t",
        "\n",
        "这部",
        "电影很好看",
        "。",
        "👍🏽",
        "👨‍👩‍👧",
        "e\u0301clair",
        "naïve",
        "don’t",
        "CAN'T",
        "it is",
        "It's",
        "Straße",
        "İstanbul",
        "a",
        "aa",
        "42",
        "x1y",
        "\u200b",
        "𝒜𝒷",
        "ﬁne",
        "\"quoted\"",
        "(aside)",
        "we'll",
        "does n't",
        "…",
        "?!",
        "\ud800",
        "no",
    ];

    public static Arbitrary<Sentence> Sentence() =>
        Arb.From(
            Gen.Elements(Pieces).ArrayOf().Select(p => new Sentence(string.Concat(p))),
            s => Enumerable.Range(0, s.Text.Length).Select(i => new Sentence(s.Text.Remove(i, 1)))
        );
}

[Properties(Arbitrary = [typeof(Sentences)], MaxTest = 200)]
public class PerturbationTests
{
    private static readonly Perturbation[] All = PerturbationRegistry
        .Names.Select(name =>
            PerturbationRegistry.Create(
                name,
                PerturbationRegistry
                    .Parameters(name)
                    .Where(p => p.Required)
                    .ToDictionary(p => p.Name, p => p.Name == "from" ? "film" : "really ")
            )
        )
        .ToArray();

    private static Perturbation Named(string name) => All.Single(p => p.Name == name);

    [Property]
    public void Every_candidate_changes_the_text_and_comes_back(Sentence sentence)
    {
        foreach (Perturbation perturbation in All)
        {
            int last = 0;
            foreach (Edit edit in perturbation.Candidates(sentence.Text))
            {
                Assert.InRange(edit.Start, last, sentence.Text.Length);
                last = edit.Start;
                EditSequence one = new([edit]);
                string edited = one.Apply(sentence.Text);
                Assert.NotEqual(sentence.Text, edited);
                Assert.Equal(perturbation.Name, edit.Perturbation);
                Assert.Equal(sentence.Text, one.Invert(sentence.Text).Apply(edited));
            }
        }
    }

    [Property]
    public void No_edit_cuts_a_grapheme(Sentence sentence)
    {
        HashSet<int> boundaries = [.. StringInfo.ParseCombiningCharacters(sentence.Text), sentence.Text.Length];
        foreach (
            Perturbation perturbation in All.Where(p =>
                p.Name is not ("contraction" or "replace_word" or "punctuation")
            )
        )
        {
            foreach (Edit edit in perturbation.Candidates(sentence.Text))
            {
                Assert.Contains(edit.Start, boundaries);
                Assert.Contains(edit.End, boundaries);
            }
        }
    }

    [Property]
    public void Draws_repeat_come_back_and_map_offsets(Sentence sentence, ulong seed, bool byRate)
    {
        EditBudget budget = byRate ? new() { Rate = 0.3 } : new() { MaxEdits = 3 };
        foreach (Perturbation perturbation in All)
        {
            string text = sentence.Text;
            EditSequence edits = perturbation.Sample(text, new SeededRandom(seed), budget);
            Assert.Equal(edits, perturbation.Sample(text, new SeededRandom(seed), budget));
            Assert.Equal(perturbation.Candidates(text).Count == 0, edits.Count == 0);
            string edited = edits.Apply(text);
            Assert.Equal(text, edits.Invert(text).Apply(edited));
            // What no edit touched stands at the mapped place, and the map comes back.
            int at = 0;
            foreach (Edit edit in edits.Edits.Append(new Edit(text.Length, 0, "", "")))
            {
                for (; at < edit.Start; at++)
                {
                    int mapped = edits.ToEdited(at, after: true);
                    Assert.Equal(text[at], edited[mapped]);
                    Assert.Equal(at, edits.ToOriginal(mapped, after: true));
                }
                at = edit.End;
            }
            Assert.Equal(edited.Length, edits.ToEdited(text.Length, after: true));
        }
    }

    [Property]
    public void Budget_is_kept(Sentence sentence, ulong seed)
    {
        foreach (Perturbation perturbation in All)
        {
            EditSequence edits = perturbation.Sample(
                sentence.Text,
                new SeededRandom(seed),
                new EditBudget { MaxEdits = 2 }
            );
            Assert.InRange(edits.Count, 0, 2);
        }
    }

    [Property]
    public void White_space_leaves_the_words(Sentence sentence, ulong seed)
    {
        EditSequence edits = Named("whitespace").Sample(sentence.Text, new SeededRandom(seed), new() { Rate = 0.5 });
        Assert.Equal(Words(sentence.Text), Words(edits.Apply(sentence.Text)));

        static string[] Words(string text) => Regex.Split(text, @"\s+").Where(w => w.Length > 0).ToArray();
    }

    [Property]
    public void Casing_leaves_the_letters(Sentence sentence, ulong seed)
    {
        string edited = Named("casing").Sample(sentence.Text, new SeededRandom(seed)).Apply(sentence.Text);
        Assert.Equal(sentence.Text, edited, ignoreCase: true);
    }

    [Property]
    public void A_swap_leaves_the_letters_of_each_word(Sentence sentence, ulong seed)
    {
        EditSequence edits = Named("swap_adjacent").Sample(sentence.Text, new SeededRandom(seed), new() { Rate = 0.4 });
        string edited = edits.Apply(sentence.Text);
        Assert.Equal(sentence.Text.Length, edited.Length);
        Assert.Equal(
            Regex.Split(sentence.Text, @"\s").Select(w => string.Concat(w.Order())),
            Regex.Split(edited, @"\s").Select(w => string.Concat(w.Order()))
        );
    }

    [Property]
    public void A_typo_hits_a_neighbour_and_keeps_the_case(Sentence sentence)
    {
        foreach (Edit edit in Named("keyboard_typo").Candidates(sentence.Text))
        {
            char before = sentence.Text[edit.Start];
            char after = edit.Replacement.Single();
            Assert.Equal(char.IsUpper(before), char.IsUpper(after));
            Assert.Contains(char.ToLowerInvariant(after), KeyboardTypo.Around(char.ToLowerInvariant(before)));
            Assert.Contains(char.ToLowerInvariant(before), KeyboardTypo.Around(char.ToLowerInvariant(after)));
        }
    }

    [Theory]
    [InlineData("It isn't bad.", "It is not bad.")]
    [InlineData("It is not bad.", "It's not bad.", "It isn't bad.")]
    [InlineData("We CAN'T go.", "We CANNOT go.")]
    [InlineData("They don’t care", "They do not care")]
    [InlineData("It does n't work", "It does not work")]
    [InlineData("It's been fun")]
    [InlineData("Yes, it is.")]
    [InlineData("The dog's bone")]
    [InlineData("I am here", "I'm here")]
    public void Contractions_go_both_ways(string text, params string[] expected)
    {
        Assert.Equal(expected, Named("contraction").Candidates(text).Select(e => new EditSequence([e]).Apply(text)));
    }

    [Theory]
    [InlineData("Good film.", "Good film")]
    [InlineData("Good film . ", "Good film ")]
    [InlineData("Good film", "Good film.")]
    [InlineData("电影很好看", "电影很好看。")]
    [InlineData("电影很好看！", "电影很好看")]
    [InlineData("Wow?!", "Wow")]
    [InlineData("...", null)]
    [InlineData("", null)]
    [InlineData("\"So he said\"", null)]
    public void Terminal_punctuation_comes_or_goes(string text, string? expected)
    {
        Assert.Equal(
            expected is null ? [] : [expected],
            Named("punctuation").Candidates(text).Select(e => new EditSequence([e]).Apply(text))
        );
    }

    [Fact]
    public void Casing_rewrites_the_whole_text_word_by_word()
    {
        const string text = "A good Film. it was";
        Assert.Equal("A GOOD FILM. IT WAS", Styled(CasingStyle.Upper));
        Assert.Equal("a good film. it was", Styled(CasingStyle.Lower));
        Assert.Equal("A Good Film. It Was", Styled(CasingStyle.Title));
        Assert.Equal("A good film. It was", Styled(CasingStyle.Sentence));
        Assert.Equal(4, new Casing(CasingStyle.Upper).Sample(text, new SeededRandom(0)).Count);

        string Styled(CasingStyle style) => new Casing(style).Sample(text, new SeededRandom(0)).Apply(text);
    }

    [Fact]
    public void Han_text_without_spaces_is_perturbed_too()
    {
        const string text = "这部电影很好看";
        string[] acting = All.Where(p => p.Candidates(text).Count > 0).Select(p => p.Name).ToArray();
        Assert.Equal(
            [
                "swap_adjacent",
                "punctuation",
                "whitespace",
                "drop_char",
                "repeat_char",
                "zero_width",
                "prepend",
                "append",
            ],
            acting
        );
        Assert.Equal(6, Named("swap_adjacent").Candidates(text).Count);
    }

    [Fact]
    public void Swaps_avoid_equal_letters_borders_and_tiny_words()
    {
        string[] swapped = Named("swap_adjacent")
            .Candidates("no book Ann")
            .Select(e => new EditSequence([e]).Apply("no book Ann"))
            .ToArray();
        Assert.Equal(["no obok Ann", "no boko Ann", "no book nAn"], swapped);
    }

    [Fact]
    public void Names_and_parameters_are_checked()
    {
        Assert.Equal(13, PerturbationRegistry.Names.Count);
        Assert.Equal(PerturbationRegistry.Names.Take(6), PerturbationRegistry.Harmless);
        Assert.Contains(
            "swap_adjacent",
            Assert.Throws<ArgumentException>(() => PerturbationRegistry.Create("swop")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "perturbation 'prepend' needs 'text'",
            Assert.Throws<ArgumentException>(() => PerturbationRegistry.Create("prepend")).Message
        );
        Assert.Equal(
            "'style' of perturbation 'casing' is 'loud', not one of lower, upper, title, sentence",
            Assert
                .Throws<ArgumentException>(() =>
                    PerturbationRegistry.Create("casing", new Dictionary<string, string> { ["style"] = "loud" })
                )
                .Message
        );
        Assert.Throws<ArgumentException>(() =>
            PerturbationRegistry.Create("casing", new Dictionary<string, string> { ["prob"] = "0.1" })
        );
    }

    [Fact]
    public void Overlapping_edits_are_refused()
    {
        Edit a = new(2, 2, "x", "t");
        Assert.Throws<ArgumentException>(() => new EditSequence([a, new Edit(3, 1, "y", "t")]));
        Assert.Throws<ArgumentException>(() => new EditSequence([a, new Edit(2, 0, "y", "t")]));
        Assert.Equal(2, new EditSequence([new Edit(4, 0, "y", "t"), a]).Count);
        Assert.Throws<ArgumentException>(() => new EditSequence([a]).Apply("abc"));
    }
}
