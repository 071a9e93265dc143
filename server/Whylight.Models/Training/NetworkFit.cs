using TorchSharp;
using Whylight.Measures;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>What a network learns from and how its texts become ids.</summary>
internal sealed record FitData
{
    /// <summary>What is learnt from.</summary>
    public required IReadOnlyList<TrainingExample> Training { get; init; }

    /// <summary>What decides when to stop and at what temperature.</summary>
    public required IReadOnlyList<TrainingExample> Held { get; init; }

    /// <summary>Number of labels.</summary>
    public required int Labels { get; init; }

    /// <summary>Ids of a text, special tokens included.</summary>
    public required Func<string, int[]> Encode { get; init; }

    /// <summary>A changed form of a text to learn from in this pass, or the text itself.</summary>
    public Func<string, Random, string>? Vary { get; init; }

    /// <summary>Id that fills short rows.</summary>
    public required int Padding { get; init; }

    /// <summary>Id of an unknown token, for word dropout.</summary>
    public required int Unknown { get; init; }

    /// <summary>Ids that word dropout leaves alone.</summary>
    public required IReadOnlySet<int> Special { get; init; }

    /// <summary>
    /// A term added to the loss of a step, given the batch's ids, its mask and the pass's randomness: attribution stability. Null for none.
    /// </summary>
    public Func<Tensor, Tensor, SeededRandom, Tensor>? Regularizer { get; init; }
}

/// <summary>What came of training.</summary>
/// <param name="Epochs">Passes made.</param>
/// <param name="BestEpoch">The pass whose weights were kept.</param>
/// <param name="HeldLogits">Raw logits of the kept weights on the held-out part.</param>
/// <param name="Interrupted">Whether it was cancelled before its end.</param>
internal sealed record FitResult(
    int Epochs,
    int BestEpoch,
    IReadOnlyList<IReadOnlyList<double>> HeldLogits,
    bool Interrupted
);

/// <summary>The loop in which a classifier network learns; the same for every architecture.</summary>
internal sealed class NetworkFit(Network network, FitSettings settings, int seed, InferenceScheduler scheduler)
{
    private const int EvaluationBatch = 64;

    /// <summary>
    /// Learns until the passes are used up, the held-out part is predicted no better or <paramref name="cancellation"/> fires, and leaves the
    /// weights of the best pass in the network.
    /// </summary>
    /// <param name="data">What to learn from.</param>
    /// <param name="checkpoint">State of an interrupted run to take up and to keep; null to keep none.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="cancellation">Stops after the current step; the best weights so far are kept.</param>
    public async Task<FitResult> RunAsync(
        FitData data,
        FitCheckpoint? checkpoint,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        FitState state = await Native(_ => FitState.Start(network, settings), CancellationToken.None);
        try
        {
            int first = 1;
            if (checkpoint is not null)
            {
                first = await Native(_ => checkpoint.TryResume(state), CancellationToken.None) + 1;
            }
            IReadOnlyList<IReadOnlyList<double>> bestLogits = [];
            double best = state.BestLoss;
            int epoch = first - 1;
            bool interrupted = false;
            for (epoch = first; epoch <= settings.Epochs && epoch - state.BestEpoch <= settings.Patience; epoch++)
            {
                try
                {
                    await EpochAsync(data, state, epoch, progress, cancellation);
                }
                catch (OperationCanceledException)
                {
                    interrupted = true;
                }
                await Native(_ => state.UseAverage(), CancellationToken.None);
                IReadOnlyList<IReadOnlyList<double>> logits = await LogitsAsync(data, data.Held);
                int[] labels = [.. data.Held.Select(e => e.Label)];
                double loss = Calibration.NegativeLogLikelihood(
                    logits,
                    labels,
                    Calibration.FitTemperature(logits, labels)
                );
                double accuracy = Accuracy(logits, labels);
                // Fewest held-out errors; of equals, the lower loss. Temperature mends overconfidence, not errors.
                double score = settings.ByLoss
                    ? loss
                    : Math.Round((1 - accuracy) * data.Held.Count) + loss / (1 + loss);
                if (score < state.BestLoss)
                {
                    (state.BestLoss, state.BestEpoch) = (score, epoch);
                    await Native(_ => state.KeepBest(), CancellationToken.None);
                }
                await Native(_ => state.UseTrained(), CancellationToken.None);
                progress?.Report(
                    new("train", epoch, settings.Epochs, (double)epoch / settings.Epochs, state.RecentLoss, accuracy)
                );
                if (interrupted)
                {
                    break;
                }
                if (checkpoint is not null)
                {
                    int done = epoch;
                    await Native(_ => checkpoint.Save(state, done), CancellationToken.None);
                }
            }
            await Native(_ => state.UseBest(), CancellationToken.None);
            bestLogits = await LogitsAsync(data, data.Held);
            return new FitResult(Math.Min(epoch, settings.Epochs), state.BestEpoch, bestLogits, interrupted);
        }
        finally
        {
            await Native(
                _ =>
                {
                    state.Dispose();
                    return true;
                },
                CancellationToken.None
            );
        }
    }

