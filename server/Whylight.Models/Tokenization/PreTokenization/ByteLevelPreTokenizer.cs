using System.Text;

namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>
/// GPT-2's pre-tokenization: optionally a space before the text, optionally the split of
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, then every byte as a printable character.
/// </summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    public bool AddsPrefixSpace => addPrefixSpace;

    public bool UsesRegex => useRegex;

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    public List<Piece> Split(List<Piece> pieces)
    {
        List<(Piece Piece, bool Prefixed)> parts = new(pieces.Count * 8);
        foreach (Piece piece in pieces)
        {
            bool prefix = addPrefixSpace && piece.Characters[0] != ' ';
            if (!useRegex)
            {
                parts.Add((piece, prefix));
                continue;
            }
            // A prefixed space joins the first run unless that run is white space, which it then precedes.
            ReadOnlySpan<char> characters = prefix ? string.Concat(" ", piece.Characters) : piece.Characters;
            int shift = prefix ? 1 : 0;
            for (int i = 0; i < characters.Length; )
            {
                int to = EndOfRun(characters, i);
                int from = Math.Max(0, i - shift);
                parts.Add((new Piece(piece.Text, piece.From + from, piece.From + to - shift), prefix && i == 0));
                i = to;
            }
        }
        if (OneByteEach(parts) is List<Piece> mapped)
        {
            return mapped;
        }
        int length = 0;
        foreach ((Piece piece, _) in parts)
        {
            length += piece.To - piece.From + 1;
        }
        AlignedTextBuilder builder = new(length + length / 4);
        List<(int From, int To)> bounds = new(parts.Count);
        foreach ((Piece piece, bool prefixed) in parts)
        {
            int from = builder.Length;
            AlignedText text = piece.Text;
            if (prefixed)
            {
                // The prefix stands for no text. It may be a run of its own, before a tab for example.
                int start = text.StartOf(piece.From);
                builder.Append(ByteAlphabet.CharacterOf((byte)' '), start, start);
            }
            for (int i = piece.From; i < piece.To; )
            {
                char c = text.Characters[i];
                if (c < 0x80)
                {
                    builder.Append(ByteAlphabet.CharacterOf((byte)c), text.StartOf(i), text.EndOf(i));
                    i++;
                    continue;
                }
                Rune.DecodeFromUtf16(text.Characters[i..], out Rune rune, out int count);
                ByteAlphabet.Append(builder, rune, text.StartOf(i), text.EndOf(i));
                i += count;
            }
            bounds.Add((from, builder.Length));
        }
        AlignedText bytes = builder.Build();
        List<Piece> result = new(bounds.Count);
        foreach ((int from, int to) in bounds)
        {
            result.Add(new Piece(bytes, from, to));
        }
        return result;
    }

    /// <summary>ASCII pieces of one text without prefix, which keep their places; null for others.</summary>
    private static List<Piece>? OneByteEach(List<(Piece Piece, bool Prefixed)> parts)
    {
        if (parts.Count == 0)
        {
            return [];
        }
        AlignedText text = parts[0].Piece.Text;
        if (!Ascii.IsValid(text.Characters) || parts.Exists(p => p.Prefixed || p.Piece.Text != text))
        {
            return null;
        }
        char[] characters = new char[text.Length];
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = ByteAlphabet.CharacterOf((byte)text.Characters[i]);
        }
        AlignedText bytes = text.With(characters);
        return [.. parts.Select(p => new Piece(bytes, p.Piece.From, p.Piece.To))];
    }

    /// <summary>One past the match of GPT-2's pattern at <paramref name="at"/>; some alternative always matches.</summary>
    internal static int EndOfRun(ReadOnlySpan<char> text, int at)
    {
        char c = text[at];
        if (c == '\'' && Contraction(text[(at + 1)..]) is int tail and > 0)
        {
            return at + 1 + tail;
        }
        Kind kind = KindAt(text, at, out int count);
        if (kind == Kind.Space)
        {
            if (c == ' ' && at + 1 < text.Length && KindAt(text, at + 1, out _) is not Kind.Space and var next)
            {
                return EndOfKind(text, at + 1, next);
            }
            int end = EndOfKind(text, at, Kind.Space);
            // `\s+(?!\S)` leaves the last space of a run to the word after it; all white space is one UTF-16 unit.
            return end == text.Length || end - at == 1 ? end : end - 1;
        }
        return EndOfKind(text, at + count, kind);
    }

    private static int Contraction(ReadOnlySpan<char> text) =>
        text.StartsWith("s") || text.StartsWith("t") || text.StartsWith("m") || text.StartsWith("d") ? 1
        : text.StartsWith("re") || text.StartsWith("ve") || text.StartsWith("ll") ? 2
        : 0;

    private static int EndOfKind(ReadOnlySpan<char> text, int at, Kind kind)
    {
        while (at < text.Length && KindAt(text, at, out int count) == kind)
        {
            at += count;
        }
        return at;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int at, out int count)
    {
        char c = text[at];
        if (c < 0x80)
        {
            count = 1;
            return char.IsAsciiLetter(c) ? Kind.Letter
                : char.IsAsciiDigit(c) ? Kind.Number
                : char.IsWhiteSpace(c) ? Kind.Space
                : Kind.Other;
        }
        Rune.DecodeFromUtf16(text[at..], out Rune rune, out count);
        return Rune.IsLetter(rune) ? Kind.Letter
            : CharacterClass.IsNumber(rune) ? Kind.Number
            : Rune.IsWhiteSpace(rune) ? Kind.Space
            : Kind.Other;
    }
}
