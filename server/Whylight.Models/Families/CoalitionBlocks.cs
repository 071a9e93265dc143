namespace Whylight.Models.Families;

/// <summary>
/// How coalitions are put together for the graph: rows of one length run in blocks of one fixed number of rows, the last
/// block filled up with copies of one of its rows.
/// </summary>
/// <remarks>
/// A matrix product may round otherwise when it has more rows, so a row that ran among 5 others yesterday and among 60
/// today could differ in its last bits. In blocks of a shape that follows from the row's length alone, the kernels are the
/// same whatever was asked together, and a row's bits depend on nothing but the row. Elementwise kernels go by vectors of
/// 32 numbers and treat what is left over at the end of a tensor differently: the rows of a block are as many as leave
/// nothing over. Where a width of the graph is no multiple of 4, or unknown, matrix kernels may treat a row by its place as
/// well: there every row runs alone.
/// </remarks>
internal sealed class CoalitionBlocks
{
    // About a millisecond of one core: enough for a matrix product to run well, little enough to spend on one coalition.
    private const long BlockWork = 50_000_000;
    private const int MostRows = 64;
    private const int Remainderless = 64;
    private const int LeastAlignment = 4;

    // Blocks that make up one item of the scheduler at most: a hover overtakes between two items.
    private const int ItemRows = 64;
    private const int ItemTokens = 2048;

    private readonly int _tokens;
    private readonly int _aligned;
    private readonly int _leastRows;
    private readonly bool _alone;

    /// <summary>The blocks of a graph.</summary>
    /// <param name="workPerToken">Multiply-adds that a token costs (<see cref="Scheduling.NativeRuntime.WorkPerToken"/>).</param>
    /// <param name="leastRows">Fewest rows that pay to run together, a power of two.</param>
    /// <param name="widths">Widths of the graph's activations.</param>
    public CoalitionBlocks(long workPerToken, int leastRows, params ReadOnlySpan<int> widths)
    {
        _tokens = (int)Math.Clamp(BlockWork / Math.Max(1, workPerToken), 64, 512);
        int common = Remainderless;
        foreach (int width in widths)
        {
            while (width % common != 0)
            {
                common /= 2;
            }
        }
        _aligned = Remainderless / common;
        _leastRows = Math.Max(leastRows, _aligned);
        _alone = common < LeastAlignment;
    }

    /// <summary>The blocks of a graph of which nothing is known.</summary>
    public static CoalitionBlocks OfUnknownGraph { get; } = new(0, 1, 1);

    /// <summary>Rows of a block of rows of a length.</summary>
    public int Rows(int length)
    {
        if (_alone)
        {
            return 1;
        }
        int rows = 1;
        while (rows < MostRows && 2 * rows * length <= _tokens)
        {
            rows *= 2;
        }
        // One row is always at the same place; two or more must leave no remainder.
        if (rows < _leastRows && _leastRows * (long)length <= 8 * _tokens)
        {
            return _leastRows;
        }
        return rows >= _aligned ? rows : 1;
    }

    /// <summary>
    /// Indices of rows, put together to items of blocks: every block as many indices as <see cref="Rows"/> says, the last of
    /// a kind filled up with its first.
    /// </summary>
    /// <param name="rows">Indices of rows alike in everything that the graph's shapes follow from, in canonical order.</param>
    /// <param name="length">Tokens of each.</param>
    public IEnumerable<int[][]> Items(IEnumerable<int> rows, int length)
    {
        int size = Rows(length);
        int blocks = Math.Max(1, Math.Min(ItemRows / size, ItemTokens / (size * Math.Max(1, length))));
        return rows.Chunk(size)
            .Select(block => (int[])[.. block, .. Enumerable.Repeat(block[0], size - block.Length)])
            .Chunk(blocks);
    }
}
