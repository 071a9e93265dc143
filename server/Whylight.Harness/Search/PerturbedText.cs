using Whylight.Perturbations;

namespace Whylight.Harness.Search;

/// <summary>A text with edits to make: the value that is generated and shrunk.</summary>
public sealed record PerturbedText
{
    /// <summary>A text and the edits to make in it.</summary>
    /// <exception cref="ArgumentException">An edit reaches beyond the text.</exception>
    public PerturbedText(string text, EditSequence edits)
    {
        Text = text;
        Edits = edits;
        Edited = edits.Apply(text);
    }

    /// <summary>The text before the edits.</summary>
    public string Text { get; }

    /// <summary>The edits.</summary>
    public EditSequence Edits { get; }

    /// <summary>The text after the edits.</summary>
    public string Edited { get; }

    /// <summary>Fewest edits first, then the smallest edits, then the shortest text.</summary>
    public (int Edits, int Size, int Length) Weight => (Edits.Count, Edits.Size, Text.Length);
}
