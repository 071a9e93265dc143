using System.Globalization;
using System.Text;
using Whylight.Explanations.Evaluation;

namespace Whylight.Explanations.Rendering;

/// <summary>What colours a terminal shows.</summary>
public enum TerminalColour
{
    /// <summary>None: strong words carry their score in brackets instead.</summary>
    None,

    /// <summary>The 256-colour palette.</summary>
    Ansi256,

    /// <summary>24-bit colour.</summary>
    TrueColour,
}

/// <summary>Explanations for a terminal.</summary>
public static class TerminalRenderer
{
    /// <summary>Columns of a terminal that does not say how wide it is.</summary>
    public const int DefaultWidth = 80;

    /// <summary>Columns beyond which lines are harder to read.</summary>
    private const int MostWidth = 110;

    /// <summary>Fewest columns that lines are set for.</summary>
    private const int LeastWidth = 24;

    /// <summary>Fewest columns of a measure's name beside which the table also says which end is better.</summary>
    private const int LeastName = 16;

    private const string Bold = "\u001b[1m";
    private const string Reset = TerminalFlow.Reset;

    /// <summary>
    /// What a terminal shows, after its environment: NO_COLOR and a dumb or redirected terminal mean none, COLORTERM
    /// truecolor or 24bit means 24-bit.
    /// </summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="redirected">Whether the output goes to a file or pipe.</param>
    public static TerminalColour Detect(Func<string, string?> variable, bool redirected)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (!string.IsNullOrEmpty(variable("NO_COLOR")))
        {
            return TerminalColour.None;
        }
        bool forced = variable("FORCE_COLOR") is { Length: > 0 } force && force != "0";
        if ((redirected && !forced) || variable("TERM") == "dumb")
        {
            return TerminalColour.None;
        }
        return variable("COLORTERM") is "truecolor" or "24bit" ? TerminalColour.TrueColour : TerminalColour.Ansi256;
    }

    /// <summary>
    /// How many columns a terminal has: COLUMNS where it is set to a number, else what the terminal says, else
    /// <see cref="DefaultWidth"/>.
    /// </summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="terminal">What the terminal says; null or not positive where there is none.</param>
    public static int DetectWidth(Func<string, string?> variable, int? terminal)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return int.TryParse(variable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int set)
            && set > 0
                ? set
            : terminal is > 0 ? terminal.Value
            : DefaultWidth;
    }

    /// <summary>Prediction, coloured text, strongest words with bars, rationale and limits; ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="colour">What the terminal shows.</param>
    /// <param name="rows">Most words in the table.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="quality">The explanation's measures, or null.</param>
    public static string Render(
        Explanation explanation,
        Messages messages,
        TerminalColour colour,
        int rows = 10,
        string? expected = null,
        int width = DefaultWidth,
        ExplanationEvaluation? quality = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        width = Math.Clamp(width, LeastWidth, MostWidth);
        bool plain = colour == TerminalColour.None;
        StringBuilder text = new();
        void Paragraph(string line, string style = "")
        {
            TerminalFlow flow = new(width);
            flow.Add(line, plain ? "" : style);
            text.Append(flow);
        }

        Paragraph(Escape.Terminal(Rationale.Headline(explanation.Prediction, messages, expected)), Bold);
        if (Rationale.NextLabels(explanation.Prediction, messages, t => t) is { } next)
        {
            Paragraph(next);
        }
        text.Append('\n').Append(Heat(explanation, colour, width)).Append('\n');
        AppendBars(text, explanation, messages, colour, rows, width);
        Paragraph(Rationale.Of(explanation, messages));
        foreach (Counterfactual flip in explanation.Counterfactuals ?? [])
        {
            text.Append('\n');
            Paragraph(FlipLines.Head(flip, messages, t => t), Bold);
            text.Append(Diff(explanation, flip, colour, width));
        }
        foreach (string reason in ExplanationChart.ReasonLines(explanation, messages, Quoted).Skip(1))
        {
            Paragraph("  " + reason);
        }
        AppendPairs(text, explanation, messages, Paragraph);
        if (explanation.Method == "owen")
        {
            AppendOutline(text, explanation, messages, width);
        }
        text.Append('\n');
        foreach (string note in Notes.Of(explanation, messages, Escape.Terminal))
        {
            Paragraph(Escape.Terminal(note));
        }
        if (quality is not null)
        {
            AppendQuality(text, quality, messages, width);
        }
        return text.ToString();
    }

    /// <summary>The text, each feature on its colour; without colour, strong features carry their score. Ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="colour">What the terminal shows.</param>
    /// <param name="width">Columns of a line.</param>
    public static string Heat(Explanation explanation, TerminalColour colour, int width = DefaultWidth)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        double largest = ScoredText.Largest(explanation);
        NumberScale scale = NumberScale.Of(explanation);
        bool signed = ScoredText.IsSigned(explanation);
        HashSet<int> anchored = [.. explanation.Anchor?.Features ?? []];
        TerminalFlow flow = new(width);
        foreach (Stretch stretch in ScoredText.Of(explanation))
        {
            string shown = Escape.Terminal(stretch.Text);
            double strength = largest == 0 ? 0 : Math.Abs(stretch.Score) / largest;
            if (anchored.Contains(stretch.Feature))
            {
                // Brackets in colour too, for readers who see none.
                flow.Add($"[{shown}]", colour == TerminalColour.None ? "" : Background(1, 1, colour, true));
            }
            else if (stretch.Feature < 0 || strength < 0.05)
            {
                flow.Add(shown);
            }
            else if (colour == TerminalColour.None)
            {
                string number = signed ? scale.Signed(stretch.Score) : scale.Plain(stretch.Score);
                bool marked = ScoredText.IsMarked(stretch.Score, largest);
                flow.Add(marked ? $"{shown}[{number}]" : shown, whole: marked && !shown.Contains(' '));
            }
            else
            {
                flow.Add(shown, Background(stretch.Score, largest, colour, signed));
            }
        }
        return flow.ToString();
    }

    private static string Diff(Explanation explanation, Counterfactual flip, TerminalColour colour, int width)
    {
        TerminalFlow flow = new(width);
        foreach (DiffPiece piece in FlipLines.Pieces(explanation, flip))
        {
            string shown = Escape.Terminal(piece.Text);
            if (piece.Kind == DiffKind.Same)
            {
                flow.Add(shown);
                continue;
            }
            bool gone = piece.Kind == DiffKind.Deleted;
            if (colour == TerminalColour.None)
            {
                flow.Add(gone ? $"[-{shown}-]" : $"{{+{shown}+}}");
            }
            else
            {
                flow.Add(shown, Background(gone ? -0.5 : 0.5, 1, colour, true) + (gone ? "\u001b[9m" : "\u001b[4m"));
            }
        }
        return flow.ToString();
    }

    private static void AppendBars(
        StringBuilder text,
        Explanation explanation,
        Messages messages,
        TerminalColour colour,
        int rows,
        int width
    )
    {
        IReadOnlyList<int> strongest = ScoredText.Strongest(explanation);
        FeatureScore[] shown = [.. strongest.Take(rows).Select(i => explanation.Features[i])];
        if (shown.Length == 0)
        {
            return;
        }
        bool signed = ScoredText.IsSigned(explanation);
        NumberScale scale = NumberScale.Of(explanation);
        string[] words = [.. shown.Select(f => TextFit.Cut(Escape.Terminal(f.Text), Math.Clamp(width / 3, 8, 24)))];
        string[] numbers = [.. shown.Select(f => ScoredText.Number(f, scale, signed))];
        int wide = words.Max(TextFit.Columns);
        // Indentation, blank, axis and blank take five columns.
        int room = width - wide - numbers.Max(n => n.Length) - 5;
        int half = Math.Min(signed ? room / 2 : room, signed ? 20 : 32);
        bool bars = half >= 3;
        double largest = ScoredText.Largest(explanation);
        if (bars && signed)
        {
            string target = Escape.Terminal(messages.Target(explanation, t => t));
            string against = TextFit.Cut("− " + messages[Message.Against, target], wide + half + 1);
            string pro = TextFit.Cut("+ " + messages[Message.For, target], width - wide - half - 5);
            text.Append("  ")
                .Append(' ', wide + half + 1 - TextFit.Columns(against))
                .Append(against)
                .Append('│')
                .Append(pro)
                .Append('\n');
        }
        for (int i = 0; i < shown.Length; i++)
        {
            double score = shown[i].Score!.Value;
            text.Append("  ").Append(' ', wide - TextFit.Columns(words[i])).Append(words[i]).Append(' ');
            if (bars)
            {
                bool against = signed && score < 0;
                int length = Math.Max(1, (int)Math.Round(Math.Abs(score) / largest * half));
                string bar = new(against ? '▒' : '█', length);
                string styled =
                    colour == TerminalColour.None ? bar : Foreground(Palette.Of(score, signed), colour) + bar + Reset;
                text.Append(
                        ' ',
                        !signed ? 0
                            : against ? half - length
                            : half
                    )
                    .Append(against ? styled : "")
                    .Append('│')
                    .Append(against ? "" : styled)
                    .Append(' ', against ? half : half - length)
                    .Append(' ');
            }
            text.Append(numbers[i]).Append('\n');
        }
        if (strongest.Count > shown.Length)
        {
            text.Append("  ").Append(messages[Message.MoreFeatures, strongest.Count - shown.Length]).Append('\n');
        }
        text.Append('\n');
    }

    private static void AppendPairs(
        StringBuilder text,
        Explanation explanation,
        Messages messages,
        Action<string, string> paragraph
    )
    {
        IReadOnlyList<string> lines = PairLines(explanation, Quoted);
        if (lines.Count == 0)
        {
            return;
        }
        text.Append('\n');
        paragraph(messages[Message.PairsHeading], Bold);
        foreach (string line in lines)
        {
            paragraph("  " + line, "");
        }
    }

    /// <summary>The strongest pairs with their interactions, each on a line.</summary>
    internal static IReadOnlyList<string> PairLines(Explanation explanation, Func<string, string> quoted, int count = 6)
    {
        NumberScale scale = NumberScale.Of((explanation.Interactions ?? []).Select(p => p.Score));
        return
        [
            .. Rationale
                .StrongestPairs(explanation, count)
                .Select(p =>
                {
                    string error = p.StandardError is > 0 and var e ? $" ± {scale.Error(e)}" : "";
                    return $"{scale.Signed(p.Score)}{error}  {Word(p.I)} · {Word(p.J)}";
                }),
        ];

        string Word(int i) => quoted(TextFit.Cut(Escape.Visible(explanation.Features[i].Text), 40));
    }

    private static void AppendOutline(StringBuilder text, Explanation explanation, Messages messages, int width)
    {
        IReadOnlyList<PhraseRow> rows = PhraseOutline.Rows(explanation);
        NumberScale scale = NumberScale.Of(rows.Select(r => r.Score));
        string[] numbers = [.. rows.Select(r => scale.Signed(r.Score))];
        int wide = numbers.Select(n => n.Length).DefaultIfEmpty(0).Max();
        text.Append('\n').Append(Flowed(Escape.Terminal(PhraseOutline.Title(explanation, messages)), width));
        for (int i = 0; i < rows.Count; i++)
        {
            int indent = Math.Min(rows[i].Depth * 2, width / 3);
            text.Append("  ")
                .Append(numbers[i].PadLeft(wide))
                .Append("  ")
                .Append(' ', indent)
                .Append(TextFit.Cut(Escape.Terminal(rows[i].Text), Math.Max(4, width - wide - indent - 4)))
                .Append('\n');
        }
    }

    private static void AppendQuality(StringBuilder text, ExplanationEvaluation quality, Messages messages, int width)
    {
        text.Append('\n').Append(Flowed(messages[Message.QualityHeading], width));
        QualityRow[] rows = [.. QualityRow.Of(quality, messages)];
        int values = rows.Select(r => r.Value.Length).DefaultIfEmpty(0).Max();
        int better = rows.Select(r => TextFit.Columns(r.Better)).DefaultIfEmpty(0).Max();
        // Indentation and two gaps take six columns; which end is better is left out where the names would lose too much.
        bool says = width - values - better - 6 >= LeastName;
        int room = width - values - (says ? better + 6 : 4);
        int wide = Math.Min(room, rows.Select(r => TextFit.Columns(r.Name)).DefaultIfEmpty(0).Max());
        foreach (QualityRow row in rows)
        {
            string name = TextFit.Cut(row.Name, wide);
            string line =
                $"  {name}{new string(' ', wide - TextFit.Columns(name))}  {row.Value.PadLeft(values)}"
                + (says ? $"  {row.Better}" : "");
            text.Append(line.TrimEnd()).Append('\n');
        }
        text.Append(Flowed(messages[Message.QualityLine, messages.Term(quality.Absence), quality.ModelCalls], width));
    }

    /// <summary>A paragraph without style, its last line ended.</summary>
    private static string Flowed(string paragraph, int width)
    {
        TerminalFlow flow = new(width);
        flow.Add(paragraph);
        return flow.ToString();
    }

    private static string Quoted(string word) => $"“{Escape.Isolated(word)}”";

    internal static string Background(double score, double largest, TerminalColour colour, bool signed)
    {
        // White on a dark shade or black on a light one, so that the text reads whatever the terminal's own colours are.
        double opacity = 0.25 + 0.75 * Math.Min(1, Math.Abs(score) / largest);
        Rgb shade = Palette.Of(score, signed).Over(new Rgb(0xff, 0xff, 0xff), opacity);
        return colour == TerminalColour.TrueColour
            ? string.Create(CultureInfo.InvariantCulture, $"\u001b[30;48;2;{shade.Red};{shade.Green};{shade.Blue}m")
            : string.Create(CultureInfo.InvariantCulture, $"\u001b[30;48;5;{Cube(shade)}m");
    }

    /// <summary>The escape sequence that writes in a colour from here on.</summary>
    internal static string Foreground(Rgb shade, TerminalColour colour) =>
        colour == TerminalColour.TrueColour
            ? string.Create(CultureInfo.InvariantCulture, $"\u001b[38;2;{shade.Red};{shade.Green};{shade.Blue}m")
            : string.Create(CultureInfo.InvariantCulture, $"\u001b[38;5;{Cube(shade)}m");

    /// <summary>Nearest entry of the 6 x 6 x 6 colour cube.</summary>
    private static int Cube(Rgb colour)
    {
        static int Level(byte channel) =>
            channel < 48 ? 0
            : channel < 115 ? 1
            : (channel - 35) / 40;
        return 16 + 36 * Level(colour.Red) + 6 * Level(colour.Green) + Level(colour.Blue);
    }
}
