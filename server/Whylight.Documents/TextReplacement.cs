namespace Whylight.Documents;

/// <summary>A change of a file's text.</summary>
/// <param name="Start">First UTF-16 offset replaced.</param>
/// <param name="End">One past the last; equal to <paramref name="Start"/> for an insertion.</param>
/// <param name="Text">What stands there afterwards.</param>
public readonly record struct TextReplacement(int Start, int End, string Text)
{
    /// <summary>The text after the change.</summary>
    public string ApplyTo(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return string.Concat(source.AsSpan(0, Start), Text, source.AsSpan(End));
    }
}
