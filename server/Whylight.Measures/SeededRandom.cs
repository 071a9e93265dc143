using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Whylight.Measures;

/// <summary>
/// A seeded generator with the same numbers on every platform and runtime: xoshiro256** (Blackman and Vigna, 2018),
/// its state filled by SplitMix64. Independent streams are derived by name, so that adding a test never shifts another's numbers.
/// </summary>
public sealed class SeededRandom : Random
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>A generator for a seed; every 64-bit value is a good seed, zero included.</summary>
    public SeededRandom(ulong seed)
        : base(0) // The base state is never asked: every virtual that draws is overridden.
    {
        Seed = seed;
        ulong state = seed;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    /// <summary>The seed this generator started from.</summary>
    public ulong Seed { get; }

    /// <summary>A generator for the stream named by a path of names below a root seed.</summary>
    public static SeededRandom For(ulong seed, params ReadOnlySpan<string> path) => new(Derive(seed, path));

    /// <summary>The seed of the stream named by a path below a root seed: FNV-1a over the UTF-8 names, mixed after each.</summary>
    public static ulong Derive(ulong seed, params ReadOnlySpan<string> path)
    {
        ulong state = seed;
        foreach (string name in path)
        {
            ulong hash = 0xcbf29ce484222325;
            foreach (byte b in Encoding.UTF8.GetBytes(name))
            {
                hash = (hash ^ b) * 0x100000001b3;
            }
            state ^= hash;
            state = SplitMix(ref state);
        }
        return state;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A standard normal number, by the Box-Muller transform (two uniforms a number, none kept back).</summary>
    public double NextGaussian()
    {
        double u = 1 - NextDouble();
        return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <inheritdoc/>
    public override int Next() => Next(int.MaxValue);

    /// <inheritdoc/>
    public override int Next(int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return (int)Below((ulong)maxValue);
    }

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return (int)(minValue + (long)Below((ulong)((long)maxValue - minValue)));
    }

    /// <inheritdoc/>
    public override long NextInt64() => NextInt64(long.MaxValue);

    /// <inheritdoc/>
    public override long NextInt64(long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return (long)Below((ulong)maxValue);
    }

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return minValue + (long)Below((ulong)(maxValue - minValue));
    }

    /// <inheritdoc/>
    public override double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <inheritdoc/>
    public override float NextSingle() => (NextUInt64() >> 40) * (1.0f / (1U << 24));

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        NextBytes(buffer.AsSpan());
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[8];
        while (buffer.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, NextUInt64());
            int length = Math.Min(8, buffer.Length);
            word[..length].CopyTo(buffer);
            buffer = buffer[length..];
        }
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    // Lemire's multiply-and-reject (2019): unbiased, and one draw in nearly all cases.
    private ulong Below(ulong bound)
    {
        if (bound <= 1)
        {
            return 0;
        }
        ulong high = Math.BigMul(NextUInt64(), bound, out ulong low);
        if (low < bound)
        {
            ulong threshold = (0 - bound) % bound;
            while (low < threshold)
            {
                high = Math.BigMul(NextUInt64(), bound, out low);
            }
        }
        return high;
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9e3779b97f4a7c15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
