namespace Whylight.Perturbations;

/// <summary>
/// A named transformation of text, as the set of single edits it can make. Anything bigger is several of those, so that a
/// failing transformation can be taken apart edit by edit.
/// </summary>
public abstract class Perturbation
{
    /// <summary>The name in specs and reports, in snake case.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Every single edit this perturbation can make, ordered by start and then by its own fixed order. Each changes the
    /// text and cuts no surrogate pair or grapheme. Empty where the perturbation finds nothing to do.
    /// </summary>
    public abstract IReadOnlyList<Edit> Candidates(string text);

    /// <summary>Draws edits; the same text, random state and budget give the same edits.</summary>
    /// <returns>No edits where the text offers none.</returns>
    public virtual EditSequence Sample(string text, Random random, EditBudget? budget = null) =>
        Draw(Candidates(text), random, budget ?? EditBudget.Default);

    /// <summary>Draws from candidates: places at random, then one of the edits that each place offers.</summary>
    protected static EditSequence Draw(IReadOnlyList<Edit> candidates, Random random, EditBudget budget)
    {
        if (candidates.Count == 0)
        {
            return EditSequence.Empty;
        }
        // Candidates are ordered by start, so that a place is a run of equal starts.
        List<(int From, int Count)> places = [];
        for (int i = 0; i < candidates.Count; i++)
        {
            if (places.Count > 0 && candidates[places[^1].From].Start == candidates[i].Start)
            {
                places[^1] = (places[^1].From, places[^1].Count + 1);
            }
            else
            {
                places.Add((i, 1));
            }
        }
        SortedList<int, Edit> chosen = [];
        if (budget.Rate is double rate)
        {
            foreach ((int from, int count) in places)
            {
                if (random.NextDouble() < rate)
                {
                    Accept(candidates[from + random.Next(count)]);
                }
            }
        }
        int wanted = budget.Rate is null ? budget.MaxEdits ?? 1 : 1;
        // A partial Fisher-Yates shuffle: only as many places as are needed are looked at.
        for (int i = 0; i < places.Count && chosen.Count < wanted; i++)
        {
            int j = random.Next(i, places.Count);
            (places[i], places[j]) = (places[j], places[i]);
            Accept(candidates[places[i].From + random.Next(places[i].Count)]);
        }
        return new EditSequence(chosen.Values);

        void Accept(Edit edit)
        {
            if (!chosen.Values.Any(edit.ConflictsWith))
            {
                chosen.Add(edit.Start, edit);
            }
        }
    }
}
