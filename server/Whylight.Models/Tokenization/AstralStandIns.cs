using System.Globalization;
using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>
/// .NET regular expressions see a character beyond U+FFFF as two surrogates, which are no letters. A shadow text has one UTF-16 unit for
/// every character, a rare one of the same category in place of such a character, so that `\p{L}` and `.` mean what they say.
/// </summary>
internal static class AstralStandIns
{
    /// <summary>Stands in for Han characters beyond U+FFFF.</summary>
    public const char Han = '\u3400';

    /// <summary>The shadow text, and for each of its positions (and its end) the position in the original.</summary>
    public static (char[] Shadow, int[] Positions) Shadow(ReadOnlySpan<char> text)
    {
        char[] shadow = new char[text.Length];
        int[] positions = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int units);
            positions[count] = i;
            shadow[count++] = rune.IsBmp ? (char)rune.Value : Of(rune);
            i += units;
        }
        positions[count] = text.Length;
        return (shadow[..count], positions[..(count + 1)]);
    }

    /// <summary>A character below U+10000 of the same general category.</summary>
    public static char Of(Rune rune) =>
        rune.Value is >= 0x20000 and <= 0x3FFFD && Rune.IsLetter(rune)
            ? Han
            : Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.UppercaseLetter => '\u10A0',
                UnicodeCategory.LowercaseLetter => '\uAB70',
                UnicodeCategory.ModifierLetter => '\uA4F8',
                UnicodeCategory.OtherLetter => '\uA000',
                UnicodeCategory.NonSpacingMark => '\uFE20',
                UnicodeCategory.SpacingCombiningMark => '\u0903',
                UnicodeCategory.DecimalDigitNumber => '\uA620',
                UnicodeCategory.LetterNumber => '\uA6E6',
                UnicodeCategory.OtherNumber => '\uA830',
                UnicodeCategory.ConnectorPunctuation => '\u203F',
                UnicodeCategory.DashPunctuation => '\u2E17',
                UnicodeCategory.OtherPunctuation => '\uA4FE',
                UnicodeCategory.MathSymbol => '\u2A00',
                UnicodeCategory.CurrencySymbol => '\u20A0',
                UnicodeCategory.ModifierSymbol => '\uA700',
                UnicodeCategory.OtherSymbol => '\u2800',
                UnicodeCategory.Format => '\u2061',
                UnicodeCategory.PrivateUse => '\uE000',
                _ => '\u0378',
            };
}
