using System.Globalization;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Rendering;

public class RecordNoteTests
{
    [Theory]
    [InlineData(Message.NoteNoWords)]
    [InlineData(Message.NoteNoSubstitution)]
    public void A_note_of_two_sentences_is_said_in_the_readers_language(Message second)
    {
        Messages chinese = Messages.In(Language.SimplifiedChinese);
        foreach (
            Message first in new[]
            {
                Message.NoteSmallestDeletions,
                Message.NoteNoDeletion,
                Message.NoteSmallestFound,
                Message.NoteOnlyUnderAbsence,
                Message.NoteNoFlip,
            }
        )
        {
            string note = $"{Messages.English[first]} {Messages.English[second]}";
            Assert.Equal(chinese[first] + chinese[second], chinese.OfRecord(note));
            Assert.Equal(note, Messages.English.OfRecord(note));
        }
    }

    [Theory]
    [InlineData(Message.NoteShapleyBudget, 71, 180)]
    [InlineData(Message.NoteReasonsListed, 8, 21)]
    public void A_note_keeps_its_numbers_in_the_readers_language(Message message, int first, int second)
    {
        Messages chinese = Messages.In(Language.SimplifiedChinese);
        string note = Messages.English[message, first, second];
        Assert.Equal(chinese[message, first, second], chinese.OfRecord(note));
        Assert.Equal(note, Messages.English.OfRecord(note));
    }

    [Fact]
    public async Task The_budget_that_auto_names_is_enough_for_shapley_values()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using ITextClassifier model = await ModelLoader.LoadAsync("builtin:sentiment-linear", null, cancellation);
        ExplanationRequest request = new()
        {
            Text = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"w{i}")),
            Budget = 20,
        };
        Explanation first = await Explainer.Default.ExplainAsync(model, request, cancellation: cancellation);
        int enough = int.Parse(first.Note!.Split("--budget ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.DoesNotContain("shapley", first.Estimator, StringComparison.Ordinal);
        foreach ((int budget, bool shapley) in new[] { (enough - 1, false), (enough, true) })
        {
            Explanation next = await Explainer.Default.ExplainAsync(
                model,
                request with
                {
                    Budget = budget,
                },
                cancellation: cancellation
            );
            Assert.Equal(shapley, next.Estimator.StartsWith("shapley/", StringComparison.Ordinal));
        }
    }
}
