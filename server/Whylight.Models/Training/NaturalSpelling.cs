using System.Text.RegularExpressions;

namespace Whylight.Models.Training;

/// <summary>
/// Writes text of a treebank ("it 's great , is n't it ?") as people write it ("it's great, isn't it?"), so that a model trained
/// on the one also reads the other.
/// </summary>
public static partial class NaturalSpelling
{
    /// <summary>Joins contractions and punctuation to their neighbours and spells quotes and brackets out.</summary>
    public static string Of(string text)
    {
        string spelled = text.Replace("-lrb-", "(", StringComparison.OrdinalIgnoreCase)
            .Replace("-rrb-", ")", StringComparison.OrdinalIgnoreCase);
        spelled = Opening().Replace(spelled, "\"");
        spelled = Closing().Replace(spelled, "\"");
        spelled = Contraction().Replace(spelled, "$1");
        spelled = AfterBracket().Replace(spelled, "(");
        return Punctuation().Replace(spelled, "$1");
    }

    [GeneratedRegex(@"`` ?")]
    private static partial Regex Opening();

    [GeneratedRegex(@" ?''")]
    private static partial Regex Closing();

    [GeneratedRegex(@" (n't|'(?:s|re|ve|ll|d|m))\b", RegexOptions.IgnoreCase)]
    private static partial Regex Contraction();

    [GeneratedRegex(@"\( ")]
    private static partial Regex AfterBracket();

    [GeneratedRegex(@" ([,.;:!?%)]+)")]
    private static partial Regex Punctuation();
}
