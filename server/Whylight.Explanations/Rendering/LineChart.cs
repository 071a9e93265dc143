namespace Whylight.Explanations.Rendering;

/// <summary>A named line of a chart.</summary>
/// <param name="Name">Its label, drawn at its end.</param>
/// <param name="Points">Points in ascending x.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Dashed">Dashed, so that it is told apart without colour.</param>
public sealed record ChartLine(
    string Name,
    IReadOnlyList<(double X, double Y)> Points,
    Rgb Colour,
    bool Dashed = false
);

/// <summary>Lines over a share from 0 to 1: deletion and insertion curves, reliability diagrams.</summary>
/// <param name="Title">Heading.</param>
/// <param name="XLabel">What x is, from 0 to 1.</param>
/// <param name="YLabel">What y is.</param>
/// <param name="Lines">What to draw.</param>
/// <param name="Range">Ends of the y axis; null for the data's.</param>
public sealed record LineChart(
    string Title,
    string XLabel,
    string YLabel,
    IReadOnlyList<ChartLine> Lines,
    (double Low, double High)? Range = null
)
{
    private const double PlotHeight = 200;

    /// <summary>How the target's probability changes as words are removed, and as they are added to none, strongest first.</summary>
    /// <param name="explanation">The explanation whose order is followed.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="deletion">Probability after removing 0, 1, 2 … features in descending order of score.</param>
    /// <param name="insertion">Probability with the first 0, 1, 2 … features present, or null.</param>
    public static LineChart Curves(
        Explanation explanation,
        Messages messages,
        IReadOnlyList<double> deletion,
        IReadOnlyList<double>? insertion = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(deletion);
        List<ChartLine> lines = [new(messages[Message.DeletionLine], Shares(deletion), Palette.Against, Dashed: true)];
        if (insertion is not null)
        {
            lines.Add(new(messages[Message.InsertionLine], Shares(insertion), Palette.For));
        }
        string target = Messages.Label(explanation.Target);
        return new(
            messages[Message.CurveTitle, target],
            messages[Message.CurveAxis],
            messages[Message.CurveValue, target],
            lines,
            (0, 1)
        );
    }

    /// <summary>The chart as an SVG document.</summary>
    /// <param name="theme">Where it will stand.</param>
    public string Draw(SvgTheme theme = SvgTheme.Adaptive)
    {
        SvgCanvas svg = new(theme, Title, Description);
        Place(svg);
        return svg.Document();
    }

    /// <summary>What the lines say, for readers who do not see them: where each begins and ends.</summary>
    internal string Description =>
        $"{YLabel} / {XLabel}: "
        + string.Join(
            "; ",
            Lines
                .Where(l => l.Points.Count > 0)
                .Select(l => $"{l.Name} {Numbers.Plain(l.Points[0].Y)} … {Numbers.Plain(l.Points[^1].Y)}")
        );

    /// <summary>Draws the chart below what is drawn already.</summary>
    internal void Place(SvgCanvas svg)
    {
        double low = Range?.Low ?? Lines.SelectMany(l => l.Points).Select(p => p.Y).DefaultIfEmpty(0).Min();
        double high = Range?.High ?? Lines.SelectMany(l => l.Points).Select(p => p.Y).DefaultIfEmpty(1).Max();
        if (high - low < 1e-12)
        {
            (low, high) = (low - 0.5, high + 0.5);
        }
        double step = Step((high - low) / 5);
        low = Math.Floor(low / step + 1e-9) * step;
        high = Math.Ceiling(high / step - 1e-9) * step;
        int marks = (int)Math.Round((high - low) / step);
        svg.Text(svg.Left, svg.Y + 12, SvgCanvas.Fit(YLabel, svg.Width, SvgText.Dim), style: SvgText.Dim);
        double left =
            svg.Left
            + Enumerable.Range(0, marks + 1).Max(i => SvgCanvas.WidthOf(Tick(low + i * step, step), SvgText.Dim))
            + 10;
        double legend = Lines.Select(l => SvgCanvas.WidthOf(l.Name)).DefaultIfEmpty(0).Max() + 44;
        double plot = svg.Left + svg.Width - left - legend;
        double top = svg.Y + 28;
        double X(double share) => left + share * plot;
        double Y(double value) => top + (high - value) / (high - low) * PlotHeight;
        for (int i = 0; i <= marks; i++)
        {
            double value = low + i * step;
            svg.Line(left, Y(value), left + plot, Y(value));
            svg.Text(left - 8, Y(value) + 4, Tick(value, step), "end", SvgText.Dim);
        }
        for (int i = 0; i <= 4; i++)
        {
            svg.Text(X(i / 4.0), top + PlotHeight + 18, $"{i * 25} %", "middle", SvgText.Dim);
        }
        svg.Text(X(0.5), top + PlotHeight + 38, XLabel, "middle", SvgText.Dim);
        for (int i = 0; i < Lines.Count; i++)
        {
            ChartLine line = Lines[i];
            svg.Polyline(line.Points.Select(p => (X(p.X), Y(p.Y))), line.Colour, line.Dashed);
            if (line.Points.Count <= 40)
            {
                foreach ((double x, double y) in line.Points)
                {
                    svg.Dot(X(x), Y(y), line.Colour, square: line.Dashed);
                }
            }
            double at = top + 10 + i * 22;
            double from = left + plot + 14;
            svg.Polyline([(from, at), (from + 20, at)], line.Colour, line.Dashed);
            svg.Text(from + 26, at + 4.5, line.Name);
        }
        svg.Y = top + PlotHeight + 46;
    }

    private static (double, double)[] Shares(IReadOnlyList<double> values) =>
        [.. values.Select((v, i) => (values.Count == 1 ? 0 : (double)i / (values.Count - 1), v))];

    /// <summary>The least of 1, 2, 5 x a power of ten that is no smaller.</summary>
    private static double Step(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        foreach (double factor in new[] { 1.0, 2, 5 })
        {
            if (factor * power >= least * (1 - 1e-9))
            {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static string Tick(double value, double step)
    {
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 6);
        double rounded = Math.Round(value, decimals);
        return (rounded == 0 ? 0 : rounded).ToString(
            "F" + decimals.ToString(System.Globalization.CultureInfo.InvariantCulture),
            System.Globalization.CultureInfo.InvariantCulture
        );
    }
}
