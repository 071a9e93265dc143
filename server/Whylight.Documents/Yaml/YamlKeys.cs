using System.Globalization;

namespace Whylight.Documents.Yaml;

/// <summary>
/// Reads the keys of one mapping by name and type, reporting at its place whatever is missing, of the wrong type or
/// unknown. A problem makes the reader return null (or what was readable) and carry on, so that one look shows them all.
/// </summary>
public sealed class YamlKeys
{
    private readonly ICollection<DocumentProblem> _problems;
    private readonly List<string> _known = [];

    /// <summary>Reads a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="what">What it is, in a phrase for messages, such as "a test" or "whylight.yaml".</param>
    /// <param name="problems">Where problems go.</param>
    public YamlKeys(YamlMapping mapping, string what, ICollection<DocumentProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        Mapping = mapping;
        What = what;
        _problems = problems;
    }

    /// <summary>The mapping read.</summary>
    public YamlMapping Mapping { get; }

    /// <summary>What the mapping is, in a phrase.</summary>
    public string What { get; }

    /// <summary>Reads a node as a mapping; reports a problem and returns null where it is none.</summary>
    public static YamlKeys? Of(YamlNode? node, string what, ICollection<DocumentProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (node is YamlMapping mapping)
        {
            return new YamlKeys(mapping, what, problems);
        }
        if (node is not null)
        {
            problems.Add(Wrong(node, $"{what} is a mapping (key: value), not {node.Description}"));
        }
        return null;
    }

    /// <summary>The value of a key, or null where it is not there or is null.</summary>
    public YamlNode? Optional(string key)
    {
        if (!_known.Contains(key))
        {
            _known.Add(key);
        }
        return Mapping[key] is { } node and not YamlScalar { IsNull: true } ? node : null;
    }

    /// <summary>The value of a key; reports a problem where it is not there or is null.</summary>
    public YamlNode? Required(string key)
    {
        YamlNode? node = Optional(key);
        if (node is null)
        {
            int end = Mapping.Entries.Count > 0 ? Mapping.Entries[0].Key.End : Mapping.End;
            _problems.Add(
                new DocumentProblem(
                    Mapping.Start,
                    end,
                    ProblemSeverity.Error,
                    "missing-key",
                    $"{What} needs the key '{key}'"
                )
            );
        }
        return node;
    }

    /// <summary>Any scalar as text (numbers as they are written), or null.</summary>
    public string? OptionalString(string key) => String(key, Optional(key));

    /// <summary>Any scalar as text, reporting a problem where it is not there.</summary>
    public string? RequiredString(string key) => String(key, Required(key));

    /// <summary>An integer in a range, or null.</summary>
    public long? OptionalInteger(string key, long min = long.MinValue, long max = long.MaxValue) =>
        Integer(key, Optional(key), min, max);

    /// <summary>An integer in a range, reporting a problem where it is not there.</summary>
    public long? RequiredInteger(string key, long min = long.MinValue, long max = long.MaxValue) =>
        Integer(key, Required(key), min, max);

    /// <summary>A finite number in a closed range, or null.</summary>
    public double? OptionalNumber(string key, double min = double.MinValue, double max = double.MaxValue) =>
        Number(key, Optional(key), min, max);

    /// <summary>A finite number in a closed range, reporting a problem where it is not there.</summary>
    public double? RequiredNumber(string key, double min = double.MinValue, double max = double.MaxValue) =>
        Number(key, Required(key), min, max);

    /// <summary>true or false, or null.</summary>
    public bool? OptionalBoolean(string key)
    {
        YamlNode? node = Optional(key);
        if (node is YamlScalar { AsBoolean: { } value })
        {
            return value;
        }
        if (node is not null)
        {
            Report(node, $"'{key}' is true or false, not {Shown(node)}");
        }
        return null;
    }

    /// <summary>One of some words, or null; a word that is none of them is reported with a suggestion.</summary>
    public string? OptionalOneOf(string key, IReadOnlyList<string> words) => OneOf(key, Optional(key), words);

    /// <summary>One of some words, reporting a problem where it is not there.</summary>
    public string? RequiredOneOf(string key, IReadOnlyList<string> words) => OneOf(key, Required(key), words);

    /// <summary>A list of scalars as text, or null.</summary>
    public IReadOnlyList<string>? OptionalStrings(string key)
    {
        if (OptionalSequence(key) is not { } items)
        {
            return null;
        }
        List<string> values = [];
        foreach (YamlNode item in items)
        {
            if (String($"an item of '{key}'", item, quoted: false) is { } value)
            {
                values.Add(value);
            }
        }
        return values;
    }

    /// <summary>The items of a list, or null.</summary>
    public IReadOnlyList<YamlNode>? OptionalSequence(string key) => Sequence(key, Optional(key));

    /// <summary>The items of a list, reporting a problem where it is not there.</summary>
    public IReadOnlyList<YamlNode>? RequiredSequence(string key) => Sequence(key, Required(key));

