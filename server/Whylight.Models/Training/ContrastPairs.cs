using Whylight.Documents;

namespace Whylight.Models.Training;

/// <summary>
/// Sentences of documents and of their counterfactual revisions (Kaushik, Hovy and Lipton 2020): a revision changes as little of a document as
/// turns its label, so the sentences that differ carry the label, and those that stayed do not.
/// </summary>
/// <param name="Changed">Sentences that stand in only one of the two documents, with that document's label.</param>
/// <param name="Kept">Sentences that both have; they carry no label.</param>
public sealed record ContrastPairs(IReadOnlyList<TrainingExample> Changed, IReadOnlyList<string> Kept)
{
    // Words of more documents than this say little about which belong together, and would make the search slow.
    private const int CommonWord = 40;

    /// <summary>Pairs each revision with the document of another label that shares the largest part of its words, and compares them by sentence.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="revisions">Their revisions, in any order.</param>
    public static ContrastPairs Of(IReadOnlyList<TrainingExample> documents, IReadOnlyList<TrainingExample> revisions)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(revisions);
        HashSet<string>[] words = [.. documents.Select(d => WordsOf(d.Text))];
        Dictionary<string, List<int>> places = new(StringComparer.Ordinal);
        for (int d = 0; d < words.Length; d++)
        {
            foreach (string word in words[d])
            {
                if (!places.TryGetValue(word, out List<int>? list))
                {
                    places[word] = list = [];
                }
                list.Add(d);
            }
        }
        List<TrainingExample> changed = [];
        Dictionary<string, bool> kept = new(StringComparer.Ordinal);
        foreach (TrainingExample revision in revisions)
        {
            HashSet<string> own = WordsOf(revision.Text);
            int[] candidates =
            [
                .. own.Where(w => places.TryGetValue(w, out List<int>? list) && list.Count < CommonWord)
                    .SelectMany(w => places[w])
                    .Where(d => documents[d].Label != revision.Label)
                    .Distinct()
                    .Order(),
            ];
            if (candidates.Length == 0)
            {
                continue;
            }
            int match = candidates.MaxBy(d =>
            {
                int shared = own.Count(words[d].Contains);
                return (double)shared / (own.Count + words[d].Count - shared);
            });
            string[] before = SentencesOf(documents[match].Text);
            string[] after = SentencesOf(revision.Text);
            changed.AddRange(before.Except(after).Select(s => new TrainingExample(s, documents[match].Label)));
            changed.AddRange(after.Except(before).Select(s => new TrainingExample(s, revision.Label)));
            foreach (string sentence in before.Intersect(after))
            {
                kept[sentence] = true;
            }
        }
        return new ContrastPairs(changed, [.. kept.Keys]);
    }

    private static HashSet<string> WordsOf(string text) =>
        [
            .. Words
                .Split(text)
                .Where(w => w.Kind is WordKind.Letters or WordKind.Number)
                .Select(w => w.In(text).ToString().ToLowerInvariant()),
        ];

    private static string[] SentencesOf(string text) =>
        [.. Words.Sentences(text).Select(s => text[s.Start..s.End].Trim()).Where(s => s.Length > 0)];
}
