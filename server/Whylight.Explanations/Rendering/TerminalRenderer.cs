using System.Globalization;
using System.Text;

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
    internal const string Reset = "\u001b[0m";

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

    /// <summary>Prediction, coloured text, strongest words with bars, rationale and limits; ends with a line break.</summary>
    /// <param name="explanation">What to show.</param>
    /// <param name="messages">Language.</param>
    /// <param name="colour">What the terminal shows.</param>
    /// <param name="rows">Most words in the table.</param>
    /// <param name="expected">The label that the data gives, or null.</param>
    public static string Render(
        Explanation explanation,
        Messages messages,
        TerminalColour colour,
        int rows = 10,
        string? expected = null
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(messages);
        StringBuilder text = new();
        string headline = Escape.Terminal(Rationale.Headline(explanation.Prediction, messages, expected));
        text.Append(colour == TerminalColour.None ? headline : $"\u001b[1m{headline}{Reset}").Append("\n\n");
        text.Append(Heat(explanation, colour)).Append("\n\n");
        AppendBars(text, explanation, messages, colour, rows);
        text.Append(Rationale.Of(explanation, messages)).Append('\n');
        AppendCounterfactuals(text, explanation);
        foreach (string remark in Rationale.Remarks(explanation, messages, Escape.Terminal))
        {
            text.Append(remark).Append('\n');
        }
        List<string> small = [];
        if (Rationale.Account(explanation, messages) is { } account)
        {
            small.Add(account);
        }
        small.Add(messages[Message.MethodLine, explanation.Method, explanation.Estimator, explanation.ModelCalls]);
        if (messages.Limit(explanation) is { } limit)
        {
            small.Add(limit);
        }
        foreach (string line in small)
        {
            string shown = line;
            text.Append(colour == TerminalColour.None ? shown : $"\u001b[2m{shown}{Reset}").Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The text on one line, each feature on its colour; without colour, strong features carry their score.</summary>
    public static string Heat(Explanation explanation, TerminalColour colour)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        double largest = ScoredText.Largest(explanation);
        StringBuilder text = new();
        foreach (Stretch stretch in ScoredText.Of(explanation))
        {
            string shown = Escape.Terminal(stretch.Text);
            double strength = largest == 0 ? 0 : Math.Abs(stretch.Score) / largest;
            if (stretch.Feature < 0 || strength < 0.05)
            {
                text.Append(shown);
            }
            else if (colour == TerminalColour.None)
            {
                text.Append(shown);
                if (strength >= 0.15)
                {
                    text.Append('[').Append(Numbers.WithSign(stretch.Score)).Append(']');
                }
            }
            else
            {
                text.Append(Background(stretch.Score, largest, colour)).Append(shown).Append(Reset);
            }
        }
        return text.ToString();
    }

    private static void AppendBars(
        StringBuilder text,
        Explanation explanation,
        Messages messages,
        TerminalColour colour,
        int rows
    )
    {
        IReadOnlyList<int> strongest = ScoredText.Strongest(explanation);
        FeatureScore[] shown = [.. strongest.Take(rows).Select(i => explanation.Features[i])];
        if (shown.Length == 0)
        {
            return;
        }
        string[] words = [.. shown.Select(f => Ellipsis.Cut(Escape.Terminal(f.Text), 24))];
        int wide = words.Max(Ellipsis.Columns);
        double largest = ScoredText.Largest(explanation);
        const int Half = 20;
        for (int i = 0; i < shown.Length; i++)
        {
            double score = shown[i].Score!.Value;
            int length = Math.Max(1, (int)Math.Round(Math.Abs(score) / largest * Half));
            string bar = new(score >= 0 ? '█' : '▒', length);
            string left = score < 0 ? bar.PadLeft(Half) : new string(' ', Half);
            string right = score >= 0 ? bar : "";
            if (colour != TerminalColour.None)
            {
                left = score < 0 ? Foreground(score, colour) + left + Reset : left;
                right = score >= 0 ? Foreground(score, colour) + right + Reset : right;
            }
            string number = Numbers.WithSign(score);
            if (shown[i].StandardError is > 0 and { } error)
            {
                number += " ± " + Numbers.Plain(error);
            }
            text.Append("  ")
                .Append(' ', wide - Ellipsis.Columns(words[i]))
                .Append(words[i])
                .Append(' ')
                .Append(left)
                .Append('│')
                .Append(right)
                .Append(' ', score >= 0 ? Half - length : Half)
                .Append(' ')
                .Append(number)
                .Append('\n');
        }
        if (strongest.Count > shown.Length)
        {
            text.Append("  ").Append(messages[Message.MoreFeatures, strongest.Count - shown.Length]).Append('\n');
        }
        text.Append('\n');
    }

    private static void AppendCounterfactuals(StringBuilder text, Explanation explanation)
    {
        foreach (Counterfactual flip in explanation.Counterfactuals ?? [])
        {
            text.Append("  ")
                .Append(Escape.Terminal(flip.Prediction.Label))
                .Append(CultureInfo.InvariantCulture, $" {Numbers.Percent(flip.Prediction.Confidence)} %: ")
                .Append(Escape.Terminal(flip.Text))
                .Append('\n');
        }
    }

    internal static string Background(double score, double largest, TerminalColour colour)
    {
        // White on a dark shade or black on a light one, so that the text reads whatever the terminal's own colours are.
        double opacity = 0.25 + 0.75 * Math.Min(1, Math.Abs(score) / largest);
        Rgb shade = Palette.Of(score).Over(new Rgb(0xff, 0xff, 0xff), opacity);
        return colour == TerminalColour.TrueColour
            ? string.Create(CultureInfo.InvariantCulture, $"\u001b[30;48;2;{shade.Red};{shade.Green};{shade.Blue}m")
            : string.Create(CultureInfo.InvariantCulture, $"\u001b[30;48;5;{Cube(shade)}m");
    }

    private static string Foreground(double score, TerminalColour colour) => Foreground(Palette.Of(score), colour);

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
