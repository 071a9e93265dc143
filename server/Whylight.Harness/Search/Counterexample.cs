using Whylight.Explanations.Rendering;
using Whylight.Models;
using Whylight.Perturbations;

namespace Whylight.Harness.Search;

/// <summary>A perturbed text whose prediction breaks what was expected, as found and as shrunk; both verified by real calls.</summary>
public sealed record Counterexample
{
    /// <summary>The case as it was found.</summary>
    public required PerturbedText Original { get; init; }

    /// <summary>The smallest case that shrinking reached; the same as the original where nothing smaller fails.</summary>
    public required PerturbedText Shrunk { get; init; }

    /// <summary>What the model says of the shrunk case's text before its edits.</summary>
    public required Prediction Before { get; init; }

    /// <summary>What it says after them.</summary>
    public required Prediction After { get; init; }

    /// <summary>
    /// Whether every smaller case that the shrinker knows was tried and holds: no single edit can be left out. False where
    /// the budget of calls ran out first.
    /// </summary>
    public required bool Minimal { get; init; }

    /// <summary>Texts that the model was asked about, in this search.</summary>
    public required int ModelCalls { get; init; }

    /// <summary>Whether the label changed (and not merely its probability).</summary>
    public bool Flip => Before.LabelIndex != After.LabelIndex;

    /// <summary>The shrunk edits in words, such as <c>"isn't" → "is not"</c>; text from the example is not escaped.</summary>
    /// <param name="messages">The catalogue; null for English.</param>
    public IReadOnlyList<string> Describe(Messages? messages = null) =>
        Shrunk.Edits.Edits.Select(e => Describe(Shrunk.Text, e, messages ?? Messages.English)).ToArray();

    // An edit inside a word is shown with its word, for nobody recognises "oo" → "o".
    private static string Describe(string text, Edit edit, Messages messages)
    {
        if (edit.Length == 0 && (edit.Start == 0 || edit.Start == text.Length))
        {
            bool atStart = edit.Start == 0 && text.Length > 0;
            return messages[atStart ? Message.EditBefore : Message.EditAfter, edit.Replacement];
        }
        int start = edit.Start;
        int end = edit.End;
        while (start > 0 && end - start < 40 && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }
        while (end < text.Length && end - start < 40 && !char.IsWhiteSpace(text[end]))
        {
            end++;
        }
        if (start > 0 && char.IsLowSurrogate(text[start]))
        {
            start--;
        }
        if (end < text.Length && char.IsLowSurrogate(text[end]))
        {
            end++;
        }
        string before = text[start..end];
        string after = string.Concat(
            text.AsSpan(start, edit.Start - start),
            edit.Replacement,
            text.AsSpan(edit.End, end - edit.End)
        );
        return $"\"{before}\" → \"{after}\"";
    }
}
