using System.Globalization;
using Whylight.Harness.Search;
using Whylight.Measures;

namespace Whylight.Harness.Specs;

/// <summary>The sentences of test results. Quoted text is cut to a readable length and not escaped.</summary>
internal static class SuiteMessages
{
    private const string AsWanted = "as wanted:";

    public static string Rate(int passed, int count, double least, Judgement judgement, int notApplicable, string what)
    {
        string bounds = judgement.Interval is Interval interval
            ? $" (bounds {Percent(interval.Lower)} to {Percent(interval.Upper)})"
            : "";
        string skipped = notApplicable == 0 ? "" : $"; {Number(notApplicable)} had nothing to perturb";
        string note = judgement.Note is null ? "" : $"; {judgement.Note}";
        return count == 0
            ? $"{judgement.Note}{skipped}"
            : $"{what} for {Number(passed)} of {Number(count)} examples, {Percent(passed / (double)count)}{bounds}, {Against(judgement.Verdict, $"at least {Percent(least)}")}{skipped}{note}";
    }

    public static string Score(string metric, double score, Judgement judgement, double? min, double? max)
    {
        string wanted = (min, max) switch
        {
            ({ } a, { } b) => $"{Score(a)} to {Score(b)}",
            ({ } a, null) => $"at least {Score(a)}",
            (_, { } b) => $"at most {Score(b)}",
            _ => "",
        };
        string bounds = judgement.Interval is Interval interval
            ? $" (bounds {Score(interval.Lower)} to {Score(interval.Upper)})"
            : "";
        return $"{metric} is {Score(score)}{bounds}, {Against(judgement.Verdict, wanted)}";
    }

    public static string Mislabelled(string text, string expected, string predicted) =>
        $"\"{Cut(text)}\" is '{expected}', but the model says '{predicted}'";

    public static string Corrected(string message, string correction) =>
        message.Replace(AsWanted, "alone enough for", StringComparison.Ordinal)
        + $", but not once corrected for the suite's many tests ({correction})";

    public static string Flipped(Counterexample found) =>
        $"\"{Cut(found.Shrunk.Text)}\" with {string.Join(", ", found.Describe().Take(3))}: "
        + $"'{found.Before.Label}' {Percent(found.Before.Confidence)} → '{found.After.Label}' {Percent(found.After.Confidence)}";

    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    public static string Score(double score) => score.ToString("0.####", CultureInfo.InvariantCulture);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Cut(string text, int length = 160)
    {
        if (text.Length <= length)
        {
            return text;
        }
        int end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..end] + "…";
    }

    private static string Against(Verdict verdict, string wanted) =>
        verdict switch
        {
            Verdict.Passed => $"{AsWanted} {wanted}",
            Verdict.Failed => $"not {wanted}",
            _ => $"too close or too few to tell whether it is {wanted}",
        };
}
