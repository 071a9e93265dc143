using Whylight.Explanations.Rendering;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>WCAG 2.2: text stands out by 4.5 : 1, marks by 3 : 1, on every background that we draw or meet.</summary>
public sealed class PaletteTests
{
    public static TheoryData<bool> Schemes() => [false, true];

    [Fact]
    public void Contrast_is_that_of_the_standard()
    {
        Rgb white = new(255, 255, 255);
        Assert.Equal(21, white.Contrast(new Rgb(0, 0, 0)), 1e-9);
        Assert.Equal(1, white.Contrast(white), 1e-9);
        // The grey that the standard's own material names as just enough on white.
        Assert.Equal(4.54, white.Contrast(new Rgb(0x76, 0x76, 0x76)), 0.005);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Text_and_marks_stand_out(bool dark)
    {
        Scheme scheme = dark ? Palette.Dark : Palette.Light;
        foreach (Rgb background in new[] { scheme.Paper, scheme.Card })
        {
            Assert.True(scheme.Ink.Contrast(background) >= 4.5);
            Assert.True(scheme.Dim.Contrast(background) >= 4.5);
            foreach (Rgb mark in new[] { Palette.For, Palette.Against, Palette.Signless })
            {
                Assert.True(mark.Contrast(background) >= 3, $"{mark.Hex} on {background.Hex}");
                Rgb tint = mark.Over(background, Palette.MostOpacity);
                Assert.True(scheme.Ink.Contrast(tint) >= 4.5, $"text on {mark.Hex} over {background.Hex}");
            }
        }
    }

    /// <summary>Text and hover backgrounds of Visual Studio Code's default themes, dark and light.</summary>
    [Theory]
    [InlineData(0xcccccc, 0x202020)]
    [InlineData(0x3b3b3b, 0xf8f8f8)]
    public void Text_of_a_hover_stands_out_from_the_tints(int ink, int background)
    {
        foreach (Rgb mark in new[] { Palette.For, Palette.Against, Palette.Signless })
        {
            Assert.True(Colour(ink).Contrast(mark.Over(Colour(background), Palette.MostOpacity)) >= 4.5);
        }
    }

    [Theory]
    [InlineData(TerminalColour.TrueColour)]
    [InlineData(TerminalColour.Ansi256)]
    public void Black_text_stands_out_from_every_shade_of_the_terminal(TerminalColour colour)
    {
        string text = TerminalRenderer.Render(Samples.Review(), Messages.English, colour);
        Rgb[] shades =
        [
            .. text.Split("\u001b[30;48;")
                .Skip(1)
                .Select(s => s[..s.IndexOf('m', StringComparison.Ordinal)].Split(';').Select(int.Parse).ToArray())
                .Select(n => n[0] == 2 ? new Rgb((byte)n[1], (byte)n[2], (byte)n[3]) : Cube(n[1])),
        ];
        Assert.True(shades.Length >= 5);
        Assert.All(shades, s => Assert.True(s.Contrast(new Rgb(0, 0, 0)) >= 4.5, s.Hex));
    }

    [Fact]
    public void Tints_grow_with_the_score_and_stay_below_the_limit()
    {
        double[] opacities = [.. Enumerable.Range(0, 11).Select(i => Palette.Opacity(-i / 10.0, 1))];
        Assert.Equal(0, opacities[0]);
        Assert.Equal(Palette.MostOpacity, opacities[^1], 1e-12);
        Assert.Equal(opacities.Order(), opacities);
        Assert.Equal(0, Palette.Opacity(1, 0));
    }

    private static Rgb Colour(int hex) => new((byte)(hex >> 16), (byte)(hex >> 8), (byte)hex);

    /// <summary>An entry of the terminal's 6 x 6 x 6 cube.</summary>
    private static Rgb Cube(int entry)
    {
        byte Channel(int level) => (byte)(level == 0 ? 0 : 55 + 40 * level);
        int i = entry - 16;
        return new(Channel(i / 36), Channel(i / 6 % 6), Channel(i % 6));
    }
}
