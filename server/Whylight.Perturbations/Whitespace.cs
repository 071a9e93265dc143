namespace Whylight.Perturbations;

/// <summary>A space between words doubles or becomes a tab, or a space follows the text. Never inside a word.</summary>
public sealed class Whitespace : Perturbation
{
    /// <inheritdoc/>
    public override string Name => "whitespace";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        List<Edit> edits = [];
        foreach (TextElement element in TextElements.Of(text))
        {
            if (element.Length == 1 && text[element.Start] == ' ')
            {
                edits.Add(new Edit(element.Start, 1, "  ", Name));
                edits.Add(new Edit(element.Start, 1, "\t", Name));
            }
        }
        if (text.Length > 0)
        {
            edits.Add(new Edit(text.Length, 0, " ", Name));
        }
        return edits;
    }
}
