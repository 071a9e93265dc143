using System.Globalization;

namespace Whylight.Documents;

/// <summary>
/// Splits text into words and sentences after UAX #29 (Unicode text segmentation), tailored so that every word can carry
/// a score: a run of punctuation is one word, white space belongs to none, each Han character is its own.
/// </summary>
public static class Words
{
    /// <summary>
    /// The words of a text in order, without overlap, covering every character that is not white space and never
    /// cutting a grapheme cluster.
    /// </summary>
    /// <remarks>
    /// UAX #29 default word boundaries over extended grapheme clusters, the colon not joining letters. Scripts that need
    /// a dictionary (Thai, Lao, Khmer, Burmese) and Hiragana get one word a cluster, as the default rules say.
    /// </remarks>
    public static IReadOnlyList<Word> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<Word> words = new(text.Length / 5);
        for (int at = 0; at < text.Length; )
        {
            Unit unit = Next(text, at);
            at = unit.Class switch
            {
                WordBreakClass.Space => unit.End,
                WordBreakClass.Connector => AfterConnectors(text, unit, words),
                _ when IsWordLike(unit.Class) => AfterLetters(text, unit, unit.Start, words),
                _ when IsPunctuation(unit.Class) => AfterPunctuation(text, unit, words),
                _ => After(new Word(unit.Start, unit.End, KindOf(unit.Class)), words),
            };
        }
        return words;
    }

    /// <summary>
    /// The sentences of a text in order, without the white space between them: a sentence ends after a terminator
    /// (. ! ? … and their East Asian forms, closing quotes and brackets included) or at a blank line or line break.
    /// </summary>
    /// <remarks>
    /// UAX #29 sentence boundaries: a full stop does not end a sentence before a lower-case letter, inside a number, or
    /// after a single capital (an initial). Abbreviations beyond that are not known.
    /// </remarks>
    public static IReadOnlyList<Sentence> Sentences(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<Sentence> sentences = [];
        int start = 0;
        int i = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (c is '\n' or '\r' or '\u2028' or '\u2029' or '\u0085')
            {
                Close(text, sentences, start, i);
                start = ++i;
                continue;
            }
            if (!IsTerminator(c))
            {
                i++;
                continue;
            }
            int end = i;
            bool onlyStops = true;
            bool wide = false;
            while (end < text.Length && IsTerminator(text[end]))
            {
                onlyStops &= text[end] is '.' or '\u2024';
                wide |= text[end] >= '\u3000';
                end++;
            }
            int stop = i;
            while (end < text.Length && IsCloser(text[end]))
            {
                end++;
            }
            i = end;
            if (end < text.Length && !char.IsWhiteSpace(text[end]) && !wide)
            {
                continue;
            }
            if (onlyStops && (IsInitial(text, stop) || NextLetterIsLower(text, end)))
            {
                continue;
            }
            Close(text, sentences, start, end);
            start = end;
        }
        Close(text, sentences, start, text.Length);
        return sentences;
    }

    // WB5 to WB13b: letters, numbers and Katakana, and the marks that join them.
    private static int AfterLetters(string text, Unit first, int start, List<Word> words)
    {
        bool number = first.Class == WordBreakClass.Numeric;
        Unit last = first;
        while (true)
        {
            // Most words are plain ASCII letters, which need no look at clusters.
            int end = last.End;
            while (
                end + 1 < text.Length && char.IsAsciiLetter(text[end]) && text[end + 1] < 0x80 && IsLetter(last.Class)
            )
            {
                end++;
            }
            if (end > last.End)
            {
                last = new Unit(end - 1, end, WordBreakClass.Letter);
                number = false;
            }
            Unit next = Next(text, last.End);
            if (JoinsDirectly(last.Class, next.Class))
            {
                last = next;
            }
            else if (last.Class == WordBreakClass.HebrewLetter && next.Class == WordBreakClass.SingleQuote)
            {
                Unit beyond = Next(text, next.End);
                last = IsLetter(beyond.Class) ? beyond : next;
            }
            else if (
                IsMid(next.Class)
                && Next(text, next.End) is { } beyond
                && JoinsAcross(last.Class, next.Class, beyond.Class)
            )
            {
                last = beyond;
            }
            else
            {
                break;
            }
            number &= last.Class is WordBreakClass.Numeric;
        }
        return After(new Word(start, last.End, number ? WordKind.Number : WordKind.Letters), words);
    }

    // WB13a and WB13b: connectors belong to the word after them; alone they are punctuation.
    private static int AfterConnectors(string text, Unit first, List<Word> words)
    {
        Unit beyond = Next(text, EndOfConnectors(text, first));
        return IsWordLike(beyond.Class)
            ? AfterLetters(text, beyond, first.Start, words)
            : AfterPunctuation(text, first, words);
    }

    private static int AfterPunctuation(string text, Unit first, List<Word> words)
    {
        int end = first.Class == WordBreakClass.Connector ? EndOfConnectors(text, first) : first.End;
        while (true)
        {
            Unit next = Next(text, end);
            if (next.Class == WordBreakClass.Connector)
            {
                int beyond = EndOfConnectors(text, next);
                if (IsWordLike(Next(text, beyond).Class))
                {
                    break;
                }
                end = beyond;
            }
            else if (IsPunctuation(next.Class))
            {
                end = next.End;
            }
            else
            {
                break;
            }
        }
        return After(new Word(first.Start, end, WordKind.Punctuation), words);
    }

    private static int EndOfConnectors(string text, Unit connector)
    {
        while (connector.Class == WordBreakClass.Connector && connector.Start < text.Length)
        {
            Unit next = Next(text, connector.End);
            if (next.Class != WordBreakClass.Connector)
            {
                break;
            }
            connector = next;
        }
        return connector.End;
    }

    private static int After(Word word, List<Word> words)
    {
        words.Add(word);
        return word.End;
    }

    private static bool JoinsDirectly(WordBreakClass a, WordBreakClass b) =>
        IsLetterOrNumber(a) && IsLetterOrNumber(b)
        || a == WordBreakClass.Katakana && b == WordBreakClass.Katakana
        || b == WordBreakClass.Connector
        || a == WordBreakClass.Connector && IsWordLike(b);

    private static bool JoinsAcross(WordBreakClass a, WordBreakClass mid, WordBreakClass b) =>
        mid switch
        {
            WordBreakClass.DoubleQuote => a == WordBreakClass.HebrewLetter && b == WordBreakClass.HebrewLetter,
            WordBreakClass.MidLetter => IsLetter(a) && IsLetter(b),
            WordBreakClass.MidNumber => a == WordBreakClass.Numeric && b == WordBreakClass.Numeric,
            _ => IsLetter(a) && IsLetter(b) || a == WordBreakClass.Numeric && b == WordBreakClass.Numeric,
        };

    private static WordKind KindOf(WordBreakClass c) =>
        c switch
        {
            WordBreakClass.Letter or WordBreakClass.HebrewLetter or WordBreakClass.Katakana or WordBreakClass.Single =>
                WordKind.Letters,
            WordBreakClass.Numeric => WordKind.Number,
            WordBreakClass.Han => WordKind.Han,
            WordBreakClass.Emoji => WordKind.Emoji,
            WordBreakClass.Other or WordBreakClass.Format => WordKind.Other,
            _ => WordKind.Punctuation,
        };

    private static bool IsLetter(WordBreakClass c) => c is WordBreakClass.Letter or WordBreakClass.HebrewLetter;

    private static bool IsWordLike(WordBreakClass c) =>
        IsLetter(c) || c is WordBreakClass.Numeric or WordBreakClass.Katakana;

    private static bool IsLetterOrNumber(WordBreakClass c) => IsLetter(c) || c == WordBreakClass.Numeric;

    private static bool IsMid(WordBreakClass c) =>
        c
            is WordBreakClass.SingleQuote
                or WordBreakClass.DoubleQuote
                or WordBreakClass.MidLetter
                or WordBreakClass.MidNumber
                or WordBreakClass.MidBoth;

    private static bool IsPunctuation(WordBreakClass c) =>
        IsMid(c) || c is WordBreakClass.Punctuation or WordBreakClass.Connector;

    private readonly record struct Unit(int Start, int End, WordBreakClass Class);

    // A grapheme cluster with the format characters after it (WB4).
    private static Unit Next(string text, int start)
    {
        if (start >= text.Length)
        {
            return new Unit(start, start, WordBreakClass.Space);
        }
        int end = start + ClusterLength(text, start);
        WordBreakClass found = WordBreakClasses.Of(text.AsSpan(start, end - start));
        if (found != WordBreakClass.Space)
        {
            while (end < text.Length && text[end] >= 0x80)
            {
                int length = ClusterLength(text, end);
                if (WordBreakClasses.Of(text.AsSpan(end, length)) != WordBreakClass.Format)
                {
                    break;
                }
                end += length;
            }
        }
        return new Unit(start, end, found);
    }

    private static int ClusterLength(string text, int start) =>
        text[start] < 0x80 && text[start] != '\r' && (start + 1 == text.Length || text[start + 1] < 0x80)
            ? 1
            : StringInfo.GetNextTextElementLength(text, start);

    private static bool IsTerminator(char c) =>
        c
            is '.'
                or '!'
                or '?'
                or '…'
                or '\u2024'
                or '\u203C'
                or '\u203D'
                or (>= '\u2047' and <= '\u2049')
                or '。'
                or '！'
                or '？'
                or '｡'
                or '．'
                or '\u061F'
                or '\u06D4'
                or '\u0964'
                or '\u0965';

    private static bool IsCloser(char c) =>
        c is '"' or '\'' or ')' or ']' or '}'
        || char.GetUnicodeCategory(c) is UnicodeCategory.ClosePunctuation or UnicodeCategory.FinalQuotePunctuation;

    private static bool IsInitial(string text, int stop) =>
        stop >= 1
        && char.IsUpper(text[stop - 1])
        && (stop == 1 || !char.IsLetterOrDigit(text[stop - 2]))
        && text[stop - 1] != 'I';

    private static bool NextLetterIsLower(string text, int from)
    {
        for (int i = from; i < text.Length && text[i] is not ('\n' or '\r'); i++)
        {
            if (char.IsLetterOrDigit(text[i]))
            {
                return char.IsLower(text[i]);
            }
            if (!char.IsWhiteSpace(text[i]))
            {
                return false;
            }
        }
        return false;
    }

    private static void Close(string text, List<Sentence> sentences, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }
        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }
        if (end > start)
        {
            sentences.Add(new Sentence(start, end));
        }
    }
}
