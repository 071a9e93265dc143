using System.Globalization;
using Whylight.Documents;

namespace Whylight.Models.Families;

/// <summary>
/// The n-grams of a text: words and runs of neighbouring words, and character n-grams inside one word with its borders
/// marked ("&lt;good&gt;"). Everything is lower-cased; punctuation makes words but no character n-grams.
/// </summary>
internal static class LinearFeatures
{
    /// <summary>Most words that one n-gram spans.</summary>
    public const int LongestWordRun = 2;

    /// <summary>Fewest characters of a character n-gram, borders included.</summary>
    public const int ShortestCharacters = 3;

    /// <summary>Most characters of a character n-gram, borders included.</summary>
    public const int LongestCharacters = 5;

    /// <summary>A word of a text as n-grams see it.</summary>
    /// <param name="Start">First UTF-16 code unit.</param>
    /// <param name="End">One past the last.</param>
    /// <param name="Normal">Lower-cased characters.</param>
    /// <param name="Letters">Whether it has character n-grams.</param>
    public readonly record struct NormalWord(int Start, int End, string Normal, bool Letters);

    /// <summary>One n-gram at one place.</summary>
    /// <param name="Name">"w" and the words, or "c" and the characters, after a tab.</param>
    /// <param name="First">Index of the first word it touches.</param>
    /// <param name="Last">Index of the last word it touches.</param>
    public readonly record struct Ngram(string Name, int First, int Last);

    /// <summary>The words of a text.</summary>
    public static NormalWord[] WordsOf(string text) =>
        [
            .. Words
                .Split(text)
                .Select(word => new NormalWord(
                    word.Start,
                    word.End,
                    text[word.Start..word.End].ToLower(CultureInfo.InvariantCulture),
                    word.Kind is WordKind.Letters or WordKind.Number
                )),
        ];

    /// <summary>Name of the feature of a single word.</summary>
    public static string NameOf(string normalWord) => "w\t" + normalWord;

    /// <summary>The n-grams of words, in text order.</summary>
    public static IEnumerable<Ngram> Of(IReadOnlyList<NormalWord> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            yield return new Ngram(NameOf(words[i].Normal), i, i);
            string run = words[i].Normal;
            for (int j = i + 1; j < Math.Min(words.Count, i + LongestWordRun); j++)
            {
                run = run + " " + words[j].Normal;
                yield return new Ngram(NameOf(run), i, j);
            }
            if (!words[i].Letters)
            {
                continue;
            }
            string bordered = "<" + words[i].Normal + ">";
            for (int length = ShortestCharacters; length <= Math.Min(LongestCharacters, bordered.Length); length++)
            {
                for (int at = 0; at + length <= bordered.Length; at++)
                {
                    // A half of a surrogate pair is no character.
                    if (!char.IsLowSurrogate(bordered[at]) && !char.IsHighSurrogate(bordered[at + length - 1]))
                    {
                        yield return new Ngram(string.Concat("c\t", bordered.AsSpan(at, length)), i, i);
                    }
                }
            }
        }
    }
}
