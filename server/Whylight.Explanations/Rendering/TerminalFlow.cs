using System.Text;

namespace Whylight.Explanations.Rendering;

/// <summary>Sets styled text into lines of a terminal.</summary>
/// <param name="width">Columns of a line.</param>
internal sealed class TerminalFlow(int width)
{
    /// <summary>Ends every style.</summary>
    public const string Reset = "\u001b[0m";

    private readonly StringBuilder _text = new();
    private int _column;

    /// <summary>Adds text, breaking lines where a word does not fit.</summary>
    /// <param name="visible">Made visible already.</param>
    /// <param name="style">An escape sequence of ours, or empty.</param>
    /// <param name="whole">Whether it is broken only where it is longer than a line.</param>
    public void Add(string visible, string style = "", bool whole = false)
    {
        string run = "";
        foreach (string piece in whole ? [visible] : TextFit.Pieces(visible))
        {
            int columns = TextFit.Columns(piece);
            if (_column + columns > width && _column > 0)
            {
                Write(run, style);
                run = "";
                Break();
                if (piece == " ")
                {
                    continue;
                }
            }
            if (columns > width)
            {
                Write(run, style);
                run = "";
                string[] parts = [.. TextFit.Wrap(piece, width)];
                for (int i = 0; i < parts.Length; i++)
                {
                    if (i > 0)
                    {
                        Break();
                    }
                    Write(parts[i], style);
                    _column += TextFit.Columns(parts[i]);
                }
                continue;
            }
            run += piece;
            _column += columns;
        }
        Write(run, style);
    }

    /// <summary>What was set, each line ended.</summary>
    public override string ToString() =>
        string.Join('\n', _text.ToString().Split('\n').Select(l => l.TrimEnd(' '))) + "\n";

    private void Break()
    {
        _text.Append('\n');
        _column = 0;
    }

    private void Write(string run, string style)
    {
        if (run.Length > 0)
        {
            _text.Append(style).Append(run).Append(style.Length > 0 ? Reset : "");
        }
    }
}
