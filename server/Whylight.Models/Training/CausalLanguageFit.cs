using TorchSharp;
using Whylight.Measures;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>The loop in which a causal language model learns to say what comes next.</summary>
/// <param name="network">What learns.</param>
/// <param name="settings">How long and how hard.</param>
/// <param name="length">Most ids a row.</param>
/// <param name="seed">Decides packing, order and dropout.</param>
/// <param name="scheduler">The owner of native work.</param>
internal sealed class CausalLanguageFit(
    DecoderNetwork network,
    FitSettings settings,
    int length,
    int seed,
    InferenceScheduler scheduler
)
{
    // libtorch's cross entropy leaves this target out.
    private const long Unasked = -100;

    /// <summary>What came of training.</summary>
    /// <param name="Epochs">Passes made.</param>
    /// <param name="BestEpoch">The pass whose weights were kept.</param>
    /// <param name="Interrupted">Whether it was cancelled before its end.</param>
    public sealed record Result(int Epochs, int BestEpoch, bool Interrupted);

    /// <summary>
    /// Learns until the passes are used up, the held-out documents are foretold no better or <paramref name="cancellation"/> fires, and
    /// leaves the weights of the best pass in the network.
    /// </summary>
    /// <param name="training">Documents to learn from: ids of each, with those that open and close it.</param>
    /// <param name="held">Documents that decide when to stop.</param>
    /// <param name="heldBytes">UTF-8 bytes of the held-out texts, for the progress line.</param>
    /// <param name="checkpoint">State of an interrupted run to take up and to keep; null to keep none.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="cancellation">Stops after the current step; the best weights so far are kept.</param>
    public async Task<Result> RunAsync(
        IReadOnlyList<int[]> training,
        IReadOnlyList<int[]> held,
        long heldBytes,
        FitCheckpoint? checkpoint,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        FitState state = await Native(() => FitState.Start(network, settings));
        try
        {
            int first = checkpoint is null ? 1 : await Native(() => checkpoint.TryResume(state)) + 1;
            int epoch = first;
            bool interrupted = false;
            while (epoch <= settings.Epochs && epoch - state.BestEpoch <= settings.Patience && !interrupted)
            {
                interrupted = await EpochAsync(training, state, epoch, progress, cancellation);
                await Native(state.UseAverage);
                double nats = (await NatsAsync(network, held, length, scheduler, settings.Threads)).Sum();
                if (nats < state.BestLoss)
                {
                    (state.BestLoss, state.BestEpoch) = (nats, epoch);
                    await Native(state.KeepBest);
                }
                await Native(state.UseTrained);
                progress?.Report(
                    new("train", epoch, settings.Epochs, (double)epoch / settings.Epochs, state.RecentLoss)
                    {
                        HeldOutBits = nats / Math.Log(2) / heldBytes,
                    }
                );
                if (!interrupted && checkpoint is not null)
                {
                    int done = epoch;
                    await Native(() => checkpoint.Save(state, done));
                }
                epoch++;
            }
            await Native(state.UseBest);
            return new Result(epoch - 1, state.BestEpoch, interrupted);
        }
        finally
        {
            await Native(() =>
            {
                state.Dispose();
                return true;
            });
        }
    }

    private async Task<bool> EpochAsync(
        IReadOnlyList<int[]> training,
        FitState state,
        int epoch,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        // Each pass has streams of its own, so that a resumed run goes on exactly as an uninterrupted one.
        List<int[][]> rows = PackedRows.Of(training, length + 1, SeededRandom.For((ulong)seed, "lm", $"{epoch}"));
        using Generator generator = new(SeededRandom.Derive((ulong)seed, "lm-dropout", $"{epoch}") >> 1);
        DropoutRules rules = new(settings.Dropout, generator, settings.Brief);
        int batches = (rows.Count + settings.BatchSize - 1) / settings.BatchSize;
        double total = settings.Epochs;
        double recent = 0;
        int since = 0;
        for (int b = 0; b < batches; b++)
        {
            if (cancellation.IsCancellationRequested)
            {
                return true;
            }
            int[][][] batch = [.. rows.Skip(b * settings.BatchSize).Take(settings.BatchSize)];
            // Passes differ a little in rows, so the rate follows the share of passes done.
            double done = (epoch - 1 + (double)b / batches) / total;
            recent += await Native(() => Step(state, rules, batch, settings.RateAt(done)));
            since++;
            if (b % 25 == 24 || b == batches - 1)
            {
                state.RecentLoss = recent / since;
                (recent, since) = (0, 0);
                progress?.Report(new("train", epoch, settings.Epochs, done, state.RecentLoss));
            }
        }
        return false;
    }

    /// <summary>Nats that a network spends on the ids of each document after its first, in windows of at most <paramref name="length"/> ids.</summary>
    public static async Task<double[]> NatsAsync(
        DecoderNetwork network,
        IReadOnlyList<int[]> documents,
        int length,
        InferenceScheduler scheduler,
        int threads
    )
    {
        double[] nats = new double[documents.Count];
        // Windows of like length run together.
        foreach (
            (int[] Ids, int From, int Document)[] batch in PackedRows
                .Windows(documents, length)
                .OrderBy(w => w.Ids.Length)
                .Chunk(16)
        )
        {
            float[] each = await NetworkFit.OnAsync(
                scheduler,
                threads,
                () =>
                {
                    using IDisposable noGrad = no_grad();
                    using DisposeScope scope = NewDisposeScope();
                    int longest = batch.Max(w => w.Ids.Length) - 1;
                    long[] ids = new long[batch.Length * longest];
                    long[] answers = new long[ids.Length];
                    Array.Fill(answers, Unasked);
                    for (int r = 0; r < batch.Length; r++)
                    {
                        (int[] window, int from, _) = batch[r];
                        for (int i = 1; i < window.Length; i++)
                        {
                            int at = r * longest + i - 1;
                            ids[at] = window[i - 1];
                            answers[at] = i >= from ? window[i] : Unasked;
                        }
                    }
                    Tensor losses = Loss(
                        network,
                        PropagationRules.Plain,
                        ids,
                        answers,
                        batch.Length,
                        nn.Reduction.None
                    );
                    return losses.view(batch.Length, longest).sum(1).data<float>().ToArray();
                }
            );
            for (int r = 0; r < batch.Length; r++)
            {
                nats[batch[r].Document] += each[r];
            }
        }
        return nats;
    }

    private double Step(FitState state, DropoutRules rules, int[][][] rows, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        // Each piece reads all of its ids but the last and foretells all but the first.
        int longest = rows.Max(row => row.Sum(piece => piece.Length - 1));
        long[] ids = new long[rows.Length * longest];
        long[] answers = new long[ids.Length];
        Array.Fill(answers, Unasked);
        for (int r = 0; r < rows.Length; r++)
        {
            int at = r * longest;
            foreach (int[] piece in rows[r])
            {
                for (int i = 1; i < piece.Length; i++)
                {
                    (ids[at], answers[at]) = (piece[i - 1], piece[i]);
                    at++;
                }
            }
        }
        Tensor loss = Loss(network, rules, ids, answers, rows.Length, nn.Reduction.Mean);
        loss.backward();
        state.Optimizer.Step(rate);
        state.Average();
        return loss.item<float>();
    }

    private static Tensor Loss(
        DecoderNetwork network,
        PropagationRules rules,
        long[] ids,
        long[] answers,
        int rows,
        nn.Reduction reduction
    )
    {
        long width = ids.Length / rows;
        NetworkInput input = new()
        {
            Ids = tensor(ids, [rows, width]),
            Positions = TensorArithmetic.Indices(width).unsqueeze(0).expand(rows, width),
        };
        Tensor hidden = network.HiddenStates(input, rules, CancellationToken.None);
        Tensor logits = network.Logits(hidden.flatten(0, 1), rules);
        return nn.functional.cross_entropy(logits, tensor(answers), reduction: reduction);
    }

    private Task<T> Native<T>(Func<T> work) => NetworkFit.OnAsync(scheduler, settings.Threads, work);
}
