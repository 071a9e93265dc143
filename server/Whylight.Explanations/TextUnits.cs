using Whylight.Documents;

namespace Whylight.Explanations;

/// <summary>The ranges of a text that may become features.</summary>
internal static class TextUnits
{
    /// <summary>
    /// Words that open a clause or a coordinated part in English. Before one of them a phrase ends, so that the phrases on
    /// either side of "but" carry scores of their own.
    /// </summary>
    private static readonly string[] s_openers =
    [
        "although",
        "and",
        "because",
        "but",
        "despite",
        "however",
        "if",
        "nor",
        "or",
        "so",
        "that",
        "though",
        "unless",
        "when",
        "which",
        "while",
        "who",
        "with",
        "without",
        "yet",
    ];

    /// <summary>Words, phrases or sentences in text order, without overlap.</summary>
    public static IReadOnlyList<(int Start, int End)> Of(string text, FeatureKind kind) =>
        kind switch
        {
            FeatureKind.Sentence => [.. Words.Sentences(text).Select(s => (s.Start, s.End))],
            FeatureKind.Phrase => Phrases(text),
            _ => [.. Words.Split(text).Select(w => (w.Start, w.End))],
        };

    /// <summary>A phrase ends after a run of punctuation, or before a word that opens a clause.</summary>
    private static List<(int, int)> Phrases(string text)
    {
        List<(int, int)> phrases = [];
        int start = -1;
        int end = -1;
        int words = 0;
        void Close()
        {
            if (start >= 0)
            {
                phrases.Add((start, end));
            }
            start = -1;
            words = 0;
        }
        foreach (Word word in Words.Split(text))
        {
            bool punctuation = word.Kind == WordKind.Punctuation;
            if (words > 0 && !punctuation && s_openers.Contains(word.In(text), StringComparer.OrdinalIgnoreCase))
            {
                Close();
            }
            start = start < 0 ? word.Start : start;
            end = word.End;
            words += punctuation ? 0 : 1;
            if (punctuation && words > 0 && Breaks(word.In(text)))
            {
                Close();
            }
        }
        Close();
        return phrases;
    }

    /// <summary>Hyphens, apostrophes and quotation marks stand inside phrases; every other punctuation ends one.</summary>
    private static bool Breaks(string punctuation) => punctuation.Any(c => !"-‐‑'’‘\"“”*_`/&%$#@+<>=~^|".Contains(c));
}
