using System.Globalization;
using System.Text;

namespace Whylight.Documents;

/// <summary>The Word_Break classes of UAX #29 that decide between two grapheme clusters, and the tailored ones.</summary>
internal enum WordBreakClass
{
    Space,
    Letter,
    HebrewLetter,
    Katakana,
    Numeric,
    Connector,
    SingleQuote,
    DoubleQuote,
    MidLetter,
    MidNumber,
    MidBoth,
    Han,
    Single,
    Punctuation,
    Emoji,
    Format,
    Other,
}

/// <summary>
/// Word_Break by general category and range: .NET knows general categories but not the Word_Break property, which
/// UAX #29 derives from them with the exceptions listed here.
/// </summary>
internal static class WordBreakClasses
{
    public static WordBreakClass Of(ReadOnlySpan<char> cluster)
    {
        char first = cluster[0];
        if (cluster.Length == 1 && first < 128)
        {
            return OfAscii(first);
        }
        if (Rune.DecodeFromUtf16(cluster, out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
        {
            return WordBreakClass.Other;
        }
        ReadOnlySpan<char> rest = cluster[used..];
        if (rest.Contains('\u20E3'))
        {
            return WordBreakClass.Emoji; // a keycap such as 3 + U+FE0F + U+20E3
        }
        WordBreakClass known = OfRune(rune);
        if (known == WordBreakClass.Space && rest.Length > 0 && !IsLineBreak(rest[0]))
        {
            return WordBreakClass.Other; // a mark standing on a space is visible
        }
        if (known is WordBreakClass.Punctuation && rest.Contains('\uFE0F'))
        {
            return WordBreakClass.Emoji;
        }
        if (known is WordBreakClass.Other && rest.Length > 0 && IsPrepended(rune.Value))
        {
            return Of(rest);
        }
        return known;
    }

    private static WordBreakClass OfAscii(char c) =>
        c switch
        {
            (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => WordBreakClass.Letter,
            >= '0' and <= '9' => WordBreakClass.Numeric,
            ' ' or (>= '\t' and <= '\r') => WordBreakClass.Space,
            '\'' => WordBreakClass.SingleQuote,
            '"' => WordBreakClass.DoubleQuote,
            '.' => WordBreakClass.MidBoth,
            ',' or ';' => WordBreakClass.MidNumber,
            '_' => WordBreakClass.Connector,
            < ' ' or '\x7f' => WordBreakClass.Other,
            _ => WordBreakClass.Punctuation,
        };

    private static WordBreakClass OfRune(Rune rune)
    {
        int v = rune.Value;
        if (v < 128)
        {
            return OfAscii((char)v);
        }
        if (IsHan(v))
        {
            return WordBreakClass.Han;
        }
        if (IsEmoji(v))
        {
            return WordBreakClass.Emoji;
        }
        switch (v)
        {
            case 0x2018 or 0x2019 or 0x2024 or 0xFE52 or 0xFF07 or 0xFF0E:
                return WordBreakClass.MidBoth;
            case 0x00B7 or 0x0387 or 0x055F or 0x05F4 or 0x2027:
                return WordBreakClass.MidLetter;
            case 0x037E
            or 0x0589
            or 0x060C
            or 0x060D
            or 0x066C
            or 0x07F8
            or 0x2044
            or 0xFE10
            or 0xFE14
            or 0xFE50
            or 0xFE54
            or 0xFF0C
            or 0xFF1B:
                return WordBreakClass.MidNumber;
            case 0x202F:
                return WordBreakClass.Space;
            case 0x066B:
                return WordBreakClass.Numeric;
            case (>= 0x3031 and <= 0x3035) or 0x309B or 0x309C or (>= 0x30A0 and <= 0x30FA):
            case (>= 0x30FC and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0xFF66 and <= 0xFF9D) or 0x1B000:
            case (>= 0x32D0 and <= 0x32FE) or (>= 0x3300 and <= 0x3357) or (>= 0x1B164 and <= 0x1B167):
                return WordBreakClass.Katakana;
            case (>= 0x3041 and <= 0x309F) or (>= 0x1B001 and <= 0x1B152) or 0x1F200:
                return WordBreakClass.Single;
            case 0xFEFF:
                return WordBreakClass.Format;
            case (>= 0x02D2 and <= 0x02D7) or 0x02DE or 0x02DF or (>= 0x02E5 and <= 0x02EB) or 0x02ED:
            case (>= 0x02EF and <= 0x02FF) or 0x055A or 0x055B or 0x055C or 0x055E or 0x058A or 0x05F3:
            case (>= 0x24B6 and <= 0x24E9)
            or (>= 0xA708 and <= 0xA716)
            or 0xA720
            or 0xA721
            or 0xA789
            or 0xA78A
            or 0xAB5B:
                return WordBreakClass.Letter;
        }
        if (Rune.IsWhiteSpace(rune))
        {
            return WordBreakClass.Space;
        }
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.UppercaseLetter:
            case UnicodeCategory.LowercaseLetter:
            case UnicodeCategory.TitlecaseLetter:
            case UnicodeCategory.ModifierLetter:
            case UnicodeCategory.OtherLetter:
            case UnicodeCategory.LetterNumber:
                return v is >= 0x05D0 and <= 0x05F2 or >= 0xFB1D and <= 0xFB4F ? WordBreakClass.HebrewLetter
                    : IsComplexContext(v) || IsOtherIdeograph(v) ? WordBreakClass.Single
                    : WordBreakClass.Letter;
            case UnicodeCategory.DecimalDigitNumber:
                return WordBreakClass.Numeric;
            case UnicodeCategory.OtherNumber:
                return WordBreakClass.Single; // a fraction or superscript is not a digit of the number beside it
            case UnicodeCategory.ConnectorPunctuation:
                return WordBreakClass.Connector;
            case UnicodeCategory.DashPunctuation:
            case UnicodeCategory.OpenPunctuation:
            case UnicodeCategory.ClosePunctuation:
            case UnicodeCategory.InitialQuotePunctuation:
            case UnicodeCategory.FinalQuotePunctuation:
            case UnicodeCategory.OtherPunctuation:
            case UnicodeCategory.MathSymbol:
            case UnicodeCategory.CurrencySymbol:
            case UnicodeCategory.ModifierSymbol:
            case UnicodeCategory.OtherSymbol:
                return WordBreakClass.Punctuation;
            case UnicodeCategory.Format when v is not (0x200B or 0x200C or 0x200D) && !IsPrepended(v):
                return WordBreakClass.Format;
            default:
                return WordBreakClass.Other;
        }
    }

    private static bool IsLineBreak(char c) => c is '\r' or '\n';

    public static bool IsHan(int v) =>
        v
            is 0x3005
                or 0x3007
                or (>= 0x3021 and <= 0x3029)
                or (>= 0x3038 and <= 0x303B)
                or (>= 0x2E80 and <= 0x2FD5)
                or (>= 0x3400 and <= 0x4DBF)
                or (>= 0x4E00 and <= 0x9FFF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x20000 and <= 0x3FFFD);

    private static bool IsOtherIdeograph(int v) =>
        v is 0x3006 or (>= 0x17000 and <= 0x18CFF) or (>= 0x18D00 and <= 0x18DFF) or (>= 0x1B170 and <= 0x1B2FF);

    private static bool IsPrepended(int v) =>
        v is (>= 0x0600 and <= 0x0605) or 0x06DD or 0x070F or 0x0890 or 0x0891 or 0x08E2 or 0x110BD or 0x110CD;

    private static bool IsEmoji(int v) =>
        v
            is (>= 0x1F000 and <= 0x1F0FF)
                or (>= 0x1F10D and <= 0x1F10F)
                or (>= 0x1F16C and <= 0x1F171)
                or (>= 0x1F17E and <= 0x1F17F)
                or 0x1F18E
                or (>= 0x1F191 and <= 0x1F19A)
                or (>= 0x1F1E6 and <= 0x1F1FF)
                or (>= 0x1F201 and <= 0x1F6FF)
                or (>= 0x1F774 and <= 0x1F77F)
                or (>= 0x1F7D5 and <= 0x1F7FF)
                or (>= 0x1F90C and <= 0x1FAFF)
                or (>= 0x2600 and <= 0x27BF and not (>= 0x2768 and <= 0x2775) and not (>= 0x276A and <= 0x2793))
                or 0x231A
                or 0x231B
                or 0x2328
                or 0x23CF
                or (>= 0x23E9 and <= 0x23F3)
                or (>= 0x23F8 and <= 0x23FA)
                or 0x2B1B
                or 0x2B1C
                or 0x2B50
                or 0x2B55
                or 0x2795
                or 0x2796
                or 0x2797;

    // Line_Break=SA: scripts without spaces, whose words need a dictionary; UAX #29 then breaks at every cluster.
    private static bool IsComplexContext(int v) =>
        v
            is (>= 0x0E00 and <= 0x0EFF)
                or (>= 0x1000 and <= 0x109F)
                or (>= 0x1780 and <= 0x17DF)
                or (>= 0x1950 and <= 0x19DF)
                or (>= 0x1A20 and <= 0x1AAF)
                or (>= 0xA9E0 and <= 0xA9FF)
                or (>= 0xAA60 and <= 0xAADF)
                or (>= 0x11700 and <= 0x1174F);
}
