using System.Globalization;
using Whylight.Measures;

namespace Whylight.Models.Training;

/// <summary>
/// New texts made of old ones, for teachers to answer: a student that only meets the texts its teachers learnt from learns their labels
/// again, not how they generalise.
/// </summary>
internal static class Recombination
{
    private static readonly string[] s_joints =
    [
        " , ",
        " and ",
        " but ",
        " , but ",
        " , and ",
        " ; ",
        " yet ",
        " , though ",
        " because ",
        " -- ",
    ];

    private const int MostWords = 40;
    private const double Changed = 0.12;

    /// <summary>
    /// Half of the texts join two or three of those given; the other half take one of at least six words, in which some words are left out or
    /// give way to a word of another text.
    /// </summary>
    /// <param name="texts">What is recombined.</param>
    /// <param name="count">How many to make.</param>
    /// <param name="seed">Decides all of it.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> texts, int count, ulong seed)
    {
        string[][] words =
        [
            .. texts.Select(t => t.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 0),
        ];
        string[][] longer = [.. words.Where(w => w.Length >= 6)];
        if (words.Length == 0)
        {
            return [];
        }
        SeededRandom random = SeededRandom.For(seed, "recombine", count.ToString(CultureInfo.InvariantCulture));
        List<string> made = [];
        while (made.Count < count)
        {
            made.Add(longer.Length > 0 && made.Count % 2 == 1 ? Edited() : Joined());
        }
        return made;

        string Joined()
        {
            string[] part = words[random.Next(words.Length)];
            string text = string.Join(' ', part);
            int length = part.Length;
            for (int more = random.Next(1, 3); more > 0; more--)
            {
                string[] next = words[random.Next(words.Length)];
                if (length + next.Length <= MostWords)
                {
                    text += s_joints[random.Next(s_joints.Length)] + string.Join(' ', next);
                    length += next.Length;
                }
            }
            return text;
        }

        string Edited()
        {
            List<string> kept = [];
            foreach (string word in longer[random.Next(longer.Length)])
            {
                double draw = random.NextDouble();
                if (draw < Changed)
                {
                    string[] other = words[random.Next(words.Length)];
                    kept.Add(other[random.Next(other.Length)]);
                }
                else if (draw > 2 * Changed)
                {
                    kept.Add(word);
                }
            }
            return string.Join(' ', kept);
        }
    }
}
