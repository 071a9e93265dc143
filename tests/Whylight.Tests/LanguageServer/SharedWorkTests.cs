using Whylight.LanguageServer.Serving;

namespace Whylight.Tests.LanguageServer;

public class SharedWorkTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AValueIsWorkedOutOnceForAll()
    {
        SharedWork<string, int> shared = new(10);
        int calls = 0;
        TaskCompletionSource<int> source = new();
        Task<int> Work(CancellationToken _)
        {
            Interlocked.Increment(ref calls);
            return source.Task;
        }
        var first = shared.GetAsync("a", Work, Timeout.InfiniteTimeSpan, TimeProvider.System, Cancellation);
        var second = shared.GetAsync("a", Work, Timeout.InfiniteTimeSpan, TimeProvider.System, Cancellation);
        source.SetResult(5);
        Assert.Equal((true, 5), await first);
        Assert.Equal((true, 5), await second);
        Assert.Equal((true, 5), await shared.GetAsync("a", Work, TimeSpan.Zero, TimeProvider.System, Cancellation));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task WorkThatNobodyWaitsForIsCancelledAndBegunAnewWhenAskedAgain()
    {
        SharedWork<string, int> shared = new(10);
        CancellationToken seen = default;
        TaskCompletionSource begun = new();
        async Task<int> Work(CancellationToken token)
        {
            seen = token;
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        }
        using CancellationTokenSource one = new();
        using CancellationTokenSource two = new();
        var first = shared.GetAsync("a", Work, Timeout.InfiniteTimeSpan, TimeProvider.System, one.Token);
        var second = shared.GetAsync("a", Work, Timeout.InfiniteTimeSpan, TimeProvider.System, two.Token);
        await begun.Task;
        await one.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(seen.IsCancellationRequested);
        await two.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.True(seen.IsCancellationRequested);
        (bool ready, int value) = await shared.GetAsync(
            "a",
            _ => Task.FromResult(3),
            Timeout.InfiniteTimeSpan,
            TimeProvider.System,
            Cancellation
        );
        Assert.Equal((true, 3), (ready, value));
    }

    [Fact]
    public async Task WorkOutlivesACallerWhosePatienceEnds()
    {
        SharedWork<string, int> shared = new(10);
        TaskCompletionSource<int> source = new();
        (bool ready, _) = await shared.GetAsync(
            "a",
            _ => source.Task,
            TimeSpan.FromMilliseconds(1),
            TimeProvider.System,
            Cancellation
        );
        Assert.False(ready);
        source.SetResult(4);
        Assert.Equal(
            (true, 4),
            await shared.GetAsync(
                "a",
                _ => throw new InvalidOperationException(),
                TestEditor.Patience,
                TimeProvider.System,
                Cancellation
            )
        );
    }

    [Fact]
    public async Task FailuresAreNotRemembered()
    {
        SharedWork<string, int> shared = new(10);
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            shared.GetAsync(
                "a",
                _ => throw new InvalidDataException(),
                TestEditor.Patience,
                TimeProvider.System,
                Cancellation
            )
        );
        Assert.False(shared.Knows("a"));
        Assert.Equal(
            (true, 1),
            await shared.GetAsync("a", _ => Task.FromResult(1), TestEditor.Patience, TimeProvider.System, Cancellation)
        );
    }

    [Fact]
    public async Task TheOldestValuesAreForgotten()
    {
        SharedWork<int, int> shared = new(3);
        for (int i = 0; i < 5; i++)
        {
            int value = i;
            await shared.GetAsync(
                i,
                _ => Task.FromResult(value),
                TestEditor.Patience,
                TimeProvider.System,
                Cancellation
            );
        }
        Assert.Equal([false, false, true, true, true], Enumerable.Range(0, 5).Select(i => shared.Knows(i)));
    }
}
