using TorchSharp;
using Whylight.Measures;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// Masked-language-model pretraining (Devlin et al. 2019): of 15 % of the tokens, four fifths are hidden, a tenth replaced, a
/// tenth left, and the network learns to say what stood there. No labels are needed.
/// </summary>
internal sealed class MaskedLanguageFit(
    EncoderNetwork network,
    FitSettings settings,
    int seed,
    InferenceScheduler scheduler
)
{
    private const double Masked = 0.15;

    /// <summary>The ids that play a part in masking.</summary>
    /// <param name="Mask">Hides a token.</param>
    /// <param name="Padding">Fills short rows.</param>
    /// <param name="FirstWord">Ids from here on are words, never special tokens.</param>
    public sealed record Ids(int Mask, int Padding, int FirstWord);

    /// <summary>Learns from rows of ids for all passes.</summary>
    /// <returns>Mean loss of the last pass in nats a hidden token.</returns>
    public async Task<double> RunAsync(
        IReadOnlyList<int[]> rows,
        Ids ids,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        AdamW optimizer = await NetworkFit.OnAsync(
            scheduler,
            settings.Threads,
            () => new AdamW(network.Parameters, settings.WeightDecay)
        );
        try
        {
            double mean = 0;
            for (int epoch = 1; epoch <= settings.Epochs; epoch++)
            {
                SeededRandom random = SeededRandom.For((ulong)seed, "pretrain", $"{epoch}");
                List<int[]> batches = BatchPlan.Shuffled([.. rows.Select(r => r.Length)], settings.BatchSize, random);
                using Generator generator = new(SeededRandom.Derive((ulong)seed, "pretrain-dropout", $"{epoch}") >> 1);
                DropoutRules rules = new(settings.Dropout, generator);
                long total = (long)batches.Count * settings.Epochs;
                double sum = 0;
                double recent = 0;
                for (int b = 0; b < batches.Count; b++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    long step = (long)(epoch - 1) * batches.Count + b;
                    (int[][] inputs, List<long> places, List<long> answers) = Hide(batches[b], rows, ids, random);
                    double loss = await NetworkFit.OnAsync(
                        scheduler,
                        settings.Threads,
                        () => Step(optimizer, rules, inputs, places, answers, ids.Padding, settings.Rate(step, total))
                    );
                    sum += loss;
                    recent += loss;
                    if (b % 50 == 49)
                    {
                        progress?.Report(
                            new("pretrain", epoch, settings.Epochs, (double)(step + 1) / total, recent / 50)
                        );
                        recent = 0;
                    }
                }
                mean = sum / batches.Count;
            }
            return mean;
        }
        finally
        {
            await NetworkFit.OnAsync(
                scheduler,
                settings.Threads,
                () =>
                {
                    optimizer.Dispose();
                    return true;
                }
            );
        }
    }

    /// <summary>Cuts encoded texts into rows of at most <paramref name="length"/> ids, each with its start and end tokens.</summary>
    public static List<int[]> Rows(IEnumerable<int[]> texts, int length)
    {
        List<int[]> rows = [];
        foreach (int[] text in texts)
        {
            foreach (int[] part in text[1..^1].Chunk(length - 2))
            {
                if (part.Length > 2)
                {
                    rows.Add([text[0], .. part, text[^1]]);
                }
            }
        }
        return rows;
    }

    private (int[][] Inputs, List<long> Places, List<long> Answers) Hide(
        int[] batch,
        IReadOnlyList<int[]> rows,
        Ids ids,
        SeededRandom random
    )
    {
        int length = batch.Max(i => rows[i].Length);
        List<long> places = [];
        List<long> answers = [];
        int[][] inputs = new int[batch.Length][];
        for (int r = 0; r < inputs.Length; r++)
        {
            int[] row = [.. rows[batch[r]]];
            for (int t = 0; t < row.Length; t++)
            {
                if (row[t] < ids.FirstWord || random.NextDouble() >= Masked)
                {
                    continue;
                }
                places.Add(r * length + t);
                answers.Add(row[t]);
                double kind = random.NextDouble();
                row[t] =
                    kind < 0.8 ? ids.Mask
                    : kind < 0.9 ? random.Next(ids.FirstWord, network.VocabularySize)
                    : row[t];
            }
            inputs[r] = row;
        }
        if (places.Count == 0)
        {
            // A batch of very short rows may hide nothing; its first word then is.
            places.Add(1);
            answers.Add(inputs[0][1]);
            inputs[0][1] = ids.Mask;
        }
        return (inputs, places, answers);
    }

    private double Step(
        AdamW optimizer,
        DropoutRules rules,
        int[][] rows,
        List<long> places,
        List<long> answers,
        int padding,
        double rate
    )
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkInput input = NetworkFit.Input(rows, padding);
        Tensor hidden = network.HiddenStates(input, rules, CancellationToken.None);
        Tensor chosen = hidden.flatten(0, 1).index_select(0, tensor(places.ToArray()));
        Tensor loss = nn.functional.cross_entropy(network.Decode(chosen, rules), tensor(answers.ToArray()));
        loss.backward();
        optimizer.Step(rate);
        return loss.item<float>();
    }
}
