using TorchSharp;
using Whylight.Measures;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>The loop in which a causal language model learns to say what comes next.</summary>
internal sealed class CausalLanguageFit(
    DecoderNetwork network,
    FitSettings settings,
    int seed,
    InferenceScheduler scheduler
)
{
    /// <summary>Learns from rows of ids of one length for all passes; cancelling ends it after the current step.</summary>
    /// <returns>Whether it was cancelled.</returns>
    public async Task<bool> RunAsync(
        IReadOnlyList<int[]> rows,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        FitState state = await NetworkFit.OnAsync(scheduler, settings.Threads, () => FitState.Start(network, settings));
        try
        {
            for (int epoch = 1; epoch <= settings.Epochs && !cancellation.IsCancellationRequested; epoch++)
            {
                SeededRandom random = SeededRandom.For((ulong)seed, "lm", $"{epoch}");
                List<int[]> batches = BatchPlan.Shuffled([.. rows.Select(r => r.Length)], settings.BatchSize, random);
                using Generator generator = new(SeededRandom.Derive((ulong)seed, "lm-dropout", $"{epoch}") >> 1);
                DropoutRules rules = new(settings.Dropout, generator);
                long total = (long)batches.Count * settings.Epochs;
                double recent = 0;
                for (int b = 0; b < batches.Count && !cancellation.IsCancellationRequested; b++)
                {
                    long step = (long)(epoch - 1) * batches.Count + b;
                    int[][] batch = [.. batches[b].Select(i => rows[i])];
                    recent += await NetworkFit.OnAsync(
                        scheduler,
                        settings.Threads,
                        () => Step(state, rules, batch, settings.Rate(step, total))
                    );
                    if (b % 25 == 24)
                    {
                        progress?.Report(new("train", epoch, settings.Epochs, (step + 1.0) / total, recent / 25));
                        recent = 0;
                    }
                }
            }
            await NetworkFit.OnAsync(scheduler, settings.Threads, state.UseAverage);
        }
        finally
        {
            await NetworkFit.OnAsync(
                scheduler,
                settings.Threads,
                () =>
                {
                    state.Dispose();
                    return true;
                }
            );
        }
        return cancellation.IsCancellationRequested;
    }

    /// <summary>Nats that a network spends on the ids of rows after the first of each.</summary>
    public static async Task<double> NatsAsync(
        DecoderNetwork network,
        IReadOnlyList<int[]> rows,
        InferenceScheduler scheduler,
        int threads
    )
    {
        double nats = 0;
        foreach (int[][] batch in rows.Chunk(16))
        {
            nats += await NetworkFit.OnAsync(
                scheduler,
                threads,
                () =>
                {
                    using IDisposable noGrad = no_grad();
                    using DisposeScope scope = NewDisposeScope();
                    return (double)Loss(network, PropagationRules.Plain, batch, sum: true).item<float>();
                }
            );
        }
        return nats;
    }

    private double Step(FitState state, DropoutRules rules, int[][] rows, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = Loss(network, rules, rows, sum: false);
        loss.backward();
        state.Optimizer.Step(rate);
        state.Average();
        return loss.item<float>();
    }

    private static Tensor Loss(DecoderNetwork network, PropagationRules rules, int[][] rows, bool sum)
    {
        NetworkInput input = NetworkFit.Input(rows, 0);
        long length = input.Ids!.shape[1];
        // -100 is the index that libtorch's cross entropy leaves out.
        Tensor answers = input.Ids.masked_fill(input.Mask!.logical_not(), -100).narrow(1, 1, length - 1);
        Tensor hidden = network.HiddenStates(input with { Mask = null }, rules, CancellationToken.None);
        Tensor logits = network.Logits(hidden.narrow(1, 0, length - 1), rules);
        return nn.functional.cross_entropy(
            logits.flatten(0, 1),
            answers.flatten(),
            reduction: sum ? nn.Reduction.Sum : nn.Reduction.Mean
        );
    }
}
