using System.Globalization;
using System.Text;
using Whylight.Models;

namespace Whylight.Explanations.Rendering;

/// <summary>A text as a language model read it, for a terminal: each token shaded by its surprisal, with what was expected.</summary>
/// <remarks>Surprisal is -log2 of a token's probability after those before it, in bits; the first token has none.</remarks>
public static class SurprisalRenderer
{
    /// <summary>Bits from which on a token counts as surprising where no colour can say so.</summary>
    private const double Surprising = 4;

    /// <summary>Tokens named as expected at one place.</summary>
    private const int Alternatives = 3;

    /// <summary>The shaded text, a line a token, and the mean; ends with a line break.</summary>
    /// <param name="text">The text with its tokens.</param>
    /// <param name="messages">Language.</param>
    /// <param name="colour">What the terminal shows.</param>
    public static string Render(Models.ScoredText text, Messages messages, TerminalColour colour)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(messages);
        StringBuilder shown = new();
        if (text.Tokens.Count > 0)
        {
            shown.Append(Shaded(text, colour)).Append("\n\n");
            AppendTable(shown, text, messages);
            double[] bits = [.. text.Tokens.Select(Bits).OfType<double>()];
            if (bits.Length > 0)
            {
                double mean = bits.Average();
                shown
                    .Append('\n')
                    .Append(messages[Message.SurprisalMean, Numbers.Plain(mean), Numbers.Plain(Math.Pow(2, mean))])
                    .Append('\n');
            }
        }
        if (text.Next.Count > 0)
        {
            shown.Append(messages[Message.MostProbable, Expected(text.Next, messages, 5)]).Append('\n');
        }
        return shown.ToString();
    }

    /// <summary>The text with each token on a shade of its surprisal; without colour, surprising ones carry their bits.</summary>
    public static string Shaded(Models.ScoredText text, TerminalColour colour)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder shown = new();
        string whole = text.Text.Text;
        double largest = Math.Max(8, text.Tokens.Select(t => Bits(t) ?? 0).DefaultIfEmpty(0).Max());
        int at = 0;
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            Token token = text.Tokens[i].Token;
            if (token.Start < at || token.End <= token.Start)
            {
                continue;
            }
            // The tokens that spell one character together surprise together.
            double bits = 0;
            for (int j = i; j < text.Tokens.Count && text.Tokens[j].Token.Start == token.Start; j++)
            {
                bits += Bits(text.Tokens[j]) ?? 0;
            }
            shown.Append(Escape.Terminal(whole[at..token.Start]));
            string piece = Escape.Terminal(whole[token.Start..token.End]);
            bool shade = colour != TerminalColour.None && bits >= 1;
            shown.Append(
                shade
                    ? TerminalRenderer.Background(Math.Min(bits, largest), largest, colour, signed: false)
                        + piece
                        + TerminalFlow.Reset
                    : piece
            );
            if (colour == TerminalColour.None && bits >= Surprising)
            {
                shown.Append(CultureInfo.InvariantCulture, $"[{bits:0.0}]");
            }
            at = token.End;
        }
        return shown.Append(Escape.Terminal(whole[at..])).ToString();
    }

    private static void AppendTable(StringBuilder shown, Models.ScoredText text, Messages messages)
    {
        string[] pieces = [.. text.Tokens.Select((_, i) => Piece(text, i))];
        string[] bits =
        [
            .. text.Tokens.Select(t => Bits(t) is { } b ? b.ToString("0.00", CultureInfo.InvariantCulture) : "-"),
        ];
        string heading = messages[Message.TokenColumn];
        string amount = messages[Message.BitsColumn];
        int wide = pieces.Append(heading).Max(TextFit.Columns);
        int left = bits.Append(amount).Max(TextFit.Columns);
        Row(amount, heading, messages[Message.ExpectedColumn]);
        for (int i = 0; i < pieces.Length; i++)
        {
            Row(bits[i], pieces[i], Expected(text.Tokens[i].Top, messages, Alternatives));
        }

        void Row(string number, string piece, string expected)
        {
            StringBuilder line = new();
            line.Append(' ', left - TextFit.Columns(number)).Append(number).Append("  ").Append(piece);
            line.Append(' ', wide - TextFit.Columns(piece)).Append("  ").Append(expected);
            shown.Append(line.ToString().TrimEnd()).Append('\n');
        }
    }

    // What the token covers, quoted like what was expected in its place; the vocabulary's spelling ("Ġfilm") only of tokens that
    // cover nothing or spell one character together.
    private static string Piece(Models.ScoredText text, int i)
    {
        Token token = text.Tokens[i].Token;
        bool shared =
            (i > 0 && text.Tokens[i - 1].Token.End > token.Start)
            || (i + 1 < text.Tokens.Count && text.Tokens[i + 1].Token.Start < token.End);
        return token.End > token.Start && !shared
            ? $"“{TextFit.Cut(Escape.Terminal(text.Text.Text[token.Start..token.End]), 24)}”"
            : TextFit.Cut(Escape.Terminal(token.Text), 24);
    }

    private static string Expected(IReadOnlyList<TokenAlternative> top, Messages messages, int most) =>
        string.Join(
            messages[Message.ListComma],
            top.Take(most)
                .Select(t =>
                    messages[
                        Message.TokenShare,
                        $"“{TextFit.Cut(Escape.Terminal(t.Text), 20)}”",
                        Numbers.Percent(Math.Exp(t.LogProbability))
                    ]
                )
        );

    private static double? Bits(ScoredToken token) =>
        token.LogProbability is { } logProbability ? Math.Max(0, -logProbability / Math.Log(2)) : null;
}
