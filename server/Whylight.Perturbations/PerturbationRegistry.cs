namespace Whylight.Perturbations;

/// <summary>A parameter that a perturbation takes in specs.</summary>
/// <param name="Name">Its key, in snake case.</param>
/// <param name="Required">Whether it must be given.</param>
/// <param name="Choices">The values allowed, or null for any text.</param>
public sealed record PerturbationParameter(string Name, bool Required, IReadOnlyList<string>? Choices = null);

/// <summary>The perturbations by name.</summary>
public static class PerturbationRegistry
{
    private sealed record Entry(
        string Name,
        bool Harmless,
        PerturbationParameter[] Parameters,
        Func<IReadOnlyDictionary<string, string>, Perturbation> Make
    );

    private static readonly Entry[] Entries =
    [
        new("swap_adjacent", true, [], _ => new SwapAdjacent()),
        new("keyboard_typo", true, [], _ => new KeyboardTypo()),
        new(
            "casing",
            true,
            [new PerturbationParameter("style", false, ["lower", "upper", "title", "sentence"])],
            p => new Casing(
                p.TryGetValue("style", out string? style) ? Enum.Parse<CasingStyle>(style, ignoreCase: true) : null
            )
        ),
        new("punctuation", true, [], _ => new Punctuation()),
        new("contraction", true, [], _ => new Contraction()),
        new("whitespace", true, [], _ => new Whitespace()),
        new("drop_char", false, [], _ => new DropChar()),
        new("repeat_char", false, [], _ => new RepeatChar()),
        new("homoglyph", false, [], _ => new Homoglyph()),
        new("zero_width", false, [], _ => new ZeroWidth()),
        new("prepend", false, [new PerturbationParameter("text", true)], p => AddText.Before(p["text"])),
        new("append", false, [new PerturbationParameter("text", true)], p => AddText.After(p["text"])),
        new(
            "replace_word",
            false,
            [new PerturbationParameter("from", true), new PerturbationParameter("to", true)],
            p => new ReplaceWord(p["from"], p["to"])
        ),
    ];

    /// <summary>All names, in a fixed order.</summary>
    public static IReadOnlyList<string> Names { get; } = Entries.Select(e => e.Name).ToArray();

    /// <summary>The names of those that a reader would not hold against the text: typos, case, punctuation, spacing.</summary>
    public static IReadOnlyList<string> Harmless { get; } =
        Entries.Where(e => e.Harmless).Select(e => e.Name).ToArray();

    /// <summary>The parameters of a perturbation.</summary>
    /// <exception cref="ArgumentException">No perturbation has that name.</exception>
    public static IReadOnlyList<PerturbationParameter> Parameters(string name) => Find(name).Parameters;

    /// <summary>Makes a perturbation.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="parameters">Values by key.</param>
    /// <exception cref="ArgumentException">Unknown name or parameter, one missing, or a value that is not allowed; says which.</exception>
    public static Perturbation Create(string name, IReadOnlyDictionary<string, string>? parameters = null)
    {
        Entry entry = Find(name);
        parameters ??= new Dictionary<string, string>();
        foreach ((string key, string value) in parameters)
        {
            PerturbationParameter parameter =
                entry.Parameters.FirstOrDefault(p => p.Name == key)
                ?? throw new ArgumentException($"perturbation '{name}' takes no '{key}'");
            if (parameter.Choices is not null && !parameter.Choices.Contains(value))
            {
                throw new ArgumentException(
                    $"'{key}' of perturbation '{name}' is '{value}', not one of {string.Join(", ", parameter.Choices)}"
                );
            }
            if (parameter.Required && parameter.Name != "to" && value.Length == 0)
            {
                throw new ArgumentException($"'{key}' of perturbation '{name}' is empty");
            }
        }
        foreach (PerturbationParameter parameter in entry.Parameters)
        {
            if (parameter.Required && !parameters.ContainsKey(parameter.Name))
            {
                throw new ArgumentException($"perturbation '{name}' needs '{parameter.Name}'");
            }
        }
        return entry.Make(parameters);
    }

    private static Entry Find(string name) =>
        Entries.FirstOrDefault(e => e.Name == name)
        ?? throw new ArgumentException($"there is no perturbation '{name}'; there are {string.Join(", ", Names)}");
}
