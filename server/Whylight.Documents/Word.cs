namespace Whylight.Documents;

/// <summary>A word of a text: what an explanation gives a score to and a perturbation edits.</summary>
/// <param name="Start">First UTF-16 code unit.</param>
/// <param name="End">One past the last UTF-16 code unit; greater than <paramref name="Start"/>.</param>
/// <param name="Kind">What it is made of.</param>
public readonly record struct Word(int Start, int End, WordKind Kind)
{
    /// <summary>Number of UTF-16 code units, at least 1.</summary>
    public int Length => End - Start;

    /// <summary>The word's characters in the text it was split from.</summary>
    public string In(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text[Start..End];
    }
}
