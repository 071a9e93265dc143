using Whylight.Documents;
using Whylight.Models;

namespace Whylight.Harness.Specs;

/// <summary>A dataset of the suite with the model's predictions, each asked for once whatever tests need it.</summary>
internal sealed class DatasetPredictions(DatasetSpec spec, MeteredClassifier model) : IDisposable
{
    public const int Block = 64;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<int, IReadOnlyList<Prediction>> _blocks = [];
    private ParsedDocument? _document;

    /// <exception cref="DocumentException">The file cannot be read.</exception>
    public IReadOnlyList<Example> Examples
    {
        get
        {
            _document ??= DocumentReader.ReadFile(spec.Path, spec.Options);
            return _document.Examples;
        }
    }

    public int Blocks => (Examples.Count + Block - 1) / Block;

    /// <summary>The index of each example's label.</summary>
    /// <exception cref="DocumentException">An example has no label, or one that the model does not have.</exception>
    public IReadOnlyList<int> Labels()
    {
        int[] labels = new int[Examples.Count];
        foreach (Example example in Examples)
        {
            string place = $"{spec.Path}:{example.Line + 1}";
            if (example.Label is null)
            {
                throw new DocumentException($"{place}: the row has no label; name the column with 'label'");
            }
            int index = IndexOf(model.Info.Labels, example.Label);
            if (index < 0)
            {
                string meant = Suggestion.For(example.Label, model.Info.Labels) is { } near
                    ? $" (did you mean '{near}'?)"
                    : "; map it with 'labels'";
                throw new DocumentException(
                    $"{place}: label '{example.Label}' is none of the model's labels ({string.Join(", ", model.Info.Labels)}){meant}"
                );
            }
            labels[example.Index] = index;
        }
        return labels;
    }

    /// <summary>The predictions of a block of 64 examples in dataset order.</summary>
    public async Task<IReadOnlyList<Prediction>> BlockAsync(int block, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!_blocks.TryGetValue(block, out IReadOnlyList<Prediction>? predictions))
            {
                string[] texts = Examples.Skip(block * Block).Take(Block).Select(e => e.Text).ToArray();
                predictions = await model.PredictAsync(texts, WorkPriority.Batch, cancellation).ConfigureAwait(false);
                _blocks[block] = predictions;
            }
            return predictions;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>All predictions in dataset order.</summary>
    public async Task<IReadOnlyList<Prediction>> AllAsync(CancellationToken cancellation)
    {
        List<Prediction> all = new(Examples.Count);
        for (int block = 0; block < Blocks; block++)
        {
            all.AddRange(await BlockAsync(block, cancellation).ConfigureAwait(false));
        }
        return all;
    }

    public void Dispose() => _gate.Dispose();

    internal static int IndexOf(IReadOnlyList<string> labels, string label)
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
