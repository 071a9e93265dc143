namespace Whylight.Models.Tokenization;

/// <summary>
/// Counts neighbouring pairs over weighted words and merges them, keeping the counts up to date; the engine of both vocabulary trainers.
/// </summary>
internal sealed class PairMerges
{
    private readonly List<Word> words;
    private readonly Dictionary<(int, int), long> counts = [];
    private readonly Dictionary<(int, int), HashSet<int>> places = [];
    private readonly PriorityQueue<(int, int), Key> queue = new();

    public PairMerges(List<Word> words)
    {
        this.words = words;
        for (int w = 0; w < words.Count; w++)
        {
            List<int> pieces = words[w].Pieces;
            for (int i = 0; i + 1 < pieces.Count; i++)
            {
                Change((pieces[i], pieces[i + 1]), words[w].Count, w);
            }
        }
        foreach (((int, int) pair, long count) in counts)
        {
            queue.Enqueue(pair, new Key(count, pair));
        }
    }

    /// <summary>The most frequent pair with at least <paramref name="minimumCount"/> occurrences; ties go to the lowest ids. Null when there is none.</summary>
    public (int Left, int Right)? Best(long minimumCount)
    {
        while (queue.TryDequeue(out (int, int) pair, out Key key))
        {
            long now = counts.GetValueOrDefault(pair);
            if (now != key.Count)
            {
                // The queue keeps stale entries; they are corrected when they come up.
                if (now > 0)
                {
                    queue.Enqueue(pair, new Key(now, pair));
                }
                continue;
            }
            return now >= Math.Max(1, minimumCount) ? pair : null;
        }
        return null;
    }

    /// <summary>Replaces every occurrence of the pair, left to right, by <paramref name="merged"/>.</summary>
    public void Merge(int left, int right, int merged)
    {
        if (!places.Remove((left, right), out HashSet<int>? where))
        {
            return;
        }
        Dictionary<(int, int), bool> grown = [];
        foreach (int w in where.Order())
        {
            List<int> pieces = words[w].Pieces;
            long count = words[w].Count;
            for (int i = 0; i + 1 < pieces.Count; i++)
            {
                if (pieces[i] != left || pieces[i + 1] != right)
                {
                    continue;
                }
                if (i > 0)
                {
                    Change((pieces[i - 1], left), -count, w);
                    Change((pieces[i - 1], merged), count, w);
                    grown[(pieces[i - 1], merged)] = true;
                }
                if (i + 2 < pieces.Count)
                {
                    Change((right, pieces[i + 2]), -count, w);
                    Change((merged, pieces[i + 2]), count, w);
                    grown[(merged, pieces[i + 2])] = true;
                }
                pieces[i] = merged;
                pieces.RemoveAt(i + 1);
            }
        }
        counts.Remove((left, right));
        foreach ((int, int) pair in grown.Keys)
        {
            long now = counts.GetValueOrDefault(pair);
            if (now > 0)
            {
                queue.Enqueue(pair, new Key(now, pair));
            }
        }
    }

    private void Change((int, int) pair, long by, int word)
    {
        long now = counts.GetValueOrDefault(pair) + by;
        counts[pair] = now;
        if (by > 0)
        {
            if (!places.TryGetValue(pair, out HashSet<int>? where))
            {
                places[pair] = where = [];
            }
            where.Add(word);
        }
    }

    /// <summary>A word as pieces, and how often it occurs.</summary>
    internal sealed record Word(List<int> Pieces, long Count);

    /// <summary>Higher counts first, then lower ids.</summary>
    private readonly record struct Key(long Count, (int Left, int Right) Pair) : IComparable<Key>
    {
        public int CompareTo(Key other)
        {
            int order = other.Count.CompareTo(Count);
            return order != 0 ? order : Pair.CompareTo(other.Pair);
        }
    }
}