    /// <summary>A mapping's keys, or null.</summary>
    public YamlKeys? OptionalMapping(string key, string? what = null) =>
        Of(Optional(key), what ?? $"'{key}'", _problems);

    /// <summary>A mapping's keys, reporting a problem where it is not there.</summary>
    public YamlKeys? RequiredMapping(string key, string? what = null) =>
        Of(Required(key), what ?? $"'{key}'", _problems);

    /// <summary>A mapping of names to scalars as text, in file order, or null.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? OptionalStringMap(string key)
    {
        if (OptionalMapping(key) is not { } keys)
        {
            return null;
        }
        List<KeyValuePair<string, string>> map = [];
        foreach (YamlEntry entry in keys.Mapping.Entries)
        {
            if (String($"'{key}.{entry.Key.Value}'", entry.Value, quoted: false) is { } value)
            {
                map.Add(new(entry.Key.Value, value));
            }
        }
        return map;
    }

    /// <summary>Reports every key that was never asked for, with a suggestion among those that were.</summary>
    public void Close()
    {
        foreach (YamlEntry entry in Mapping.Entries)
        {
            string name = entry.Key.Value;
            if (!_known.Contains(name))
            {
                string[] open = [.. _known.Where(k => Mapping[k] is null)];
                string suggestion = Suggestion.Phrase(name, open);
                _problems.Add(
                    new DocumentProblem(
                        entry.Key.Start,
                        entry.Key.End,
                        ProblemSeverity.Error,
                        "unknown-key",
                        $"{What} has no key '{name}'"
                            + (suggestion.Length > 0 ? suggestion : $"; its keys are {string.Join(", ", _known)}")
                    )
                );
            }
        }
    }

    /// <summary>Reports a problem of the caller's own at a node.</summary>
    public void Report(YamlNode node, string message, string code = "wrong-value")
    {
        ArgumentNullException.ThrowIfNull(node);
        _problems.Add(new DocumentProblem(node.Start, node.End, ProblemSeverity.Error, code, message));
    }

    private string? String(string key, YamlNode? node, bool quoted = true)
    {
        if (node is YamlScalar { IsNull: false } scalar)
        {
            return scalar.Value;
        }
        if (node is not null)
        {
            Report(node, $"{(quoted ? $"'{key}'" : key)} is a string, not {node.Description}");
        }
        return null;
    }

    private long? Integer(string key, YamlNode? node, long min, long max)
    {
        if (node is null)
        {
            return null;
        }
        if (node is not YamlScalar { AsInteger: { } value })
        {
            Report(node, $"'{key}' is a whole number, not {Shown(node)}");
            return null;
        }
        if (value < min || value > max)
        {
            Report(node, $"'{key}' is {Range(min, max, min > long.MinValue, max < long.MaxValue)}, not {value}");
            return null;
        }
        return value;
    }

    private double? Number(string key, YamlNode? node, double min, double max)
    {
        if (node is null)
        {
            return null;
        }
        if (node is not YamlScalar { AsNumber: { } value } || !double.IsFinite(value))
        {
            Report(node, $"'{key}' is a number, not {Shown(node)}");
            return null;
        }
        if (value < min || value > max)
        {
            Report(
                node,
                $"'{key}' is {Range(min, max, min > double.MinValue, max < double.MaxValue)}, not {Shown(node)}"
            );
            return null;
        }
        return value;
    }

    private string? OneOf(string key, YamlNode? node, IReadOnlyList<string> words)
    {
        if (node is null || String(key, node) is not { } value)
        {
            return null;
        }
        if (words.Contains(value))
        {
            return value;
        }
        string suggestion = Suggestion.Phrase(value, words);
        Report(
            node,
            $"'{key}' cannot be '{value}'"
                + (suggestion.Length > 0 ? suggestion : $"; it is one of {string.Join(", ", words)}"),
            "unknown-word"
        );
        return null;
    }

    private IReadOnlyList<YamlNode>? Sequence(string key, YamlNode? node)
    {
        if (node is YamlSequence sequence)
        {
            return sequence.Items;
        }
        if (node is not null)
        {
            Report(node, $"'{key}' is a list, not {node.Description}");
        }
        return null;
    }

    private static string Range<T>(T min, T max, bool hasMin, bool hasMax)
        where T : IFormattable =>
        (hasMin, hasMax) switch
        {
            (true, true) => Invariant($"a number from {min} to {max}"),
            (true, false) => Invariant($"at least {min}"),
            _ => Invariant($"at most {max}"),
        };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Shown(YamlNode node) =>
        node is YamlScalar { IsNull: false } scalar ? $"'{Shorten(scalar.Value)}'" : node.Description;

    private static string Shorten(string value) => value.Length <= 40 ? value : value[..40] + "…";

    private static DocumentProblem Wrong(YamlNode node, string message) =>
        new(node.Start, node.End, ProblemSeverity.Error, "wrong-value", message);
}
