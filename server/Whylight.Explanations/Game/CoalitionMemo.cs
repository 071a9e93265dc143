namespace Whylight.Explanations.Game;

/// <summary>Remembers one answer a coalition; asks for the missing ones in canonical order, in blocks of 64.</summary>
internal sealed class CoalitionMemo<T>(
    int players,
    Func<IReadOnlyList<Coalition>, CancellationToken, Task<T[]>> evaluateBlock
)
{
    private readonly Dictionary<Coalition, T> _answers = [];

    public int Count => _answers.Count;

    public bool Knows(Coalition coalition) => _answers.ContainsKey(coalition);

    public async Task<T[]> GetAsync(IReadOnlyList<Coalition> coalitions, CancellationToken cancellation)
    {
        HashSet<Coalition> missing = [];
        foreach (Coalition coalition in coalitions)
        {
            if (coalition.Players != players)
            {
                throw new ArgumentException(
                    $"a coalition of {coalition.Players} players was asked of a game of {players}",
                    nameof(coalitions)
                );
            }
            if (!_answers.ContainsKey(coalition))
            {
                missing.Add(coalition);
            }
        }
        Coalition[] order = [.. missing];
        Array.Sort(order);
        for (int start = 0; start < order.Length; start += MemoizedGame.BlockSize)
        {
            cancellation.ThrowIfCancellationRequested();
            ArraySegment<Coalition> block = new(order, start, Math.Min(MemoizedGame.BlockSize, order.Length - start));
            T[] answers = await evaluateBlock(block, cancellation).ConfigureAwait(false);
            for (int i = 0; i < block.Count; i++)
            {
                _answers[block[i]] = answers[i];
            }
        }
        T[] found = new T[coalitions.Count];
        for (int i = 0; i < found.Length; i++)
        {
            found[i] = _answers[coalitions[i]];
        }
        return found;
    }
}
