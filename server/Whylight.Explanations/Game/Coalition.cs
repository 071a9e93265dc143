using System.Numerics;

namespace Whylight.Explanations.Game;

/// <summary>A set of present players among players 0 to <see cref="Players"/> - 1, as a bit set; immutable.</summary>
/// <remarks>
/// Up to 64 players fit one machine word; more take an array. The canonical order is by size, then by the bits read as
/// one unsigned number: coalitions of one size stand together, so that a model runs them as batches of near-equal length.
/// </remarks>
public readonly struct Coalition : IEquatable<Coalition>, IComparable<Coalition>
{
    private readonly ulong _low;
    private readonly ulong[]? _words;

    private Coalition(int players, ulong low, ulong[]? words)
    {
        Players = players;
        _low = low;
        _words = words;
    }

    /// <summary>Number of players of the game, 0 or more.</summary>
    public int Players { get; }

    /// <summary>Number of players present.</summary>
    public int Size
    {
        get
        {
            if (_words is null)
            {
                return BitOperations.PopCount(_low);
            }
            int size = 0;
            foreach (ulong word in _words)
            {
                size += BitOperations.PopCount(word);
            }
            return size;
        }
    }

    /// <summary>Whether a player is present.</summary>
    public bool this[int player] =>
        _words is null ? (_low >> player & 1) != 0 : (_words[player >> 6] >> (player & 63) & 1) != 0;

    /// <summary>The bits of a coalition of at most 64 players: bit i set = player i present.</summary>
    /// <exception cref="InvalidOperationException">There are more than 64 players.</exception>
    public ulong Bits =>
        _words is null
            ? _low
            : throw new InvalidOperationException("a coalition of more than 64 players has no one word");

    /// <summary>Nobody present.</summary>
    public static Coalition Empty(int players)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(players);
        return players <= 64 ? new(players, 0, null) : new(players, 0, new ulong[(players + 63) >> 6]);
    }

    /// <summary>Everybody present.</summary>
    public static Coalition Full(int players) => Empty(players).Complement();

    /// <summary>The coalition whose members are the set bits.</summary>
    /// <param name="players">At most 64.</param>
    /// <param name="bits">Bit i set = player i present.</param>
    public static Coalition FromBits(int players, ulong bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(players);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(players, 64);
        return new(players, bits & Mask(players), null);
    }

    /// <summary>The coalition of the named players.</summary>
    public static Coalition Of(int players, IEnumerable<int> members)
    {
        if (players <= 64)
        {
            ulong bits = 0;
            foreach (int member in members)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(member, players);
                bits |= 1UL << member;
            }
            return new(players, bits, null);
        }
        ulong[] words = new ulong[(players + 63) >> 6];
        foreach (int member in members)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(member, players);
            words[member >> 6] |= 1UL << (member & 63);
        }
        return new(players, 0, words);
    }

    /// <summary>The coalition of the players whose flag is set.</summary>
    public static Coalition FromFlags(ReadOnlySpan<bool> present)
    {
        int players = present.Length;
        ulong[] words = new ulong[Math.Max(1, (players + 63) >> 6)];
        for (int i = 0; i < players; i++)
        {
            if (present[i])
            {
                words[i >> 6] |= 1UL << (i & 63);
            }
        }
        return players <= 64 ? new(players, words[0], null) : new(players, 0, words);
    }

    /// <summary>This coalition with one more player.</summary>
    public Coalition With(int player) => Changed(player, true);

    /// <summary>This coalition without a player.</summary>
    public Coalition Without(int player) => Changed(player, false);

    /// <summary>Everybody who is not here.</summary>
    public Coalition Complement()
    {
        if (_words is null)
        {
            return new(Players, ~_low & Mask(Players), null);
        }
        ulong[] words = new ulong[_words.Length];
        for (int w = 0; w < words.Length; w++)
        {
            words[w] = ~_words[w];
        }
        words[^1] &= Mask(Players - 64 * (words.Length - 1));
        return new(Players, 0, words);
    }

    /// <summary>Players of this coalition, of the other, or of both.</summary>
    public Coalition Union(Coalition other)
    {
        if (_words is null)
        {
            return new(Players, _low | other._low, null);
        }
        ulong[] words = (ulong[])_words.Clone();
        for (int w = 0; w < words.Length; w++)
        {
            words[w] |= other._words![w];
        }
        return new(Players, 0, words);
    }

    /// <summary>Whether every player here is also in the other coalition.</summary>
    public bool IsSubsetOf(Coalition other)
    {
        if (_words is null)
        {
            return (_low & ~other._low) == 0;
        }
        for (int w = 0; w < _words.Length; w++)
        {
            if ((_words[w] & ~other._words![w]) != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Number of players on which two coalitions differ.</summary>
    public int Distance(Coalition other)
    {
        if (_words is null)
        {
            return BitOperations.PopCount(_low ^ other._low);
        }
        int distance = 0;
        for (int w = 0; w < _words.Length; w++)
        {
            distance += BitOperations.PopCount(_words[w] ^ other._words![w]);
        }
        return distance;
    }

    /// <summary>The players present, in ascending order.</summary>
    public IEnumerable<int> Members()
    {
        for (int i = 0; i < Players; i++)
        {
            if (this[i])
            {
                yield return i;
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(Coalition other) =>
        Players == other.Players
        && _low == other._low
        && (_words is null || _words.AsSpan().SequenceEqual(other._words.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Coalition other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        ulong hash = _low * 0x9E3779B97F4A7C15;
        if (_words is not null)
        {
            foreach (ulong word in _words)
            {
                hash = (BitOperations.RotateLeft(hash, 29) ^ word) * 0x9E3779B97F4A7C15;
            }
        }
        return (int)(hash >> 32);
    }

    /// <inheritdoc/>
    public int CompareTo(Coalition other)
    {
        int order = Size.CompareTo(other.Size);
        if (order != 0)
        {
            return order;
        }
        if (_words is null || other._words is null)
        {
            return _low.CompareTo(other._low);
        }
        for (int w = _words.Length - 1; w >= 0; w--)
        {
            order = _words[w].CompareTo(other._words[w]);
            if (order != 0)
            {
                return order;
            }
        }
        return 0;
    }

    /// <summary>The members in braces, for messages and debuggers.</summary>
    public override string ToString() => "{" + string.Join(",", Members()) + "}";

    /// <summary>Same players, same members.</summary>
    public static bool operator ==(Coalition left, Coalition right) => left.Equals(right);

    /// <summary>Not the same members.</summary>
    public static bool operator !=(Coalition left, Coalition right) => !left.Equals(right);

    /// <summary>Earlier in canonical order.</summary>
    public static bool operator <(Coalition left, Coalition right) => left.CompareTo(right) < 0;

    /// <summary>Earlier in canonical order, or equal.</summary>
    public static bool operator <=(Coalition left, Coalition right) => left.CompareTo(right) <= 0;

    /// <summary>Later in canonical order.</summary>
    public static bool operator >(Coalition left, Coalition right) => left.CompareTo(right) > 0;

    /// <summary>Later in canonical order, or equal.</summary>
    public static bool operator >=(Coalition left, Coalition right) => left.CompareTo(right) >= 0;

    private Coalition Changed(int player, bool present)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(player);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(player, Players);
        ulong bit = 1UL << (player & 63);
        if (_words is null)
        {
            return new(Players, present ? _low | bit : _low & ~bit, null);
        }
        ulong[] words = (ulong[])_words.Clone();
        words[player >> 6] = present ? words[player >> 6] | bit : words[player >> 6] & ~bit;
        return new(Players, 0, words);
    }

    private static ulong Mask(int players) => players >= 64 ? ulong.MaxValue : (1UL << players) - 1;
}
