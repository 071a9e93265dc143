using System.Globalization;
using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>Where a chart will be looked at.</summary>
public enum SvgTheme
{
    /// <summary>A file or page of its own: draws its own background, light or dark as the viewer prefers.</summary>
    Adaptive,

    /// <summary>On a background it cannot know, such as an editor's hover: no background, mid-tone text and lines.</summary>
    MidTone,

    /// <summary>Inside our own HTML: colours come from the page's variables.</summary>
    Page,
}

/// <summary>Writes one SVG document: escaped text, short numbers, a title and a description for screen readers.</summary>
internal sealed class SvgCanvas
{
    /// <summary>Width of one column of text at font size 12, generously.</summary>
    public const double Column = 7.2;

    private readonly StringBuilder _body = new();
    private readonly SvgTheme _theme;
    private readonly string _title;
    private readonly string _description;

    public SvgCanvas(SvgTheme theme, string title, string description)
    {
        _theme = theme;
        _title = title;
        _description = description;
    }

    /// <summary>A number with at most two decimals.</summary>
    public static string N(double value) =>
        (Math.Round(value, 2, MidpointRounding.AwayFromZero) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);

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

    /// <summary>A straight line in the neutral or foreground colour.</summary>
    public void Line(double x1, double y1, double x2, double y2, bool strong = false, bool dashed = false)
    {
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<path class=\"{(strong ? "s" : "l")}\" d=\"M{N(x1)} {N(y1)}L{N(x2)} {N(y2)}\""
        );
        _body.Append(dashed ? " stroke-dasharray=\"3 3\"/>" : "/>");
    }

    /// <summary>A line through points, in a colour.</summary>
    public void Polyline(IEnumerable<(double X, double Y)> points, Rgb colour, bool dashed = false)
    {
        string path = "M" + string.Join("L", points.Select(p => $"{N(p.X)} {N(p.Y)}"));
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<path d=\"{path}\" fill=\"none\" stroke=\"{colour.Hex}\" stroke-width=\"2\" stroke-linejoin=\"round\""
        );
        _body.Append(dashed ? " stroke-dasharray=\"5 3\"/>" : "/>");
    }

    /// <summary>A dot.</summary>
    public void Dot(double x, double y, double radius, Rgb colour) =>
        _body.Append(
            CultureInfo.InvariantCulture,
            $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" fill=\"{colour.Hex}\"/>"
        );

    /// <summary>Text at its baseline.</summary>
    /// <param name="x">Anchor.</param>
    /// <param name="y">Baseline.</param>
    /// <param name="text">Not escaped yet.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="dim">In the neutral colour.</param>
    /// <param name="bold">Bold.</param>
    /// <param name="full">The uncut text, shown on pointing at it.</param>
    public void Text(
        double x,
        double y,
        string text,
        string anchor = "start",
        bool dim = false,
        bool bold = false,
        string? full = null
    )
    {
        _body.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x)}\" y=\"{N(y)}\"");
        if (anchor != "start")
        {
            _body.Append(CultureInfo.InvariantCulture, $" text-anchor=\"{anchor}\"");
        }
        string classes =
            (dim ? "d" : "")
            + (
                bold
                    ? dim
                        ? " b"
                        : "b"
                    : ""
            );
        if (classes.Length > 0)
        {
            _body.Append(CultureInfo.InvariantCulture, $" class=\"{classes}\"");
        }
        _body.Append('>');
        if (full is not null && full != text)
        {
            _body.Append("<title>").Append(Escape.Html(full)).Append("</title>");
        }
        _body.Append(Escape.Html(text)).Append("</text>");
    }

    /// <summary>The whole document.</summary>
    public string Document(double width, double height)
    {
        StringBuilder svg = new(_body.Length + 900);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(width)} {N(height)}\" role=\"img\">"
        );
        svg.Append("<title>").Append(Escape.Html(_title)).Append("</title>");
        svg.Append("<desc>").Append(Escape.Html(_description)).Append("</desc>");
        svg.Append("<style>").Append(Style()).Append("</style>");
        if (_theme == SvgTheme.Adaptive)
        {
            svg.Append("<rect class=\"g\" width=\"100%\" height=\"100%\"/>");
        }
        return svg.Append(_body).Append("</svg>").ToString();
    }

    private string Style()
    {
        // A page carries several charts: their rules are its own, below a class, so that they agree.
        const string Font = "font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif";
        const string Shape = ".b{font-weight:600}.l,.s{fill:none;stroke-width:1}";
        return _theme switch
        {
            SvgTheme.MidTone => $"text{{{Font};fill:#858585}}{Shape}.l{{stroke:#85858566}}.s{{stroke:#858585}}",
            SvgTheme.Page =>
                $"svg text{{{Font};fill:var(--ink)}}svg text.d{{fill:var(--dim)}}{Shape}.l{{stroke:var(--line)}}.s{{stroke:var(--ink)}}",
            _ =>
                $"text{{{Font};fill:#1f2328}}.d{{fill:#59636e}}{Shape}.l{{stroke:#d1d9e0}}.s{{stroke:#1f2328}}.g{{fill:#fff}}"
                    + "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.d{fill:#9198a1}.l{stroke:#3d444d}.s{stroke:#e6edf3}.g{fill:#16191d}}",
        };
    }
}
