using System.Globalization;

namespace Whylight.Explanations.Rendering;

/// <summary>A colour with 8 bits a channel.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    /// <summary>#rrggbb.</summary>
    public string Hex => string.Create(CultureInfo.InvariantCulture, $"#{Red:x2}{Green:x2}{Blue:x2}");

    /// <summary>#rrggbbaa.</summary>
    /// <param name="opacity">0 to 1.</param>
    public string HexWith(double opacity) =>
        Hex + ((int)Math.Round(Math.Clamp(opacity, 0, 1) * 255)).ToString("x2", CultureInfo.InvariantCulture);

    /// <summary>This colour laid over another.</summary>
    /// <param name="under">The colour below.</param>
    /// <param name="opacity">0 shows the colour below, 1 this one.</param>
    public Rgb Over(Rgb under, double opacity)
    {
        byte Mix(byte a, byte b) => (byte)Math.Round(a * opacity + b * (1 - opacity));
        return new Rgb(Mix(Red, under.Red), Mix(Green, under.Green), Mix(Blue, under.Blue));
    }

    /// <summary>Contrast with another colour, 1 to 21 (WCAG 2.2).</summary>
    public double Contrast(Rgb other)
    {
        double a = Luminance;
        double b = other.Luminance;
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>Relative luminance, 0 to 1 (WCAG 2.2).</summary>
    private double Luminance
    {
        get
        {
            static double Linear(byte channel)
            {
                double c = channel / 255.0;
                return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
            }
            return 0.2126 * Linear(Red) + 0.7152 * Linear(Green) + 0.0722 * Linear(Blue);
        }
    }
}

/// <summary>The colours of text and lines on one kind of background.</summary>
/// <param name="Paper">The background.</param>
/// <param name="Card">The background of a box on it.</param>
/// <param name="Ink">Text.</param>
/// <param name="Dim">Text of less weight.</param>
/// <param name="Rule">Axes and frames that must be seen.</param>
/// <param name="Hair">Lines that only help the eye.</param>
public sealed record Scheme(Rgb Paper, Rgb Card, Rgb Ink, Rgb Dim, Rgb Rule, Rgb Hair);

/// <summary>
/// Blue speaks for, orange against: the pair that people with any common colour blindness tell apart (after Okabe and Ito).
/// Both, and the purple of scores without a sign, stand out from light and dark backgrounds by 3 : 1; text on their tints
/// by 4.5 : 1.
/// </summary>
public static class Palette
{
    /// <summary>Towards the target.</summary>
    public static Rgb For { get; } = new(0x1f, 0x8a, 0xd6);

    /// <summary>Away from the target.</summary>
    public static Rgb Against { get; } = new(0xcf, 0x70, 0x08);

    /// <summary>Scores that are neither, such as shares of attention.</summary>
    public static Rgb Signless { get; } = new(0x8a, 0x6f, 0xd1);

    /// <summary>Grounds and frames that mean nothing by themselves.</summary>
    public static Rgb Neutral { get; } = new(0x80, 0x80, 0x80);

    /// <summary>On light backgrounds.</summary>
    public static Scheme Light { get; } =
        new(
            new(0xff, 0xff, 0xff),
            new(0xf6, 0xf8, 0xfa),
            new(0x1f, 0x23, 0x28),
            new(0x59, 0x63, 0x6e),
            new(0x81, 0x8b, 0x98),
            new(0xd1, 0xd9, 0xe0)
        );

    /// <summary>On dark backgrounds.</summary>
    public static Scheme Dark { get; } =
        new(
            new(0x16, 0x19, 0x1d),
            new(0x1f, 0x24, 0x2b),
            new(0xe6, 0xed, 0xf3),
            new(0x91, 0x98, 0xa1),
            new(0x6e, 0x76, 0x81),
            new(0x3d, 0x44, 0x4d)
        );

    /// <summary>Most opaque tint behind text.</summary>
    public const double MostOpacity = 0.52;

    /// <summary>The colour of a score.</summary>
    /// <param name="score">The score.</param>
    /// <param name="hasSign">Whether the sign means for or against.</param>
    public static Rgb Of(double score, bool hasSign = true) =>
        !hasSign ? Signless
        : score >= 0 ? For
        : Against;

    /// <summary>Opacity of a tint: 0 for no score, at most <see cref="MostOpacity"/> so that text on it stays readable.</summary>
    /// <param name="score">A score.</param>
    /// <param name="largest">Largest absolute score of the explanation.</param>
    public static double Opacity(double score, double largest) =>
        largest <= 0 ? 0 : MostOpacity * Math.Pow(Math.Min(1, Math.Abs(score) / largest), 0.8);
}
