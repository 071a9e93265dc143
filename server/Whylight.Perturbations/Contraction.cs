using System.Text.RegularExpressions;

namespace Whylight.Perturbations;

/// <summary>English contractions are written out (isn't, is not) and back. Only forms that say the same either way.</summary>
public sealed partial class Contraction : Perturbation
{
    private static readonly (string Short, string Long)[] Pairs =
    [
        ("isn't", "is not"),
        ("aren't", "are not"),
        ("wasn't", "was not"),
        ("weren't", "were not"),
        ("don't", "do not"),
        ("doesn't", "does not"),
        ("didn't", "did not"),
        ("can't", "cannot"),
        ("couldn't", "could not"),
        ("won't", "will not"),
        ("wouldn't", "would not"),
        ("shouldn't", "should not"),
        ("hasn't", "has not"),
        ("haven't", "have not"),
        ("hadn't", "had not"),
        ("mustn't", "must not"),
        ("needn't", "need not"),
        ("i'm", "i am"),
        ("you're", "you are"),
        ("we're", "we are"),
        ("they're", "they are"),
        ("it's", "it is"),
        ("he's", "he is"),
        ("she's", "she is"),
        ("that's", "that is"),
        ("there's", "there is"),
        ("what's", "what is"),
        ("who's", "who is"),
        ("i've", "i have"),
        ("you've", "you have"),
        ("we've", "we have"),
        ("they've", "they have"),
        ("i'll", "i will"),
        ("you'll", "you will"),
        ("we'll", "we will"),
        ("they'll", "they will"),
        ("it'll", "it will"),
        ("he'll", "he will"),
        ("she'll", "she will"),
        ("let's", "let us"),
    ];

    private static readonly Dictionary<string, string> Expansions = Pairs.ToDictionary(p => p.Short, p => p.Long);

    private static readonly Dictionary<string, string> Contractions = Pairs.ToDictionary(p => p.Long, p => p.Short);

    /// <inheritdoc/>
    public override string Name => "contraction";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        List<Edit> edits = [];
        foreach (Match match in ShortForm().Matches(text))
        {
            string word = match.Value.ToLowerInvariant().Replace('’', '\'').Replace(" ", "", StringComparison.Ordinal);
            if (!Expansions.TryGetValue(word, out string? expansion))
            {
                continue;
            }
            // "it's been" is "it has been": a participle may follow only where 's cannot mean has.
            bool ambiguous = word.EndsWith("'s", StringComparison.Ordinal) && word != "let's";
            if (!ambiguous || !Participle().IsMatch(text, match.Index + match.Length))
            {
                edits.Add(new Edit(match.Index, match.Length, Cased(match.Value, expansion), Name));
            }
        }
        foreach (Match match in LongForm().Matches(text))
        {
            Group phrase = match.Groups[1];
            if (!Contractions.TryGetValue(phrase.Value.ToLowerInvariant(), out string? contraction))
            {
                continue;
            }
            // "yes, it is." cannot be contracted; "is not." can.
            bool negation = phrase.Value.EndsWith("not", StringComparison.OrdinalIgnoreCase);
            if (negation || WordFollows().IsMatch(text, phrase.Index + phrase.Length))
            {
                edits.Add(new Edit(phrase.Index, phrase.Length, Cased(phrase.Value, contraction), Name));
            }
        }
        return edits.OrderBy(e => e.Start).ToArray();
    }

    private static string Cased(string original, string replacement)
    {
        bool shout = original.Length > 3 && original.Where(char.IsLetter).All(char.IsUpper);
        return shout ? replacement.ToUpperInvariant()
            : char.IsUpper(original[0]) ? char.ToUpperInvariant(replacement[0]) + replacement[1..]
            : replacement;
    }

    // Tokenised corpora write "does n't" and "it 's".
    [GeneratedRegex(
        @"(?<![\p{L}\p{M}\p{Nd}'’])[A-Za-z]+ ?(?:n['’]t|['’](?:s|re|ve|ll|m|t))(?![\p{L}\p{M}\p{Nd}])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex ShortForm();

    // A look-ahead, so that "it is not" offers both "it is" and "is not".
    [GeneratedRegex(
        @"(?<![\p{L}\p{M}\p{Nd}'’])(?=((?:cannot|[A-Za-z]+ (?:not|am|are|is|have|will|us))(?![\p{L}\p{M}\p{Nd}'’])))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex LongForm();

    [GeneratedRegex(
        @"\G\s+(?:(?:\p{L}+ly|not|never|always|just|all|also)\s+)?(?:been|got|had|become|gone|done|made|seen|taken|\p{L}+ed|\p{L}+en)(?!\p{L})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Participle();

    [GeneratedRegex(@"\G\s+\p{L}", RegexOptions.CultureInvariant)]
    private static partial Regex WordFollows();
}
