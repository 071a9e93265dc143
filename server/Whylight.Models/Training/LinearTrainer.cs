using Whylight.Models.Families;

namespace Whylight.Models.Training;

/// <summary>Trains the linear family: vocabulary, inverse document frequencies, weights, then only the n-grams that matter.</summary>
internal static class LinearTrainer
{
    /// <summary>Fits a model.</summary>
    /// <param name="examples">The training part.</param>
    /// <param name="labels">Number of labels.</param>
    /// <param name="settings">Sizes and penalty.</param>
    /// <param name="natural">Whether each text is also learnt from as people would spell it (<see cref="NaturalSpelling"/>).</param>
    /// <param name="cancellation">Checked between iterations.</param>
    public static LinearModel Fit(
        IReadOnlyList<TrainingExample> examples,
        int labels,
        LinearSettings settings,
        bool natural,
        CancellationToken cancellation
    )
    {
        List<(LinearFeatures.NormalWord[] Words, double[] Target)> texts = [];
        foreach (TrainingExample example in examples)
        {
            double[] target =
            [
                .. Enumerable.Range(0, labels).Select(k => example.Target?[k] ?? (k == example.Label ? 1 : 0)),
            ];
            texts.Add((LinearFeatures.WordsOf(example.Text), target));
            if (natural && NaturalSpelling.Of(example.Text) is var spelled && spelled != example.Text)
            {
                texts.Add((LinearFeatures.WordsOf(spelled), target));
            }
        }
        cancellation.ThrowIfCancellationRequested();
        Dictionary<string, int> frequency = new(StringComparer.Ordinal);
        foreach ((LinearFeatures.NormalWord[] words, _) in texts)
        {
            foreach (string name in LinearFeatures.Of(words).Select(n => n.Name).Distinct(StringComparer.Ordinal))
            {
                frequency[name] = frequency.GetValueOrDefault(name) + 1;
            }
        }
        string[] vocabulary =
        [
            LinearModel.Unknown,
            .. frequency
                .Where(f => f.Value >= settings.MinimumCount)
                .OrderByDescending(f => f.Value)
                .ThenBy(f => f.Key, StringComparer.Ordinal)
                .Select(f => f.Key),
        ];
        LinearModel whole = FitOn(vocabulary);
        if (vocabulary.Length <= settings.VocabularySize)
        {
            return whole;
        }
        // The n-grams that move logits most stay; then the weights are fitted again without the others.
        double[] force = new double[vocabulary.Length];
        for (int row = 1; row < force.Length; row++)
        {
            float[] column = [.. whole.Weights.Select(w => w[row])];
            force[row] = (column.Max() - column.Min()) * whole.Idf[row] * Math.Sqrt(frequency[vocabulary[row]]);
        }
        HashSet<int> kept =
        [
            .. Enumerable
                .Range(1, force.Length - 1)
                .OrderByDescending(row => force[row])
                .ThenBy(row => row)
                .Take(settings.VocabularySize - 1),
        ];
        return FitOn([LinearModel.Unknown, .. vocabulary.Where((_, row) => kept.Contains(row))]);

        LinearModel FitOn(string[] names)
        {
            float[] idf =
            [
                1,
                .. names.Skip(1).Select(name => (float)(Math.Log((1.0 + texts.Count) / (1.0 + frequency[name])) + 1)),
            ];
            float[][] empty = [.. Enumerable.Range(0, labels).Select(_ => new float[names.Length])];
            LinearModel untrained = new(names, idf, empty, new float[labels]);
            List<LogisticRegression.Row> rows = [];
            foreach ((LinearFeatures.NormalWord[] words, double[] target) in texts)
            {
                List<(int Row, double Value)> vector = untrained.Vector(untrained.Known(words).Select(n => n.Row));
                rows.Add(new([.. vector.Select(v => v.Row)], [.. vector.Select(v => (float)v.Value)], target));
            }
            double[] x = LogisticRegression.Fit(
                rows,
                names.Length,
                labels,
                settings.Penalty,
                settings.Iterations,
                cancellation
            );
            return new LinearModel(
                names,
                idf,
                [
                    .. Enumerable
                        .Range(0, labels)
                        .Select(k => Array.ConvertAll(x[(k * names.Length)..((k + 1) * names.Length)], v => (float)v)),
                ],
                Array.ConvertAll(x[(labels * names.Length)..], v => (float)v)
            );
        }
    }
}
