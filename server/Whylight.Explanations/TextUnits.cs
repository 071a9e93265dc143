namespace Whylight.Explanations;

/// <summary>The ranges of a text that may become features.</summary>
internal static class TextUnits
{
    /// <summary>Words, phrases or sentences in text order, without overlap.</summary>
    public static IReadOnlyList<(int Start, int End)> Of(string text, FeatureKind kind)
    {
        List<(int, int)> units = [];
        int start = 0;
        while (start < text.Length)
        {
            if (char.IsWhiteSpace(text[start]))
            {
                start++;
                continue;
            }
            bool letters = char.IsLetterOrDigit(text[start]);
            int end = start + 1;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && char.IsLetterOrDigit(text[end]) == letters)
            {
                end++;
            }
            units.Add((start, end));
            start = end;
        }
        return kind == FeatureKind.Word ? units : [(units[0].Item1, units[^1].Item2)];
    }
}
