using System.Text;

namespace Whylight.Perturbations;

/// <summary>Edits of one text in text order, none of which conflicts with another. A value: equal where its edits are.</summary>
public sealed class EditSequence : IEquatable<EditSequence>
{
    private readonly Edit[] _edits;

    /// <summary>Sorts edits by their start.</summary>
    /// <exception cref="ArgumentException">Two of them conflict.</exception>
    public EditSequence(IEnumerable<Edit> edits)
    {
        _edits = edits.OrderBy(e => e.Start).ToArray();
        for (int i = 1; i < _edits.Length; i++)
        {
            if (_edits[i - 1].ConflictsWith(_edits[i]))
            {
                throw new ArgumentException(
                    $"the edits at {_edits[i - 1].Start} and {_edits[i].Start} overlap",
                    nameof(edits)
                );
            }
        }
    }

    /// <summary>No edits.</summary>
    public static EditSequence Empty { get; } = new([]);

    /// <summary>The edits in text order.</summary>
    public IReadOnlyList<Edit> Edits => _edits;

    /// <summary>Number of edits.</summary>
    public int Count => _edits.Length;

    /// <summary>Sum of the edits' sizes, in UTF-16 code units.</summary>
    public int Size => _edits.Sum(e => e.Size);

    /// <summary>The text with all edits made.</summary>
    /// <exception cref="ArgumentException">An edit reaches beyond the text.</exception>
    public string Apply(string text)
    {
        if (_edits.Length == 0)
        {
            return text;
        }
        StringBuilder result = new(text.Length + 16);
        int from = 0;
        foreach (Edit edit in _edits)
        {
            if (edit.Start < 0 || edit.Length < 0 || edit.End > text.Length)
            {
                throw new ArgumentException($"the edit at {edit.Start} reaches beyond the text", nameof(text));
            }
            result.Append(text, from, edit.Start - from).Append(edit.Replacement);
            from = edit.End;
        }
        return result.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The same edits without the one at an index.</summary>
    public EditSequence Without(int index) => new(_edits.Where((_, i) => i != index));

    /// <summary>The edits that turn the edited text back into the original.</summary>
    public EditSequence Invert(string original)
    {
        List<Edit> inverse = [];
        int shift = 0;
        foreach (Edit edit in _edits)
        {
            string before = original.Substring(edit.Start, edit.Length);
            Edit undo = new(edit.Start + shift, edit.Replacement.Length, before, edit.Perturbation);
            // Neighbouring deletions come back at one place, as one insertion.
            if (inverse.Count > 0 && inverse[^1].End == undo.Start)
            {
                Edit last = inverse[^1];
                inverse[^1] = last with
                {
                    Length = last.Length + undo.Length,
                    Replacement = last.Replacement + undo.Replacement,
                };
            }
            else
            {
                inverse.Add(undo);
            }
            shift += edit.Replacement.Length - edit.Length;
        }
        return new EditSequence(inverse);
    }

    /// <summary>
    /// Where an offset of the original text stands in the edited one. An offset inside a replaced range goes to the
    /// replacement's start, or to its end where <paramref name="after"/> is set; outside, the map is exact.
    /// </summary>
    public int ToEdited(int offset, bool after = false)
    {
        int shift = 0;
        foreach (Edit edit in _edits)
        {
            if (edit.Start > offset || (edit.Start == offset && (!after || edit.Length > 0)))
            {
                break;
            }
            if (offset < edit.End)
            {
                return edit.Start + shift + (after ? edit.Replacement.Length : 0);
            }
            shift += edit.Replacement.Length - edit.Length;
        }
        return offset + shift;
    }

    /// <summary>Where an offset of the edited text stands in the original; the mirror of <see cref="ToEdited"/>.</summary>
    public int ToOriginal(int offset, bool after = false)
    {
        int shift = 0;
        foreach (Edit edit in _edits)
        {
            int start = edit.Start + shift;
            if (start > offset || (start == offset && (!after || edit.Replacement.Length > 0)))
            {
                break;
            }
            if (offset < start + edit.Replacement.Length)
            {
                return after ? edit.End : edit.Start;
            }
            shift += edit.Replacement.Length - edit.Length;
        }
        return offset - shift;
    }

    /// <inheritdoc/>
    public bool Equals(EditSequence? other) => other is not null && _edits.AsSpan().SequenceEqual(other._edits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EditSequence);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (Edit edit in _edits)
        {
            hash.Add(edit);
        }
        return hash.ToHashCode();
    }
}
