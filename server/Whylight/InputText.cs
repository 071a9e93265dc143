using Whylight.Documents;

namespace Whylight;

/// <summary>A text to work on, with where it came from.</summary>
/// <param name="Text">The text.</param>
/// <param name="Where">For messages: "the text", or FILE:LINE.</param>
/// <param name="Example">The example it is, or null for a text given directly.</param>
internal sealed record InputText(string Text, string Where, Example? Example = null)
{
    /// <summary>One-based line in its file, or null for a text given directly.</summary>
    public int? Line => Example?.Line + 1;
}
