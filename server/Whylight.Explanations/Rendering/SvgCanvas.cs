using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>Where a chart will be looked at.</summary>
public enum SvgTheme
{
    /// <summary>A picture of its own: draws its own background, light or dark as the viewer prefers.</summary>
    Adaptive,

    /// <summary>Inside our own HTML: colours come from the page's variables.</summary>
    Page,
}

/// <summary>How a piece of text is set.</summary>
internal enum SvgText
{
    /// <summary>Words and numbers of a chart.</summary>
    Plain,

    /// <summary>In the quieter colour and smaller: legends, notes.</summary>
    Dim,

    /// <summary>A heading within a picture.</summary>
    Heading,

    /// <summary>The picture's title.</summary>
    Title,

    /// <summary>The explained text itself.</summary>
    Body,
}

/// <summary>
/// Writes one SVG document from top to bottom: escaped text, short numbers, a title and a description for screen readers.
/// It keeps note of how far everything reaches, so that nothing is ever cut off.
/// </summary>
internal sealed class SvgCanvas
{
    /// <summary>Blank border on every side of a picture that has a background.</summary>
    public const double Margin = 20;

    /// <summary>Pixels of a column of text, generously, where widths are counted in columns.</summary>
    public const double Column = 7.6;

    /// <summary>Width of a picture's content, unless a chart needs more.</summary>
    public const double ContentWidth = 640;

    private const string Font = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans CJK SC',sans-serif";

    /// <summary>Hundredths of an em that U+0020 to U+007E take in a wide sans-serif, the widest of those named.</summary>
    private static ReadOnlySpan<byte> Widths =>
        [
            // blank to /
            27,
            28,
            43,
            66,
            60,
            86,
            76,
            24,
            32,
            32,
            57,
            60,
            28,
            34,
            28,
            39,
            // 0 to ?
            60,
            60,
            60,
            60,
            60,
            60,
            60,
            60,
            60,
            60,
            28,
            28,
            60,
            60,
            60,
            45,
            // @ to O
            92,
            66,
            67,
            65,
            75,
            58,
            54,
            75,
            76,
            35,
            29,
            64,
            54,
            93,
            78,
            80,
            // P to _
            62,
            80,
            64,
            57,
            58,
            75,
            62,
            95,
            60,
            59,
            59,
            34,
            39,
            34,
            60,
            46,
            // ` to o
            30,
            58,
            64,
            50,
            64,
            58,
            36,
            64,
            64,
            27,
            27,
            56,
            27,
            96,
            64,
            63,
            // p to ~
            64,
            64,
            43,
            50,
            38,
            64,
            53,
            81,
            55,
            53,
            49,
            38,
            57,
            38,
            60,
        ];

    private readonly StringBuilder _body = new();
    private readonly SvgTheme _theme;
    private readonly string _title;
    private readonly string _description;
    private double _right;

    public SvgCanvas(SvgTheme theme, string title, string description, double width = ContentWidth)
    {
        _theme = theme;
        _title = title;
        _description = description;
        Left = theme == SvgTheme.Page ? 0 : Margin;
        Width = width;
        Y = theme == SvgTheme.Page ? 2 : Margin;
    }

    /// <summary>Whether it stands in a page of ours, which says around it what colours mean.</summary>
    public bool OnPage => _theme == SvgTheme.Page;

    /// <summary>Where content begins.</summary>
    public double Left { get; }

    /// <summary>How wide content should be.</summary>
    public double Width { get; }

    /// <summary>Where the next thing is drawn.</summary>
    public double Y { get; set; }

    /// <summary>A number with at most two decimals.</summary>
    public static string N(double value) =>
        (Math.Round(value, 2, MidpointRounding.AwayFromZero) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Pixels that a text takes at most in the fonts named, a little generously.</summary>
    public static double WidthOf(string text, SvgText style = SvgText.Plain) =>
        text.Length == 0 ? 0 : Elements(text).Sum(OfElement) * Em(style);

    /// <summary>A text cut to a width in pixels.</summary>
    public static string Fit(string text, double pixels, SvgText style = SvgText.Plain)
    {
        double em = Em(style);
        double ellipsis = OfElement("…") * em;
        double used = 0;
        int kept = 0;
        int at = 0;
        foreach (string element in Elements(text))
        {
            used += OfElement(element) * em;
            if (used > pixels)
            {
                return text[..kept] + "…";
            }
            at += element.Length;
            kept = used + ellipsis <= pixels ? at : kept;
        }
        return text;
    }

    /// <summary>Pixels of an em in a style; headings are bold and therefore wider.</summary>
    private static double Em(SvgText style) => Size(style) * (style is SvgText.Title or SvgText.Heading ? 1.06 : 1);

    private static IEnumerable<string> Elements(string text)
    {
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            yield return elements.GetTextElement();
        }
    }

    /// <summary>Ems that a grapheme cluster takes.</summary>
    private static double OfElement(string element) =>
        TextFit.Columns(element) switch
        {
            0 => 0,
            2 => 1.04,
            _ => element[0] switch
            {
                >= ' ' and <= '~' => Widths[element[0] - ' '] / 100.0,
                '−' or '±' or '…' => 0.62,
                '“' or '”' => 0.44,
                _ => 0.64,
            },
        };

