using System.Globalization;
using System.Xml.Linq;
using FsCheck.Xunit;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>What is drawn equals the record: the numbers are read back from the pictures.</summary>
public sealed class ChartDataTests
{
    [Fact]
    public void Bars_and_whiskers_equal_the_record()
    {
        Explanation e = Samples.Review();
        XElement root = XDocument.Parse(ScoreBars.Draw(e, Messages.English, count: 6)).Root!;
        XElement[] bars = [.. Rectangles(root).Where(r => (string?)r.Attribute("height") == "14")];
        (double From, double To)[] whiskers =
        [
            .. root.Elements().Where(p => (string?)p.Attribute("class") == "s k").Select(Ends),
        ];
        FeatureScore[] strongest = [.. e.Features.OrderByDescending(f => Math.Abs(f.Score!.Value)).Take(6)];
        Assert.Equal(6, bars.Length);
        Assert.Equal(6, whiskers.Length);
        double scale = Number(bars[0], "width") / Math.Abs(strongest[0].Score!.Value);
        for (int i = 0; i < bars.Length; i++)
        {
            double score = strongest[i].Score!.Value;
            double error = strongest[i].StandardError!.Value;
            Assert.Equal(Math.Abs(score) * scale, Number(bars[i], "width"), 0.03);
            Assert.Equal((score > 0 ? Palette.For : Palette.Against).Hex, (string?)bars[i].Attribute("fill"));
            // Whiskers reach 1.96 standard errors to either side of the bar's end.
            double end = Number(bars[i], "x") + (score > 0 ? Number(bars[i], "width") : 0);
            Assert.Equal(end - 1.96 * error * scale, whiskers[i].From, 0.06);
            Assert.Equal(end + 1.96 * error * scale, whiskers[i].To, 0.06);
        }
        // Bars against the target are hatched, so that they are told apart without colour.
        Assert.Equal(
            1 + strongest.Count(f => f.Score < 0),
            root.Elements().Count(p => (string?)p.Attribute("class") == "f")
        );
        string[] texts = [.. root.Elements().Where(t => t.Name.LocalName == "text").Select(t => t.Value)];
        Assert.Contains("+1.93 ± 0.08", texts);
        Assert.Contains("and 12 more with smaller scores", texts);
    }

