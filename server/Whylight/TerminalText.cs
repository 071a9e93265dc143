using Whylight.Explanations.Rendering;

namespace Whylight;

/// <summary>Text from datasets on a terminal line: harmless, on one line, cut to a width.</summary>
internal static class TerminalText
{
    /// <summary>The beginning of a text, with an ellipsis where more follows; never cuts a character that people see as one.</summary>
    public static string Excerpt(string text, int most)
    {
        string visible = Escape.Terminal(text);
        return TextFit.Cut(visible, most);
    }
}
