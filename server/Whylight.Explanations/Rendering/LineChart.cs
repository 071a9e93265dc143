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
public static class LineChart
{
    private const double PlotWidth = 300;
    private const double PlotHeight = 200;

    /// <summary>How the value falls as features are removed, strongest first, and weakest first where given.</summary>
    /// <param name="explanation">The explanation whose order is followed.</param>
    /// <param name="messages">Language of the labels.</param>
    /// <param name="strongestFirst">Value after removing 0, 1, 2 … features in descending order.</param>
    /// <param name="weakestFirst">The same in ascending order, or null.</param>
    /// <param name="theme">Where it will stand.</param>
    public static string Deletion(
        Explanation explanation,
        Messages messages,
        IReadOnlyList<double> strongestFirst,
        IReadOnlyList<double>? weakestFirst = null,
        SvgTheme theme = SvgTheme.Adaptive
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(strongestFirst);
        List<ChartLine> lines = [new(messages[Message.StrongestFirst], Shares(strongestFirst), Palette.For)];
        if (weakestFirst is not null)
        {
            lines.Add(new(messages[Message.WeakestFirst], Shares(weakestFirst), Palette.Against, Dashed: true));
        }
        return Draw(
            messages[Message.DeletionTitle, explanation.Target],
            messages[Message.DeletionAxis],
            explanation.ValueKind.Replace('_', ' '),
            lines,
            theme
        );
    }

    /// <summary>The chart as an SVG document.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="xLabel">What x is, from 0 to 1.</param>
    /// <param name="yLabel">What y is.</param>
    /// <param name="lines">What to draw.</param>
    /// <param name="theme">Where it will stand.</param>
    /// <param name="yRange">Ends of the y axis; null for the data's.</param>
    public static string Draw(
        string title,
        string xLabel,
        string yLabel,
        IReadOnlyList<ChartLine> lines,
        SvgTheme theme = SvgTheme.Adaptive,
        (double Low, double High)? yRange = null
    )
    {
        ArgumentNullException.ThrowIfNull(lines);
        SvgCanvas svg = new(theme, title, $"{yLabel} / {xLabel}");
        double low = yRange?.Low ?? lines.SelectMany(l => l.Points).Select(p => p.Y).DefaultIfEmpty(0).Min();
        double high = yRange?.High ?? lines.SelectMany(l => l.Points).Select(p => p.Y).DefaultIfEmpty(1).Max();
        if (high - low < 1e-12)
        {
            (low, high) = (low - 0.5, high + 0.5);
        }
        double step = Step((high - low) / 5);
        low = Math.Floor(low / step) * step;
        high = Math.Ceiling(high / step) * step;
        const double Left = 62;
        double top = 48;
        double X(double share) => Left + share * PlotWidth;
        double Y(double value) => top + (high - value) / (high - low) * PlotHeight;
        double legend = lines.Select(l => Ellipsis.Columns(l.Name) * SvgCanvas.Column + 34).DefaultIfEmpty(0).Max();
        double width = Math.Max(Left + PlotWidth + 20 + legend, Ellipsis.Columns(title) * 7.6 + 24);
        svg.Text(12, 22, title, bold: true);
        svg.Text(12, 40, yLabel, dim: true);
        int marks = (int)Math.Round((high - low) / step);
        for (int i = 0; i <= marks; i++)
        {
            double value = low + i * step;
            svg.Line(Left, Y(value), Left + PlotWidth, Y(value));
            svg.Text(Left - 8, Y(value) + 4, Tick(value, step), "end", dim: true);
        }
        for (int i = 0; i <= 4; i++)
        {
            svg.Text(X(i / 4.0), top + PlotHeight + 18, $"{i * 25} %", "middle", dim: true);
        }
        svg.Text(X(0.5), top + PlotHeight + 38, xLabel, "middle", dim: true);
        for (int i = 0; i < lines.Count; i++)
        {
            ChartLine line = lines[i];
            svg.Polyline(line.Points.Select(p => (X(p.X), Y(p.Y))), line.Colour, line.Dashed);
            if (line.Points.Count <= 40)
            {
                foreach ((double x, double y) in line.Points)
                {
                    svg.Dot(X(x), Y(y), 2.5, line.Colour);
                }
            }
            double at = top + 10 + i * 20;
            double from = Left + PlotWidth + 16;
            svg.Polyline([(from, at), (from + 18, at)], line.Colour, line.Dashed);
            svg.Text(from + 24, at + 4, line.Name);
        }
        return svg.Document(width, top + PlotHeight + 52);
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
