using System.Collections.Concurrent;
using Whylight.LanguageServer.Queue;

namespace Whylight.Tests.LanguageServer;

public class RequestQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private sealed record Count(int Value);

    [Fact]
    public async Task AReadSeesExactlyTheMutationsQueuedBeforeIt()
    {
        await using RequestQueue<Count> queue = new(new Count(0));
        ConcurrentBag<(int Expected, int Seen)> seen = [];
        List<Task> reads = [];
        for (int i = 1; i <= 2000; i++)
        {
            int expected = i;
            _ = queue.MutateAsync(state => new Count(state.Value + 1));
            reads.Add(
                queue.ReadAsync(
                    (state, _) =>
                    {
                        seen.Add((expected, state.Value));
                        return Task.FromResult(0);
                    },
                    Cancellation
                )
            );
        }
        await Task.WhenAll(reads);
        Assert.Equal(2000, seen.Count);
        Assert.All(seen, pair => Assert.Equal(pair.Expected, pair.Seen));
    }

    [Fact]
    public async Task ASlowReadHoldsUpNeitherMutationsNorOtherReads()
    {
        await using RequestQueue<Count> queue = new(new Count(0));
        TaskCompletionSource release = new();
        Task<int> slow = queue.ReadAsync(
            async (state, _) =>
            {
                await release.Task;
                return state.Value;
            },
            Cancellation
        );
        await queue.MutateAsync(state => new Count(state.Value + 1));
        int quick = await queue.ReadAsync((state, _) => Task.FromResult(state.Value), Cancellation);
        Assert.False(slow.IsCompleted);
        release.SetResult();
        Assert.Equal((0, 1), (await slow, quick));
    }

    [Fact]
    public async Task AnAsynchronousMutationIsAwaitedBeforeTheNext()
    {
        await using RequestQueue<Count> queue = new(new Count(1));
        TaskCompletionSource release = new();
        Task<int> first = queue.MutateAsync<int>(
            async (state, _) =>
            {
                await release.Task;
                return (new Count(state.Value * 10), 0);
            },
            Cancellation
        );
        Task<Count> second = queue.MutateAsync(state => new Count(state.Value + 1));
        Assert.False(second.IsCompleted);
        release.SetResult();
        await first;
        Assert.Equal(11, (await second).Value);
    }

    [Fact]
    public async Task AFailedReadAnswersItsCallerAndTheQueueLivesOn()
    {
        await using RequestQueue<Count> queue = new(new Count(7));
        Task<int> failing = queue.ReadAsync<int>((_, _) => throw new InvalidDataException("read"), Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => failing);
        Assert.Equal(7, await queue.ReadAsync((state, _) => Task.FromResult(state.Value), Cancellation));
    }

    [Fact]
    public async Task AFailedMutationEndsTheQueueAndWhatIsLeftIsCancelled()
    {
        await using RequestQueue<Count> queue = new(new Count(0));
        TaskCompletionSource release = new();
        Task<int> failing = queue.MutateAsync<int>(
            async (_, _) =>
            {
                await release.Task;
                throw new InvalidDataException("mutation");
            },
            Cancellation
        );
        Task<Count> left = queue.MutateAsync(state => state);
        release.SetResult();
        await Assert.ThrowsAsync<InvalidDataException>(() => failing);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Assert.ThrowsAsync<InvalidDataException>(() => queue.Completion);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.MutateAsync(state => state));
    }

    [Fact]
    public async Task ACancelledReadStops()
    {
        await using RequestQueue<Count> queue = new(new Count(0));
        using CancellationTokenSource cancel = new();
        TaskCompletionSource begun = new();
        Task<int> read = queue.ReadAsync<int>(
            async (_, token) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return 0;
            },
            cancel.Token
        );
        await begun.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task DisposingCancelsReadsUnderWay()
    {
        RequestQueue<Count> queue = new(new Count(0));
        TaskCompletionSource begun = new();
        Task<int> read = queue.ReadAsync<int>(
            async (_, token) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return 0;
            },
            Cancellation
        );
        await begun.Task;
        await queue.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }
}
