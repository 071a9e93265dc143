using System.Globalization;
using Whylight.Harness.Search;
using Whylight.Models;

namespace Whylight.Harness.Findings;

/// <summary>The sentences of findings. Quoted text is cut to a readable length and not escaped.</summary>
internal static class FindingMessages
{
    public static string Unstable(Counterexample found) =>
        found.Flip
            ? $"'{found.Before.Label}' ({Percent(found.Before.Confidence)}) becomes '{found.After.Label}' "
                + $"({Percent(found.After.Confidence)}) by {Edits(found)}"
            : $"the probability of '{found.Before.Label}' goes from {Percent(found.Before.Confidence)} to "
                + $"{Percent(found.After.Probabilities[found.Before.LabelIndex])} by {Edits(found)}";

    public static string UnstableRelated(Counterexample found) =>
        found.Minimal
            ? "the smallest edit found: no part of it can be left out"
            : "the smallest edit found within the budget";

    public static string Disagreement(string expected, Prediction prediction) =>
        $"labelled '{expected}', but the model says '{prediction.Label}' ({Percent(prediction.Confidence)})";

    public static string UnknownLabel(string label, IReadOnlyList<string> known, string? meant) =>
        $"label '{Cut(label)}' is none of the model's labels ({string.Join(", ", known.Take(12))})"
        + (meant is null ? "; map it with 'labels'" : $" (did you mean '{meant}'?)");

    public static string LowConfidence(Prediction prediction, string second, double probability) =>
        $"the model hardly prefers '{prediction.Label}' ({Percent(prediction.Confidence)}) to '{second}' ({Percent(probability)})";

    public static string Contradiction(string label, string other, int line) =>
        $"the same text is labelled '{Cut(label)}' here and '{Cut(other)}' on line {(line + 1).ToString(CultureInfo.InvariantCulture)}";

    public static string ContradictionRelated(string label) => $"labelled '{Cut(label)}' here";

    public static string Truncated(int tokens, string from) =>
        $"the model reads {tokens.ToString(CultureInfo.InvariantCulture)} tokens; from \"{Cut(from)}\" on the text is not read";

    public static string UnknownTokens(IReadOnlyList<string> parts) =>
        $"the model has no token for {string.Join(", ", parts.Take(5).Select(p => $"\"{Cut(p)}\""))}"
        + (parts.Count > 5 ? $" and {(parts.Count - 5).ToString(CultureInfo.InvariantCulture)} more" : "");

    public static string Injection(Prediction prediction) =>
        $"the model takes this text for a prompt injection ({Percent(prediction.Confidence)})";

    private static string Edits(Counterexample found)
    {
        IReadOnlyList<string> edits = found.Describe();
        return string.Join(", ", edits.Take(3))
            + (edits.Count > 3 ? $" and {(edits.Count - 3).ToString(CultureInfo.InvariantCulture)} more edits" : "");
    }

    // Rounded down below certainty, so that 99.97 % never reads as 100 %.
    internal static string Percent(double p)
    {
        double percent = Math.Round(p * 100, 1);
        percent =
            percent >= 100 && p < 1 ? 99.9
            : percent <= 0 && p > 0 ? 0.1
            : percent;
        return percent.ToString("0.#", CultureInfo.InvariantCulture) + " %";
    }

    internal static string Cut(string text, int length = 40)
    {
        if (text.Length <= length)
        {
            return text;
        }
        int end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..end] + "…";
    }
}