    [Property(MaxTest = 100)]
    public void Bars_of_any_record_are_in_proportion(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        double[] scores =
        [
            .. e.Features.Select(f => Math.Abs(f.Score ?? 0)).Where(s => s > 0).OrderDescending().Take(12),
        ];
        XElement root = XDocument.Parse(ScoreBars.Draw(e, Messages.English)).Root!;
        double[] widths =
        [
            .. Rectangles(root).Where(r => (string?)r.Attribute("height") == "14").Select(r => Number(r, "width")),
        ];
        Assert.Equal(scores.Length, widths.Length);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.Equal(widths[0] * scores[i] / scores[0], widths[i], 0.05);
        }
    }

    [Fact]
    public void The_matrix_holds_every_pair_at_its_place()
    {
        Explanation e = Samples.Pairs();
        XElement root = XDocument.Parse(InteractionMatrix.Draw(e, Messages.English)).Root!;
        XElement[] tinted =
        [
            .. Rectangles(root).Where(r => (string?)r.Attribute("height") == "38" && r.Attribute("fill") is not null),
        ];
        Assert.Equal(e.Interactions!.Count, tinted.Length);
        double largest = e.Interactions.Max(p => Math.Abs(p.Score));
        foreach (Interaction pair in e.Interactions)
        {
            double opacity = Math.Round(Palette.Opacity(pair.Score, largest), 2);
            Assert.Contains(
                tinted,
                r =>
                    (string?)r.Attribute("fill") == Palette.Of(pair.Score).Hex
                    && Math.Abs(Number(r, "fill-opacity") - opacity) < 0.011
            );
        }
        string[] texts = Texts(root);
        Assert.Contains("−.62", texts);
        Assert.Contains("+.41", texts);
    }

    [Fact]
    public void Curves_equal_their_values()
    {
        double[] deletion = [0.96, 0.4, 0.15, 0.5];
        LineChart chart = LineChart.Curves(Samples.Review(), Messages.English, deletion, [0.5, 0.9, 0.97, 0.96]);
        XElement root = XDocument.Parse(chart.Draw()).Root!;
        double[][] lines =
        [
            .. root.Elements()
                .Where(p => p.Name.LocalName == "path" && p.Attribute("stroke-linejoin") is not null)
                .Select(p => ((string)p.Attribute("d")!).TrimStart('M').Split('L'))
                .Where(points => points.Length == 4)
                .Select(points =>
                    points.Select(p => double.Parse(p.Split(' ')[1], CultureInfo.InvariantCulture)).ToArray()
                ),
        ];
        Assert.Equal(2, lines.Length);
        double unit = (lines[0][2] - lines[0][0]) / (deletion[0] - deletion[2]);
        Assert.True(unit > 0);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(lines[0][0] + (deletion[0] - deletion[i]) * unit, lines[0][i], 0.05);
        }
        Assert.Contains("Probability of positive", chart.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Phrases_sum_their_words()
    {
        Explanation e = Samples.All["owen"];
        IReadOnlyList<PhraseRow> rows = PhraseOutline.Rows(e);
        Assert.Equal(e.Features.Count, rows.Count(r => r.First == r.Last));
        Assert.All(
            rows,
            r =>
            {
                FeatureScore[] inside = [.. e.Features.Skip(r.First).Take(r.Last - r.First + 1)];
                Assert.Equal(inside.Sum(f => f.Score!.Value), r.Score, 1e-12);
                Assert.Equal(e.Text[inside[0].Start..inside[^1].End], r.Text);
            }
        );
        string[] texts = Texts(XDocument.Parse(PhraseOutline.Draw(e, Messages.English)).Root!);
        Assert.Contains("The plot is thin,", texts);
    }

    [Fact]
    public void Layers_are_columns_and_tokens_rows()
    {
        string[] texts = Texts(XDocument.Parse(LayerHeat.Draw(Samples.Layered(), Messages.English)).Root!);
        Assert.Equal(
            ["token 0", "a", "superb", "film", "token 4"],
            texts.Where(t => !t.Contains('.', StringComparison.Ordinal) && t != "embedding")
        );
        Assert.Contains("+1.58", texts);
        Assert.Contains("layer.1", texts);
    }

    [Property(MaxTest = 100)]
    public void Nothing_is_drawn_beyond_the_edges(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        XElement root = XDocument.Parse(ExplanationPicture.Draw(e, Messages.English, Samples.Quality)).Root!;
        double width = Number(root, "width");
        double height = Number(root, "height");
        Assert.NotEmpty(Rectangles(root));
        foreach (XElement r in Rectangles(root))
        {
            Assert.InRange(Number(r, "x"), 0, width);
            Assert.InRange(Number(r, "y"), 0, height);
            Assert.InRange(Number(r, "x") + Number(r, "width"), 0, width + 0.02);
            Assert.InRange(Number(r, "y") + Number(r, "height"), 0, height + 0.02);
        }
        foreach (XElement t in root.Elements().Where(t => t.Name.LocalName == "text"))
        {
            Assert.InRange(Number(t, "y"), 10, height - 4);
            string shown = string.Concat(t.Nodes().OfType<XText>().Select(n => n.Value));
            SvgText style = ((string?)t.Attribute("class"))?.Split(' ')[0] switch
            {
                "d" => SvgText.Dim,
                "h" => SvgText.Heading,
                "t" => SvgText.Title,
                "w" => SvgText.Body,
                _ => SvgText.Plain,
            };
            double wide = SvgCanvas.WidthOf(shown, style);
            double left = (string?)t.Attribute("text-anchor") switch
            {
                "end" => Number(t, "x") - wide,
                "middle" => Number(t, "x") - wide / 2,
                _ => Number(t, "x"),
            };
            Assert.True(left >= 4, $"'{shown}' begins at {left}");
            Assert.True(left + wide <= width, $"'{shown}' ends at {left + wide} of {width}");
        }
    }

    private static IEnumerable<XElement> Rectangles(XElement root) =>
        root.Elements().Where(r => r.Name.LocalName == "rect");

    private static string[] Texts(XElement root) =>
        [
            .. root.Elements()
                .Where(t => t.Name.LocalName == "text")
                .Select(t => string.Concat(t.Nodes().OfType<XText>().Select(n => n.Value))),
        ];

    private static double Number(XElement element, string attribute) =>
        double.Parse((string)element.Attribute(attribute)!, CultureInfo.InvariantCulture);

    /// <summary>Both ends of a whisker: the first line of its path.</summary>
    private static (double From, double To) Ends(XElement path)
    {
        string[] points = ((string)path.Attribute("d")!).TrimStart('M').Split('M')[0].Split('L');
        return (
            double.Parse(points[0].Split(' ')[0], CultureInfo.InvariantCulture),
            double.Parse(points[1].Split(' ')[0], CultureInfo.InvariantCulture)
        );
    }
}
