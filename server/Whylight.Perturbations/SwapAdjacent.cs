namespace Whylight.Perturbations;

/// <summary>
/// Two neighbouring letters of a word change places, as a hurried typist's do. Words of at least three letters (two in Han
/// text, where a run of characters may hold many words); letters that are the same but for case are left alone.
/// </summary>
public sealed class SwapAdjacent : Perturbation
{
    /// <inheritdoc/>
    public override string Name => "swap_adjacent";

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        List<Edit> edits = [];
        foreach (List<TextElement> word in TextElements.Words(text))
        {
            // A swap in a word of two letters makes another word too often: no, on.
            if (word.Count < (TextElements.IsHan(text, word[0].Start) ? 2 : 3))
            {
                continue;
            }
            for (int i = 0; i + 1 < word.Count; i++)
            {
                ReadOnlySpan<char> left = TextElements.Slice(text, word[i]);
                ReadOnlySpan<char> right = TextElements.Slice(text, word[i + 1]);
                if (!left.Equals(right, StringComparison.OrdinalIgnoreCase))
                {
                    edits.Add(
                        new Edit(word[i].Start, word[i].Length + word[i + 1].Length, string.Concat(right, left), Name)
                    );
                }
            }
        }
        return edits;
    }
}
