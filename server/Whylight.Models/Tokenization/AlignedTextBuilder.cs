using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>Builds an <see cref="AlignedText"/> from left to right.</summary>
internal sealed class AlignedTextBuilder
{
    private char[] characters;
    private int[] starts;
    private int[] ends;

    public AlignedTextBuilder(int capacity)
    {
        capacity = Math.Max(capacity, 16);
        characters = new char[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
    }

    public int Length { get; private set; }

    public void Append(char c, int start, int end)
    {
        if (Length == characters.Length)
        {
            Grow(Length + 1);
        }
        characters[Length] = c;
        starts[Length] = start;
        ends[Length] = end;
        Length++;
    }

    public void Append(Rune rune, int start, int end)
    {
        Span<char> units = stackalloc char[2];
        int count = rune.EncodeToUtf16(units);
        for (int i = 0; i < count; i++)
        {
            Append(units[i], start, end);
        }
    }

    public void Append(ReadOnlySpan<char> text, int start, int end)
    {
        foreach (char c in text)
        {
            Append(c, start, end);
        }
    }

    /// <summary>Appends the characters [from, to) of <paramref name="source"/> with their ranges.</summary>
    public void Append(AlignedText source, int from, int to)
    {
        int count = to - from;
        if (Length + count > characters.Length)
        {
            Grow(Length + count);
        }
        source.CopyTo(from, to, characters.AsSpan(Length), starts.AsSpan(Length), ends.AsSpan(Length));
        Length += count;
    }

    public AlignedText Build() => new(characters, starts, ends, Length);

    private void Grow(int needed)
    {
        int capacity = Math.Max(needed, characters.Length * 2);
        Array.Resize(ref characters, capacity);
        Array.Resize(ref starts, capacity);
        Array.Resize(ref ends, capacity);
    }
}
