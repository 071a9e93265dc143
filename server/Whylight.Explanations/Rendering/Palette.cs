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
}

/// <summary>
/// Blue speaks for, orange against: the pair that people with any common colour blindness tell apart (after Okabe and Ito).
/// </summary>
public static class Palette
{
    /// <summary>Towards the target.</summary>
    public static Rgb For { get; } = new(0x1f, 0x8a, 0xd6);

    /// <summary>Away from the target.</summary>
    public static Rgb Against { get; } = new(0xe0, 0x7b, 0x12);

    /// <summary>Neither, and lines and small text that must read on light and dark alike.</summary>
    public static Rgb Neutral { get; } = new(0x80, 0x80, 0x80);

    /// <summary>The colour of a sign.</summary>
    public static Rgb Of(double score) => score >= 0 ? For : Against;

    /// <summary>Opacity of a background: 0 for no score, at most 0.62 so that text on it stays readable.</summary>
    /// <param name="score">A score.</param>
    /// <param name="largest">Largest absolute score of the explanation.</param>
    public static double Opacity(double score, double largest) =>
        largest <= 0 ? 0 : 0.62 * Math.Pow(Math.Min(1, Math.Abs(score) / largest), 0.8);
}
