using Whylight.Documents;

namespace Whylight.Models.Training;

/// <summary>Reads labelled texts of any dataset format to learn from.</summary>
public static class TrainingData
{
    /// <summary>Reads a dataset; rows without a label or with an empty text are left out.</summary>
    /// <param name="path">CSV, TSV, JSON Lines or JSON.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="labels">The labels in index order.</param>
    /// <param name="cancellation">Checked between rows.</param>
    /// <exception cref="DocumentException">The file is unsound.</exception>
    /// <exception cref="ModelException">A row's label is none of <paramref name="labels"/>; names the line.</exception>
    public static List<TrainingExample> Read(
        string path,
        ReadOptions? options,
        IReadOnlyList<string> labels,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
        List<TrainingExample> examples = [];
        foreach (Example example in DocumentReader.ReadFile(path, options, cancellation).Examples)
        {
            if (example.Label is null || string.IsNullOrWhiteSpace(example.Text))
            {
                continue;
            }
            int label = Index(labels, example.Label);
            if (label < 0)
            {
                throw new ModelException(
                    $"{path}:{example.Line + 1}: label '{example.Label}' is none of {string.Join(", ", labels)}; map it with --labels"
                );
            }
            examples.Add(new TrainingExample(example.Text.Trim(), label));
        }
        return examples;
    }

    /// <summary>The labels of a dataset in ordinal order, or in the order of numbers where all are whole numbers.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<string> LabelsOf(
        string path,
        ReadOptions? options,
        CancellationToken cancellation = default
    )
    {
        string[] labels =
        [
            .. DocumentReader
                .ReadFile(path, options, cancellation)
                .Examples.Select(e => e.Label)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        return Array.TrueForAll(labels, label => int.TryParse(label, out _)) ? [.. labels.OrderBy(int.Parse)] : labels;
    }

    private static int Index(IReadOnlyList<string> labels, string label)
    {
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i] == label)
            {
                return i;
            }
        }
        return -1;
    }
}
