using Whylight.Measures;
using Whylight.Perturbations;

namespace Whylight.Models.Training;

/// <summary>An example as a model answered it that had not learnt from it.</summary>
/// <param name="Example">The example.</param>
/// <param name="Answer">The prediction.</param>
/// <param name="Flipped">Whether one of the harmless edits, one draw each, changed it.</param>
internal sealed record CrossValidated(TrainingExample Example, Prediction Answer, bool Flipped);

/// <summary>Answers every example of a set by a model trained without it and its group.</summary>
internal static class CrossValidation
{
    /// <summary>Trains a model a fold, one after the other.</summary>
    /// <param name="request">What is trained; its <see cref="TrainingRequest.Folds"/> say how often.</param>
    /// <param name="train">Trains a request into its folder.</param>
    /// <param name="cancellation">Checked between folds.</param>
    public static async Task<IReadOnlyList<CrossValidated>> RunAsync(
        TrainingRequest request,
        Func<TrainingRequest, Task> train,
        CancellationToken cancellation
    )
    {
        int[] folds = FoldsOf(request.Examples, request.Folds, request.Seed);
        List<CrossValidated> answers = [];
        for (int fold = 0; fold < request.Folds; fold++)
        {
            cancellation.ThrowIfCancellationRequested();
            int current = fold;
            TrainingExample[] judged = [.. request.Examples.Where((e, i) => folds[i] == current && e.Set is not null)];
            if (judged.Length == 0)
            {
                continue;
            }
            TrainingRequest part = request with
            {
                Examples = [.. request.Examples.Where((_, i) => folds[i] != current)],
                Folds = 0,
                Output = Path.Combine(request.Output, ModelTrainer.FoldFolder, $"{fold}"),
            };
            await train(part);
            using ITextClassifier model = await ModelLoader.LoadAsync(part.Output, null, cancellation);
            string[] texts = [.. judged.Select(e => e.Text)];
            IReadOnlyList<Prediction> predictions = await model.PredictAsync(texts, WorkPriority.Batch, cancellation);
            bool[] flipped = await ModelCard.FlippedAsync(
                model,
                texts,
                PerturbationRegistry.Harmless,
                (ulong)request.Seed,
                cancellation
            );
            answers.AddRange(judged.Select((e, i) => new CrossValidated(e, predictions[i], flipped[i])));
        }
        return answers;
    }

    // Groups are dealt out in a seeded order, always to the fold that has fewest examples of a set by then.
    internal static int[] FoldsOf(IReadOnlyList<TrainingExample> examples, int folds, int seed)
    {
        IGrouping<string, int>[] groups =
        [
            .. Enumerable
                .Range(0, examples.Count)
                .GroupBy(i => examples[i].Group ?? $"alone {i}", StringComparer.Ordinal),
        ];
        SeededRandom.For((ulong)seed, "folds", $"{folds}").Shuffle(groups);
        int[] sizes = new int[folds];
        int[] result = new int[examples.Count];
        foreach (IGrouping<string, int> group in groups.OrderByDescending(g => g.Count()))
        {
            int fold = Array.IndexOf(sizes, sizes.Min());
            sizes[fold] += group.Count();
            foreach (int i in group)
            {
                result[i] = fold;
            }
        }
        return result;
    }
}
