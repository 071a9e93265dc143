using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>
/// Text on its way through normalisation: UTF-16 code units, each with the range of the original text it came from.
/// Holds no lone surrogate; both halves of a surrogate pair carry the same range.
/// </summary>
internal sealed class AlignedText
{
    private readonly char[] characters;
    private readonly int[] starts;
    private readonly int[] ends;

    internal AlignedText(char[] characters, int[] starts, int[] ends, int length)
    {
        this.characters = characters;
        this.starts = starts;
        this.ends = ends;
        Length = length;
    }

    public int Length { get; }

    /// <summary>True where this is the last part of an original text, straight from <see cref="Of"/>.</summary>
    public bool ReachesEnd { get; private init; }

    public ReadOnlySpan<char> Characters => characters.AsSpan(0, Length);

    public int StartOf(int index) => starts[index];

    public int EndOf(int index) => ends[index];

    /// <summary>Original range of the characters [from, to), which must not be empty.</summary>
    public (int Start, int End) Original(int from, int to) => (starts[from], ends[to - 1]);

    /// <summary>Copies the characters [from, to) and their ranges.</summary>
    public void CopyTo(int from, int to, Span<char> toCharacters, Span<int> toStarts, Span<int> toEnds)
    {
        characters.AsSpan(from, to - from).CopyTo(toCharacters);
        starts.AsSpan(from, to - from).CopyTo(toStarts);
        ends.AsSpan(from, to - from).CopyTo(toEnds);
    }

    /// <summary>The part [from, to) of an original text, each character standing for itself.</summary>
    public static AlignedText Of(string text, int from, int to)
    {
        int length = to - from;
        char[] characters = new char[length];
        int[] starts = new int[length];
        int[] ends = new int[length];
        for (int i = 0; i < length; i++)
        {
            char c = text[from + i];
            characters[i] = c;
            starts[i] = from + i;
            ends[i] = from + i + 1;
            if (char.IsSurrogate(c))
            {
                if (char.IsHighSurrogate(c) && i + 1 < length && char.IsLowSurrogate(text[from + i + 1]))
                {
                    characters[i + 1] = text[from + i + 1];
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
        return new AlignedText(characters, starts, ends, length) { ReachesEnd = to == text.Length };
    }

    public override string ToString() => new(characters, 0, Length);
}