    private static double Accuracy(IReadOnlyList<IReadOnlyList<double>> logits, int[] labels)
    {
        int right = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            int best = 0;
            for (int c = 1; c < logits[i].Count; c++)
            {
                best = logits[i][c] > logits[i][best] ? c : best;
            }
            right += best == labels[i] ? 1 : 0;
        }
        return labels.Length == 0 ? 0 : (double)right / labels.Length;
    }

    private async Task EpochAsync(
        FitData data,
        FitState state,
        int epoch,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        // Each pass has streams of its own, so that a resumed run goes on exactly as an uninterrupted one.
        SeededRandom order = SeededRandom.For((ulong)seed, "train", $"{epoch}");
        int[][] rows = new int[data.Training.Count][];
        for (int i = 0; i < rows.Length; i++)
        {
            string text = data.Training[i].Text;
            rows[i] = data.Encode(data.Vary is null ? text : data.Vary(text, order));
        }
        List<int[]> batches = BatchPlan.Shuffled([.. rows.Select(row => row.Length)], settings.BatchSize, order);
        long total = (long)batches.Count * settings.Epochs;
        using Generator generator = new(SeededRandom.Derive((ulong)seed, "dropout", $"{epoch}") >> 1);
        DropoutRules rules = new(settings.Dropout, generator);
        double loss = 0;
        for (int b = 0; b < batches.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            long step = (long)(epoch - 1) * batches.Count + b;
            int[] batch = batches[b];
            int[][] texts = [.. batch.Select(i => WithWordDropout(rows[i], data, order))];
            float[] targets = Targets(data, batch);
            loss += await Native(
                _ => Step(data, state, rules, texts, targets, settings.Rate(step, total), order),
                CancellationToken.None
            );
            if (b % 50 == 49 || b == batches.Count - 1)
            {
                state.RecentLoss = loss / (b % 50 + 1);
                loss = 0;
                progress?.Report(new("train", epoch, settings.Epochs, (double)(step + 1) / total, state.RecentLoss));
            }
        }
    }

    private int[] WithWordDropout(int[] row, FitData data, SeededRandom random)
    {
        if (settings.WordDropout == 0)
        {
            return row;
        }
        int[] copy = [.. row];
        for (int t = 0; t < copy.Length; t++)
        {
            if (!data.Special.Contains(copy[t]) && random.NextDouble() < settings.WordDropout)
            {
                copy[t] = data.Unknown;
            }
        }
        return copy;
    }

    private float[] Targets(FitData data, int[] batch)
    {
        float[] targets = new float[batch.Length * data.Labels];
        double spread = settings.LabelSmoothing / data.Labels;
        for (int i = 0; i < batch.Length; i++)
        {
            TrainingExample example = data.Training[batch[i]];
            for (int c = 0; c < data.Labels; c++)
            {
                targets[i * data.Labels + c] = example.Target is { } target
                    ? (float)target[c]
                    : (float)(spread + (example.Label == c ? 1 - settings.LabelSmoothing : 0));
            }
        }
        return targets;
    }

    private double Step(
        FitData data,
        FitState state,
        DropoutRules rules,
        int[][] rows,
        float[] targets,
        double rate,
        SeededRandom random
    )
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkInput input = Input(rows, data.Padding);
        Tensor goal = tensor(targets, [rows.Length, data.Labels]);
        Tensor logits = network.Forward(input, rules, CancellationToken.None);
        Tensor loss = (goal * nn.functional.log_softmax(logits, -1)).sum().Over(-rows.Length);
        if (data.Regularizer is { } regularizer)
        {
            loss = loss.Plus(regularizer(input.Ids!, input.Mask!, random));
        }
        loss.backward();
        state.Optimizer.Step(rate);
        state.Average();
        return loss.item<float>();
    }

    /// <summary>A batch of rows as a network reads it.</summary>
    public static NetworkInput Input(IReadOnlyList<int[]> rows, int padding)
    {
        (long[] ids, bool[] mask, int length) = BatchPlan.Pad(rows, padding);
        return new NetworkInput
        {
            Ids = tensor(ids, [rows.Count, length]),
            Mask = tensor(mask, [rows.Count, length]),
            Positions = TensorArithmetic.Indices(length).unsqueeze(0).expand(rows.Count, length),
        };
    }

    /// <summary>Raw logits of examples, in their order.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<double>>> LogitsAsync(
        FitData data,
        IReadOnlyList<TrainingExample> examples
    )
    {
        int[][] rows = [.. examples.Select(example => data.Encode(example.Text))];
        int[] order = [.. Enumerable.Range(0, rows.Length).OrderBy(i => rows[i].Length)];
        IReadOnlyList<double>[] logits = new IReadOnlyList<double>[rows.Length];
        foreach (int[] batch in order.Chunk(EvaluationBatch))
        {
            float[] values = await Native(
                cancel =>
                {
                    using IDisposable noGrad = no_grad();
                    using DisposeScope scope = NewDisposeScope();
                    NetworkInput input = Input([.. batch.Select(i => rows[i])], data.Padding);
                    return network.Forward(input, PropagationRules.Plain, cancel).data<float>().ToArray();
                },
                CancellationToken.None
            );
            for (int i = 0; i < batch.Length; i++)
            {
                logits[batch[i]] = [.. values.Skip(i * data.Labels).Take(data.Labels).Select(v => (double)v)];
            }
        }
        return logits;
    }

    /// <summary>Runs a piece of training as one item of the scheduler, on as many threads as training may use.</summary>
    public static Task<T> OnAsync<T>(InferenceScheduler scheduler, int threads, Func<T> work) =>
        scheduler.RunAsync(
            WorkPriority.Background,
            _ =>
            {
                NativeRuntime.Use(threads);
                try
                {
                    return work();
                }
                finally
                {
                    NativeRuntime.Reset();
                }
            }
        );

    private Task<T> Native<T>(Func<CancellationToken, T> work, CancellationToken cancellation) =>
        OnAsync(scheduler, settings.Threads, () => work(cancellation));
}
