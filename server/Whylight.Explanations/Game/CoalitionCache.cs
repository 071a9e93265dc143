using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary>
/// The logits of every coalition of tokens evaluated lately, shared by all methods: what one asked, the next need not ask.
/// </summary>
/// <remarks>
/// Kept a text, model and absence, by the set of present tokens, so that words and tokens, logits and probabilities, all
/// draw on the same entries. Bounded: the text used longest ago is forgotten first, whole. Safe from any thread; methods that
/// ask about one text at the same time wait for each other's blocks instead of asking twice.
/// </remarks>
public sealed class CoalitionCache
{
    private readonly object _gate = new();
    private readonly Dictionary<Key, LinkedListNode<Table>> _tables = [];
    private readonly LinkedList<Table> _recent = [];
    private readonly long _capacity;
    private long _held;

    /// <summary>A cache of at most about <paramref name="capacity"/> numbers of 8 bytes.</summary>
    public CoalitionCache(long capacity = 4_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _capacity = capacity;
    }

    /// <summary>The one of this process.</summary>
    public static CoalitionCache Shared { get; } = new();

    /// <summary>Numbers held now.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    internal Table For(ModelInfo model, string text, Absence absence)
    {
        // Labels are part of the key because a prompt's declared choices are labels over one and the same model.
        Key key = new(model.Hash, string.Join('\u0001', [model.Question ?? "", .. model.Labels]), text, absence);
        lock (_gate)
        {
            if (_tables.TryGetValue(key, out LinkedListNode<Table>? node))
            {
                _recent.Remove(node);
            }
            else
            {
                node = new LinkedListNode<Table>(new Table(key, this));
                _tables.Add(key, node);
            }
            _recent.AddFirst(node);
            return node.Value;
        }
    }

    private bool Reserve(Table table, long numbers)
    {
        lock (_gate)
        {
            if (table.Forgotten || table.Numbers + numbers > _capacity)
            {
                return false;
            }
            table.Numbers += numbers;
            _held += numbers;
            while (_held > _capacity && _recent.Last is { } oldest && oldest.Value != table)
            {
                _recent.RemoveLast();
                _tables.Remove(oldest.Value.Key);
                _held -= oldest.Value.Numbers;
                oldest.Value.Forgotten = true;
            }
            return true;
        }
    }

    internal sealed record Key(string ModelHash, string Labels, string Text, Absence Absence);

    /// <summary>The coalitions of one text.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Design",
        "CA1001",
        Justification = "A semaphore whose wait handle is never taken holds nothing to free, and a table outlives its eviction."
    )]
    internal sealed class Table(Key key, CoalitionCache cache)
    {
        private readonly Dictionary<Coalition, double[]> _logits = [];
        private readonly SemaphoreSlim _turn = new(1, 1);

        public Key Key { get; } = key;

        public long Numbers { get; set; }

        public bool Forgotten { get; set; }

        /// <summary>Logits of sets of present tokens, asking only for those not held.</summary>
        public async Task<double[][]> GetAsync(
            IReadOnlyList<bool[]> present,
            Func<IReadOnlyList<bool[]>, Task<IReadOnlyList<double[]>>> evaluate,
            CancellationToken cancellation
        )
        {
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                double[][] answer = new double[present.Count][];
                List<int> missing = [];
                for (int i = 0; i < present.Count; i++)
                {
                    if (_logits.TryGetValue(Coalition.FromFlags(present[i]), out double[]? known))
                    {
                        answer[i] = known;
                    }
                    else
                    {
                        missing.Add(i);
                    }
                }
                if (missing.Count == 0)
                {
                    return answer;
                }
                IReadOnlyList<double[]> found = await evaluate([.. missing.Select(i => present[i])])
                    .ConfigureAwait(false);
                for (int k = 0; k < missing.Count; k++)
                {
                    bool[] flags = present[missing[k]];
                    answer[missing[k]] = found[k];
                    // The entry, its key and the dictionary's own words.
                    if (cache.Reserve(this, found[k].Length + flags.Length / 64 + 10))
                    {
                        _logits[Coalition.FromFlags(flags)] = found[k];
                    }
                }
                return answer;
            }
            finally
            {
                _turn.Release();
            }
        }
    }
}
