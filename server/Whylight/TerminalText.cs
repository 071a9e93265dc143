using Whylight.Explanations.Rendering;

namespace Whylight;

/// <summary>Text from datasets on a terminal line: harmless, on one line, cut to a width.</summary>
internal static class TerminalText
{
    /// <summary>The beginning of a text, with an ellipsis where more follows; never cuts a surrogate pair.</summary>
    public static string Excerpt(string text, int most)
    {
        string visible = Escape.Terminal(text);
        if (visible.Length <= most)
        {
            return visible;
        }
        int end = char.IsHighSurrogate(visible[most - 2]) ? most - 2 : most - 1;
        return visible[..end] + "…";
    }
}
