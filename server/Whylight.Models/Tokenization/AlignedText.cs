using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>
/// Text on its way through normalisation: UTF-16 code units, each with the range of the original text it came from.
/// Holds no lone surrogate; both halves of a surrogate pair carry the same range.
/// </summary>
internal sealed class AlignedText
{
    private readonly char[] characters;

    /// <summary>Ranges of the characters; null where each character stands for itself, <see cref="shift"/> places further on.</summary>
    private readonly int[]? starts;
    private readonly int[]? ends;
    private readonly int shift;

    internal AlignedText(char[] characters, int[] starts, int[] ends, int length)
    {
        this.characters = characters;
        this.starts = starts;
        this.ends = ends;
        Length = length;
    }

    private AlignedText(char[] characters, int[]? starts, int[]? ends, int length, int shift)
    {
        this.characters = characters;
        this.starts = starts;
        this.ends = ends;
        this.shift = shift;
        Length = length;
    }

    public int Length { get; }

    /// <summary>True where this is the last part of an original text, straight from <see cref="Of"/>.</summary>
    public bool ReachesEnd { get; private init; }

    public ReadOnlySpan<char> Characters => characters.AsSpan(0, Length);

    public int StartOf(int index) => starts is null ? shift + index : starts[index];

    public int EndOf(int index) => ends is null ? shift + index + 1 : ends[index];

    /// <summary>Original range of the characters [from, to), which must not be empty.</summary>
    public (int Start, int End) Original(int from, int to) => (StartOf(from), EndOf(to - 1));

    /// <summary>Copies the characters [from, to) and their ranges.</summary>
    public void CopyTo(int from, int to, Span<char> toCharacters, Span<int> toStarts, Span<int> toEnds)
    {
        int count = to - from;
        characters.AsSpan(from, count).CopyTo(toCharacters);
        if (starts is not null)
        {
            starts.AsSpan(from, count).CopyTo(toStarts);
            ends.AsSpan(from, count).CopyTo(toEnds);
            return;
        }
        for (int i = 0; i < count; i++)
        {
            toStarts[i] = shift + from + i;
            toEnds[i] = shift + from + i + 1;
        }
    }

    /// <summary>The same ranges under other characters, one for each.</summary>
    public AlignedText With(char[] others) => new(others, starts, ends, Length, shift);

    /// <summary>The part [from, to) of an original text, each character standing for itself.</summary>
    public static AlignedText Of(string text, int from, int to)
    {
        int length = to - from;
        char[] characters = new char[length];
        text.CopyTo(from, characters, 0, length);
        bool reachesEnd = to == text.Length;
        if (characters.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return new AlignedText(characters, null, null, length, from) { ReachesEnd = reachesEnd };
        }
        int[] starts = new int[length];
        int[] ends = new int[length];
        for (int i = 0; i < length; i++)
        {
            char c = characters[i];
            starts[i] = from + i;
            ends[i] = from + i + 1;
            if (char.IsSurrogate(c))
            {
                if (char.IsHighSurrogate(c) && i + 1 < length && char.IsLowSurrogate(characters[i + 1]))
                {
                    starts[i + 1] = from + i;
                    ends[i] = ends[i + 1] = from + i + 2;
                    i++;
                }
                else
                {
                    characters[i] = (char)Rune.ReplacementChar.Value;
                }
            }
        }
        return new AlignedText(characters, starts, ends, length) { ReachesEnd = reachesEnd };
    }

    public override string ToString() => new(characters, 0, Length);
}
