namespace Whylight.Perturbations;

/// <summary>
/// A letter becomes one of its neighbours on a QWERTY keyboard, its case kept. Words of at least three letters; letters
/// that are not on the keyboard are left alone.
/// </summary>
public sealed class KeyboardTypo : Perturbation
{
    private static readonly string[] Neighbours =
    [
        "qwsz",
        "vghn",
        "xdfv",
        "serfcx",
        "wsdr",
        "drtgvc",
        "ftyhbv",
        "gyujnb",
        "ujko",
        "huikmn",
        "jiolm",
        "kop",
        "njk",
        "bhjm",
        "iklp",
        "ol",
        "wa",
        "edft",
        "awedxz",
        "rfgy",
        "yhji",
        "cfgb",
        "qase",
        "zsdc",
        "tghu",
        "asx",
    ];

    /// <inheritdoc/>
    public override string Name => "keyboard_typo";

    /// <summary>The keys around a lower-case Latin letter.</summary>
    internal static string Around(char letter) => Neighbours[letter - 'a'];

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text)
    {
        List<Edit> edits = [];
        foreach (List<TextElement> word in TextElements.Words(text).Where(w => w.Count >= 3))
        {
            foreach (TextElement letter in word.Where(e => e.Length == 1 && char.IsAsciiLetter(text[e.Start])))
            {
                char c = text[letter.Start];
                foreach (char neighbour in Around(char.ToLowerInvariant(c)))
                {
                    char typed = char.IsAsciiLetterUpper(c) ? char.ToUpperInvariant(neighbour) : neighbour;
                    edits.Add(new Edit(letter.Start, 1, typed.ToString(), Name));
                }
            }
        }
        return edits;
    }
}
