using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;
using Whylight.Measures;
using Whylight.Perturbations;

namespace Whylight.Harness.Search;

/// <summary>Generates perturbed texts and shrinks them, as FsCheck understands both.</summary>
internal static class PerturbedTexts
{
    // A draw may well make an edit sequence of a long text; shrinking offers no more single words than this at a time.
    private const int MostChunks = 256;

    /// <summary>The edit sequences of a text: one of the choices, a seed for its draw, more edits as the size grows.</summary>
    /// <param name="text">The text edited.</param>
    /// <param name="choices">At least one.</param>
    /// <param name="end">Edits beyond this offset are left out: the model does not read there.</param>
    /// <param name="maxEdits">Most edits of a choice without a number of its own.</param>
    public static Gen<PerturbedText> Generator(
        string text,
        IReadOnlyList<PerturbationChoice> choices,
        int end,
        int maxEdits
    )
    {
        return Gen.Sized(size =>
            from choice in Gen.Elements(choices.AsEnumerable())
            from count in Gen.Choose(1, Math.Clamp(1 + size * maxEdits / 64, 1, maxEdits))
            from high in Gen.Choose(int.MinValue, int.MaxValue)
            from low in Gen.Choose(int.MinValue, int.MaxValue)
            select new PerturbedText(text, Draw(choice, count, ((ulong)(uint)high << 32) | (uint)low))
        );

        EditSequence Draw(PerturbationChoice choice, int count, ulong seed)
        {
            bool habit = choice.Budget is { MaxEdits: null, Rate: null };
            EditBudget budget = habit && count > 1 ? new EditBudget { MaxEdits = count } : choice.Budget;
            EditSequence drawn = choice.Perturbation.Sample(text, new SeededRandom(seed), budget);
            return end >= text.Length ? drawn : new EditSequence(drawn.Edits.Where(e => e.End <= end));
        }
    }

    /// <summary>Seeded values, sizes growing from 1 to 48, no two with the same edited text and none unchanged.</summary>
    public static IReadOnlyList<PerturbedText> Sample(Gen<PerturbedText> generator, int count, ulong seed)
    {
        List<PerturbedText> values = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        // Short texts offer few edits: look a little longer, then be content.
        for (int i = 0; i < 2 * count && values.Count < count; i++)
        {
            int size = 1 + 47 * Math.Min(i, count) / count;
            Rnd rnd = new(SeededRandom.Derive(seed, "draw", $"{i}"));
            PerturbedText value = generator.Sample(1, rnd, size).Single();
            if (value.Edited != value.Text && seen.Add(value.Edited))
            {
                values.Add(value);
            }
        }
        return values;
    }

    /// <summary>Every smaller value in the order in which to try them; each weighs less than the given one.</summary>
    public static IEnumerable<PerturbedText> Smaller(PerturbedText value, bool shrinkText) =>
        FewerEdits(value).Concat(SmallerEdits(value)).Concat(shrinkText ? ShorterTexts(value) : []);

    private static IEnumerable<PerturbedText> FewerEdits(PerturbedText value)
    {
        IReadOnlyList<Edit> edits = value.Edits.Edits;
        if (edits.Count < 2)
        {
            yield break;
        }
        foreach (Edit edit in edits)
        {
            yield return new PerturbedText(value.Text, new EditSequence([edit]));
        }
        for (int size = edits.Count / 2; size >= 2; size /= 2)
        {
            for (int start = 0; start < edits.Count; start += size)
            {
                yield return new PerturbedText(value.Text, new EditSequence(edits.Skip(start).Take(size)));
            }
        }
        if (edits.Count > 2)
        {
            for (int i = 0; i < edits.Count; i++)
            {
                yield return new PerturbedText(value.Text, value.Edits.Without(i));
            }
        }
    }

    // A word in another case comes apart into letters in another case; other edits are as small as they get.
    private static IEnumerable<PerturbedText> SmallerEdits(PerturbedText value)
    {
        IReadOnlyList<Edit> edits = value.Edits.Edits;
        for (int i = 0; i < edits.Count; i++)
        {
            Edit edit = edits[i];
            string before = value.Text.Substring(edit.Start, edit.Length);
            if (
                edit.Length < 2
                || before.Length != edit.Replacement.Length
                || !before.Equals(edit.Replacement, StringComparison.OrdinalIgnoreCase)
            )
            {
                continue;
            }
            for (int at = 0; at < edit.Length; at++)
            {
                if (before[at] != edit.Replacement[at] && !char.IsSurrogate(before[at]))
                {
                    Edit letter = new(edit.Start + at, 1, edit.Replacement[at].ToString(), edit.Perturbation);
                    yield return new PerturbedText(
                        value.Text,
                        new EditSequence(edits.Select((e, j) => j == i ? letter : e))
                    );
                }
            }
        }
    }

    // Words that no edit touches go, in halves first, each with the white space after it.
    private static IEnumerable<PerturbedText> ShorterTexts(PerturbedText value)
    {
        string text = value.Text;
        IReadOnlyList<Word> words = Words.Split(text);
        for (int size = Math.Max(1, words.Count / 2); size >= 1; size /= 2)
        {
            if (words.Count / size > MostChunks)
            {
                break;
            }
            for (int first = 0; first < words.Count; first += size)
            {
                int last = Math.Min(first + size, words.Count) - 1;
                int start = words[first].Start;
                int end = last + 1 < words.Count ? words[last + 1].Start : text.Length;
                if (last + 1 == words.Count && first > 0)
                {
                    (start, end) = (words[first - 1].End, words[last].End);
                }
                bool touched = value.Edits.Edits.Any(e =>
                    e.Start < end && start < e.End || (e.Length == 0 && e.Start >= start && e.Start <= end)
                );
                if (touched || end - start >= text.Length)
                {
                    continue;
                }
                int removed = end - start;
                yield return new PerturbedText(
                    text.Remove(start, removed),
                    new EditSequence(
                        value.Edits.Edits.Select(e => e.Start >= end ? e with { Start = e.Start - removed } : e)
                    )
                );
            }
        }
    }
}