    /// <summary>A filled rectangle.</summary>
    public void Rectangle(
        double x,
        double y,
        double width,
        double height,
        Rgb fill,
        double opacity = 1,
        double radius = 0
    )
    {
        Reach(x + width);
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"{fill.Hex}\""
        );
        if (opacity < 1)
        {
            _body.Append(CultureInfo.InvariantCulture, $" fill-opacity=\"{N(opacity)}\"");
        }
        if (radius > 0)
        {
            _body.Append(CultureInfo.InvariantCulture, $" rx=\"{N(radius)}\"");
        }
        _body.Append("/>");
    }

    /// <summary>An empty cell, or the background of something.</summary>
    public void Cell(double x, double y, double width, double height)
    {
        Reach(x + width);
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<rect class=\"e\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" rx=\"3\"/>"
        );
    }

    /// <summary>A mark of a score: blue for, hatched orange against, so that the sign shows without colour; purple without one.</summary>
    public void Mark(double x, double y, double width, double height, double score, bool signed, double opacity = 1)
    {
        Rectangle(x, y, width, height, Palette.Of(score, signed), opacity, Math.Min(2, width / 2));
        if (signed && score < 0)
        {
            Hatch(x, y, width, height);
        }
    }

    /// <summary>A straight line: a thin one for the eye, or a strong one that means something.</summary>
    public void Line(double x1, double y1, double x2, double y2, bool strong = false)
    {
        Reach(Math.Max(x1, x2));
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<path class=\"{(strong ? "s" : "l")}\" d=\"M{N(x1)} {N(y1)}L{N(x2)} {N(y2)}\"/>"
        );
    }

    /// <summary>A whisker from one x to another, with its ends marked.</summary>
    public void Whisker(double from, double to, double y)
    {
        Reach(to);
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<path class=\"s k\" d=\"M{N(from)} {N(y)}L{N(to)} {N(y)}M{N(from)} {N(y - 4)}L{N(from)} {N(y + 4)}M{N(to)} {N(y - 4)}L{N(to)} {N(y + 4)}\"/>"
        );
    }

    /// <summary>A line through points, in a colour.</summary>
    public void Polyline(IEnumerable<(double X, double Y)> points, Rgb colour, bool dashed = false)
    {
        string path = "M" + string.Join("L", points.Select(p => $"{N(p.X)} {N(p.Y)}"));
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<path d=\"{path}\" fill=\"none\" stroke=\"{colour.Hex}\" stroke-width=\"2\" stroke-linejoin=\"round\""
        );
        _body.Append(dashed ? " stroke-dasharray=\"6 4\"/>" : "/>");
    }

    /// <summary>A dot, or a square where lines are to be told apart without colour.</summary>
    public void Dot(double x, double y, Rgb colour, bool square = false)
    {
        if (square)
        {
            Rectangle(x - 2.5, y - 2.5, 5, 5, colour);
            return;
        }
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"3\" fill=\"{colour.Hex}\"/>"
        );
    }

    /// <summary>Text at its baseline.</summary>
    /// <param name="x">Anchor.</param>
    /// <param name="y">Baseline.</param>
    /// <param name="text">Not escaped yet.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="style">How it is set.</param>
    /// <param name="full">The uncut text, shown on pointing at it.</param>
    /// <param name="struck">With a line through it.</param>
    public void Text(
        double x,
        double y,
        string text,
        string anchor = "start",
        SvgText style = SvgText.Plain,
        string? full = null,
        bool struck = false
    )
    {
        double wide = WidthOf(text, style);
        Reach(
            anchor switch
            {
                "end" => x,
                "middle" => x + wide / 2,
                _ => x + wide,
            }
        );
        _body.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x)}\" y=\"{N(y)}\"");
        if (anchor != "start")
        {
            _body.Append(CultureInfo.InvariantCulture, $" text-anchor=\"{anchor}\"");
        }
        string kind = style switch
        {
            SvgText.Dim => "d",
            SvgText.Heading => "h",
            SvgText.Title => "t",
            SvgText.Body => "w",
            _ => "",
        };
        if (struck)
        {
            kind = (kind + " x").TrimStart();
        }
        if (kind.Length > 0)
        {
            _body.Append(CultureInfo.InvariantCulture, $" class=\"{kind}\"");
        }
        _body.Append('>');
        if (full is not null && full != text)
        {
            _body.Append("<title>").Append(Escape.Html(full)).Append("</title>");
        }
        _body.Append(Escape.Html(text)).Append("</text>");
    }

    /// <summary>Text over as many lines as it needs, below what is drawn already.</summary>
    /// <param name="text">Not escaped yet.</param>
    /// <param name="style">How it is set.</param>
    /// <param name="mostLines">Further lines are cut, with an ellipsis.</param>
    public void Paragraph(string text, SvgText style = SvgText.Plain, int mostLines = int.MaxValue)
    {
        double height = Math.Round(Size(style) * 1.45);
        List<string> lines = [.. Lines(text, style)];
        for (int i = 0; i < Math.Min(lines.Count, mostLines); i++)
        {
            string line = i == mostLines - 1 && lines.Count > mostLines ? lines[i].TrimEnd() + " …" : lines[i];
            Text(Left, Y + Size(style), line.TrimEnd(), style: style);
            Y += height;
        }
    }

    /// <summary>Blank space below what is drawn already.</summary>
    public void Space(double height) => Y += height;

    /// <summary>A thin line across, with space around it.</summary>
    public void Divider()
    {
        Space(6);
        Line(Left, Y, Left + Width, Y);
        Space(10);
    }

    /// <summary>The whole document.</summary>
    public string Document() =>
        Document(Math.Max(_right, Left + Width) + (OnPage ? 2 : Margin), Y + (OnPage ? 4 : Margin));

    /// <summary>The whole document at a size that the caller worked out.</summary>
    public string Document(double width, double height)
    {
        StringBuilder svg = new(_body.Length + 1200);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(width)} {N(height)}\" role=\"img\">"
        );
        svg.Append("<title>").Append(Escape.Html(_title)).Append("</title>");
        svg.Append("<desc>").Append(Escape.Html(_description)).Append("</desc>");
        if (!OnPage)
        {
            svg.Append("<style>").Append(Style).Append("</style>");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"g\" x=\"0.5\" y=\"0.5\" width=\"{N(width - 1)}\" height=\"{N(height - 1)}\" rx=\"8\"/>"
            );
        }
        return svg.Append(_body).Append("</svg>").ToString();
    }

    /// <summary>The rules of a picture of its own.</summary>
    private static string Style { get; } =
        Rules("", c => c.Hex, Palette.Light)
        + "@media(prefers-color-scheme:dark){"
        + Colours("", c => c.Hex, Palette.Dark)
        + "}";

    /// <summary>The rules of charts inside a page, whose variables carry the colours.</summary>
    public static string PageStyle { get; } =
        $"svg text{{font:13px {Font};fill:var(--ink)}}"
        + Shapes("svg ")
        + "svg .d{fill:var(--dim)}svg .l{stroke:var(--line)}svg .s{stroke:var(--ink)}svg .e{fill:var(--dim)}svg .f{stroke:var(--paper)}";

    private static string Rules(string scope, Func<Rgb, string> colour, Scheme scheme) =>
        $"text{{font:13px {Font}}}" + Shapes(scope) + Colours(scope, colour, scheme);

    private static string Shapes(string scope) =>
        $"{scope}.d{{font-size:12px}}{scope}.w{{font-size:15px}}{scope}.h{{font-weight:600}}{scope}.t{{font-size:18px;font-weight:600}}"
        + $"{scope}.x{{text-decoration:line-through}}{scope}.l,{scope}.s{{fill:none;stroke-width:1}}{scope}.k{{stroke-width:1.5}}"
        + $"{scope}.e{{fill-opacity:.1}}{scope}.f{{fill:none;stroke-width:1.5;stroke-opacity:.7}}";

    private static string Colours(string scope, Func<Rgb, string> colour, Scheme s) =>
        $"{scope}text{{fill:{colour(s.Ink)}}}{scope}.d{{fill:{colour(s.Dim)}}}{scope}.l{{stroke:{colour(s.Hair)}}}{scope}.s{{stroke:{colour(s.Ink)}}}"
        + $"{scope}.e{{fill:{colour(s.Dim)}}}{scope}.f{{stroke:{colour(s.Paper)}}}{scope}.g{{fill:{colour(s.Paper)};stroke:{colour(s.Hair)}}}";

    /// <summary>Slanted lines over a rectangle, cut at its edges.</summary>
    private void Hatch(double x, double y, double width, double height)
    {
        if (width < 1)
        {
            return;
        }
        const double Gap = 5;
        StringBuilder path = new();
        for (double at = Gap / 2; at < width + height; at += Gap)
        {
            // From the bottom edge (or the right one) up and to the left, at 45 degrees.
            double fromX = Math.Min(at, width);
            double fromY = at - fromX;
            double toY = Math.Min(at, height);
            double toX = at - toY;
            path.Append(CultureInfo.InvariantCulture, $"M{N(x + fromX)} {N(y + fromY)}L{N(x + toX)} {N(y + toY)}");
        }
        _body.Append("<path class=\"f\" d=\"").Append(path).Append("\"/>");
    }

    private IEnumerable<string> Lines(string text, SvgText style)
    {
        StringBuilder line = new();
        foreach (string piece in TextFit.Pieces(text))
        {
            if (line.Length > 0 && WidthOf(line + piece, style) > Width)
            {
                yield return line.ToString();
                line.Clear();
                if (piece == " ")
                {
                    continue;
                }
            }
            line.Append(WidthOf(piece, style) > Width ? Fit(piece, Width, style) : piece);
        }
        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    private void Reach(double x) => _right = Math.Max(_right, x);

    private static double Size(SvgText style) =>
        style switch
        {
            SvgText.Dim => 12,
            SvgText.Title => 18,
            SvgText.Body => 15,
            _ => 13,
        };
}
