namespace Whylight.Explanations.Game;

/// <summary>
/// Draws coalitions with their complements, without replacement: an endless prefix of the list is a stratified sample of
/// pairs whose sizes follow the leverage scores.
/// </summary>
/// <remarks>
/// The stratum s holds the pairs {S, N\S} with min(|S|, |N\S|) = s. Leverage makes all sizes equally likely (Musco and
/// Witter 2025), so a stratum has weight 2, the middle one of an even game 1. Strata get their next pair by the
/// Sainte-Laguë divisor rule, which never takes a pair back as the sample grows; a stratum that is used up is thereby
/// enumerated.
/// </remarks>
internal sealed class PairSampler
{
    private readonly int _players;
    private readonly Random _random;
    private readonly Stratum[] _strata;

    public PairSampler(int players, int mostPairs, Random random)
    {
        _players = players;
        _random = random;
        _strata = new Stratum[players / 2];
        for (int k = 0; k < _strata.Length; k++)
        {
            int size = k + 1;
            bool middle = 2 * size == players;
            double pairs = Combinatorics.Choose(players, size) / (middle ? 2 : 1);
            _strata[k] = new Stratum(size, pairs, middle ? 1 : 2, pairs <= 4.0 * mostPairs);
        }
    }

    /// <summary>Number of strata, for sizes 1 to n/2.</summary>
    public int StrataCount => _strata.Length;

    /// <summary>Pairs in stratum <paramref name="k"/> (size k + 1) of the whole game.</summary>
    public double PairsIn(int k) => _strata[k].Pairs;

    /// <summary>Pairs drawn from it so far.</summary>
    public int DrawnFrom(int k) => _strata[k].Drawn;

    /// <summary>The next pair's smaller coalition and its stratum, or null when every pair was drawn.</summary>
    public (Coalition Coalition, int Stratum)? Next()
    {
        int best = -1;
        double most = 0;
        for (int k = 0; k < _strata.Length; k++)
        {
            Stratum stratum = _strata[k];
            double claim = stratum.Weight / (2.0 * stratum.Drawn + 1);
            if (stratum.Drawn < stratum.Pairs && claim > most)
            {
                best = k;
                most = claim;
            }
        }
        if (best < 0)
        {
            return null;
        }
        Coalition coalition = Draw(_strata[best]);
        _strata[best].Drawn++;
        return (coalition, best);
    }

    private Coalition Draw(Stratum stratum)
    {
        if (stratum.Listed)
        {
            List<Coalition> rest = stratum.Rest ??= [.. Subsets(stratum.Size)];
            // One step of Fisher and Yates for each draw.
            int pick = stratum.Drawn + _random.Next(rest.Count - stratum.Drawn);
            (rest[stratum.Drawn], rest[pick]) = (rest[pick], rest[stratum.Drawn]);
            return rest[stratum.Drawn];
        }
        int[] order = new int[_players];
        while (true)
        {
            for (int i = 0; i < _players; i++)
            {
                order[i] = i;
            }
            for (int i = 0; i < stratum.Size; i++)
            {
                int pick = i + _random.Next(_players - i);
                (order[i], order[pick]) = (order[pick], order[i]);
            }
            Coalition coalition = Coalition.Of(_players, order.Take(stratum.Size));
            if (2 * stratum.Size == _players && coalition[0])
            {
                coalition = coalition.Complement();
            }
            if (stratum.Seen.Add(coalition))
            {
                return coalition;
            }
        }
    }

    // In the middle stratum a pair is named by its half without player 0.
    private IEnumerable<Coalition> Subsets(int size)
    {
        int[] members = new int[size];
        int first = 2 * size == _players ? 1 : 0;
        for (int i = 0; i < size; i++)
        {
            members[i] = first + i;
        }
        while (true)
        {
            yield return Coalition.Of(_players, members);
            int i = size - 1;
            while (i >= 0 && members[i] == _players - size + i)
            {
                i--;
            }
            if (i < 0)
            {
                yield break;
            }
            members[i]++;
            for (int j = i + 1; j < size; j++)
            {
                members[j] = members[j - 1] + 1;
            }
        }
    }

    private sealed class Stratum(int size, double pairs, int weight, bool listed)
    {
        public int Size { get; } = size;
        public double Pairs { get; } = pairs;
        public int Weight { get; } = weight;
        public bool Listed { get; } = listed;
        public int Drawn { get; set; }
        public List<Coalition>? Rest { get; set; }
        public HashSet<Coalition> Seen { get; } = [];
    }
}
