using System.Globalization;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Search;
using Whylight.Models;

namespace Whylight.Harness.Findings;

/// <summary>The sentences of findings, in the catalogue's language. Quoted text is cut to a readable length and not escaped.</summary>
internal sealed class FindingMessages(Messages messages)
{
    public string Unstable(Counterexample found)
    {
        (string label, string before) = (found.Before.Label, Percent(found.Before.Confidence));
        string edits = More(found.Describe(messages), 3);
        return found.Flip
            ? messages[Message.FindingFlip, label, before, found.After.Label, Percent(found.After.Confidence), edits]
            : messages[
                Message.FindingShift,
                label,
                before,
                Percent(found.After.Probabilities[found.Before.LabelIndex]),
                edits
            ];
    }

    public string UnstableRelated(Counterexample found) =>
        messages[found.Minimal ? Message.FindingSmallest : Message.FindingSmallestWithinBudget];

    public string Disagreement(string expected, Prediction prediction) =>
        messages[Message.FindingDisagreement, expected, prediction.Label, Percent(prediction.Confidence)];

    public string UnknownLabel(string label, IReadOnlyList<string> known, string? meant)
    {
        string labels = string.Join(", ", known.Take(12));
        return meant is null
            ? messages[Message.FindingUnknownLabel, Cut(label), labels]
            : messages[Message.FindingUnknownLabelMeant, Cut(label), labels, meant];
    }

    public string LowConfidence(Prediction prediction, string second, double probability) =>
        messages[
            Message.FindingLowConfidence,
            prediction.Label,
            Percent(prediction.Confidence),
            second,
            Percent(probability)
        ];

    public string Contradiction(string label, string other, int line) =>
        messages[Message.FindingContradiction, Cut(label), Cut(other), line + 1];

    public string ContradictionRelated(string label) => messages[Message.FindingContradictionRelated, Cut(label)];

    public string Truncated(int tokens, string from) => messages[Message.FindingTruncated, tokens, Cut(from)];

    public string TruncatedStart(int tokens, string from) => messages[Message.FindingTruncatedStart, tokens, Cut(from)];

    public string UnknownTokens(IReadOnlyList<string> parts) =>
        messages[Message.FindingUnknownTokens, More(parts.Select(p => $"\"{Cut(p)}\"").ToArray(), 5)];

    public string Injection(Prediction prediction) =>
        messages[Message.FindingInjection, Percent(prediction.Confidence)];

    private string More(IReadOnlyList<string> entries, int most)
    {
        string first = string.Join(", ", entries.Take(most));
        return entries.Count > most ? messages[Message.FindingAndMore, first, entries.Count - most] : first;
    }

    // Rounded away from certainty, so that 99.97 % never reads as 100 %.
    private static string Percent(double p)
    {
        double percent = Math.Round(p * 100, 1);
        percent =
            percent >= 100 && p < 1 ? 99.9
            : percent <= 0 && p > 0 ? 0.1
            : percent;
        return percent.ToString("0.#", CultureInfo.InvariantCulture);
    }

    private static string Cut(string text, int length = 40)
    {
        if (text.Length <= length)
        {
            return text;
        }
        int end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..end] + "…";
    }
}
