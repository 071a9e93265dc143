namespace Whylight.Perturbations;

/// <summary>A Latin letter becomes a Cyrillic or Greek letter that looks the same (Unicode confusables). An attack, not a typo.</summary>
public sealed class Homoglyph : Perturbation
{
    private const string Latin = "aceijopsxyABCEHIJKMOPSTXYZ";
    private const string Lookalike = "асеіјорѕхуАВСЕНІЈКМОРЅТХУΖ";

    /// <inheritdoc/>
    public override string Name => "homoglyph";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        List<Edit> edits = [];
        foreach (TextElement element in TextElements.Of(text))
        {
            int i = element.Length == 1 ? Latin.IndexOf(text[element.Start], StringComparison.Ordinal) : -1;
            if (i >= 0)
            {
                edits.Add(new Edit(element.Start, 1, Lookalike[i].ToString(), Name));
            }
        }
        return edits;
    }
}
