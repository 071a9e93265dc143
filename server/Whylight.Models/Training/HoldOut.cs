using System.Text;
using Whylight.Measures;

namespace Whylight.Models.Training;

/// <summary>A share of the training data kept out of it, for early stopping and temperature scaling.</summary>
/// <param name="Training">What is learnt from.</param>
/// <param name="Held">What is held out: whole sentences only, never a phrase of another example.</param>
/// <param name="Dropped">Examples in neither part, because they are phrases of a held-out sentence or contain one.</param>
public sealed record HoldOut(IReadOnlyList<TrainingExample> Training, IReadOnlyList<TrainingExample> Held, int Dropped)
{
    // Spans longer than this are compared only as whole texts, which bounds the work on long documents.
    private const int LongestSpan = 96;

    /// <summary>
    /// Splits examples by group: a sentence is held out with everything of its group, and whatever is a run of words of a held-out
    /// sentence, or has one as such a run, leaves the training part. A phrase that is also one of a sentence left to learn from
    /// stays: it comes with that sentence, as the phrases of any training set do that also occur in texts never seen.
    /// </summary>
    /// <param name="examples">The training data.</param>
    /// <param name="share">Share of the sentences (examples that are no phrase of a longer one) to hold out, in (0, 1).</param>
    /// <param name="seed">Seed of the choice, which is made within each label.</param>
    /// <param name="more">Texts of another kind: only learnt from, never held out, and left out by the same rule. Null for none.</param>
    public static HoldOut Split(
        IReadOnlyList<TrainingExample> examples,
        double share,
        int seed,
        IReadOnlyList<TrainingExample>? more = null
    )
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        ulong[][] words = [.. examples.Select(example => Words(example.Text))];
        ulong[] keys = [.. words.Select(run => Key(run, 0, run.Length))];
        bool[] sentence = Sentences(words, keys);

        SeededRandom random = new((ulong)seed);
        HashSet<ulong> heldKeys = [];
        HashSet<string> heldGroups = new(StringComparer.Ordinal);
        List<ulong[]> heldWords = [];
        foreach (IGrouping<int, int> label in Indices(sentence).GroupBy(i => examples[i].Label).OrderBy(g => g.Key))
        {
            // A sentence that is there twice (with hyphens and without, say) is one sentence.
            int[] order = [.. label.DistinctBy(i => keys[i])];
            random.Shuffle(order);
            // Of few sentences at least one of each label is held out, so that there is something to judge by.
            int count = Math.Max(order.Length > 1 ? 1 : 0, (int)Math.Round(order.Length * share));
            foreach (int i in order.Take(count))
            {
                heldKeys.Add(keys[i]);
                if (examples[i].Group is { } group)
                {
                    heldGroups.Add(group);
                }
            }
        }
        bool[] held = new bool[examples.Count];
        for (int i = 0; i < held.Length; i++)
        {
            held[i] = heldKeys.Contains(keys[i]) || (examples[i].Group is { } group && heldGroups.Contains(group));
            if (held[i])
            {
                heldWords.Add(words[i]);
            }
        }

        HashSet<ulong> parts = [];
        foreach (ulong[] run in heldWords)
        {
            parts.Add(Key(run, 0, run.Length));
            foreach (ulong part in Spans(run))
            {
                parts.Add(part);
            }
        }
        HashSet<ulong> wholes = [.. heldWords.Select(run => Key(run, 0, run.Length))];
        HashSet<ulong> learnt = [];
        for (int i = 0; i < held.Length; i++)
        {
            if (sentence[i] && !held[i])
            {
                learnt.UnionWith(Spans(words[i]).Where(parts.Contains));
            }
        }
        List<TrainingExample> training = [];
        List<TrainingExample> heldOut = [];
        HashSet<ulong> seen = [];
        int dropped = 0;
        for (int i = 0; i < examples.Count; i++)
        {
            if (held[i])
            {
                if (sentence[i] && seen.Add(keys[i]))
                {
                    heldOut.Add(examples[i]);
                }
                else
                {
                    dropped++;
                }
            }
            else if (Leaks(words[i], sentence[i]))
            {
                dropped++;
            }
            else
            {
                training.Add(examples[i]);
            }
        }
        foreach (TrainingExample example in more ?? [])
        {
            if (Leaks(Words(example.Text), true))
            {
                dropped++;
            }
            else
            {
                training.Add(example);
            }
        }
        return new HoldOut(training, heldOut, dropped);

        bool Leaks(ulong[] run, bool whole)
        {
            ulong key = Key(run, 0, run.Length);
            return (parts.Contains(key) && (whole || !learnt.Contains(key))) || Spans(run).Any(wholes.Contains);
        }
    }

    // An example is a sentence when no other, longer example contains its run of words.
    private static bool[] Sentences(ulong[][] words, ulong[] keys)
    {
        HashSet<ulong> own = [.. keys];
        HashSet<ulong> contained = [];
        foreach (ulong[] run in words)
        {
            ulong whole = Key(run, 0, run.Length);
            foreach (ulong part in Spans(run))
            {
                if (part != whole && own.Contains(part))
                {
                    contained.Add(part);
                }
            }
        }
        return [.. keys.Select(key => !contained.Contains(key))];
    }

    private static IEnumerable<int> Indices(bool[] chosen) => Enumerable.Range(0, chosen.Length).Where(i => chosen[i]);

    private static IEnumerable<ulong> Spans(ulong[] run)
    {
        for (int start = 0; start < run.Length; start++)
        {
            ulong key = Offset;
            for (int end = start; end < Math.Min(run.Length, start + LongestSpan); end++)
            {
                key = Mix(key, run[end]);
                yield return key;
            }
        }
    }

    private const ulong Offset = 14695981039346656037;

    private static ulong Mix(ulong key, ulong word) =>
        System.Numerics.BitOperations.RotateLeft(key * 0x9E3779B97F4A7C15 ^ word, 29) * 1099511628211;

    private static ulong Key(ulong[] run, int start, int end)
    {
        ulong key = Offset;
        for (int i = start; i < end; i++)
        {
            key = Mix(key, run[i]);
        }
        return key;
    }

    // Runs of letters or digits, lower-cased; Han characters one each. Punctuation and hyphens do not tell phrases apart.
    private static ulong[] Words(string text)
    {
        List<ulong> words = [];
        ulong word = Offset;
        bool open = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool han = rune.Value is >= 0x3400 and <= 0x9FFF;
            if ((han || !Rune.IsLetterOrDigit(rune)) && open)
            {
                words.Add(word);
                (word, open) = (Offset, false);
            }
            if (han)
            {
                words.Add(Mix(Offset, (ulong)rune.Value));
            }
            else if (Rune.IsLetterOrDigit(rune))
            {
                word = Mix(word, (ulong)Rune.ToLowerInvariant(rune).Value);
                open = true;
            }
        }
        if (open)
        {
            words.Add(word);
        }
        return [.. words];
    }
}
