using Whylight.Documents.Yaml;

namespace Whylight.Documents.Configuration;

/// <summary>A perturbation as YAML names it: a name alone, or a mapping with <c>name</c> and its parameters.</summary>
/// <param name="Name">The name; whether it exists is for the perturbations to say.</param>
/// <param name="MaxEdits">Most edits a draw, or null.</param>
/// <param name="Rate">Share of places edited, in (0, 1], or null.</param>
/// <param name="Parameters">The other keys, in file order.</param>
/// <param name="Start">First UTF-16 offset in the file.</param>
/// <param name="End">One past the last.</param>
public sealed record PerturbationSetting(
    string Name,
    int? MaxEdits,
    double? Rate,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    int Start,
    int End
)
{
    /// <summary>Reads a node; null, with a problem reported, where it is neither form.</summary>
    public static PerturbationSetting? Read(YamlNode node, ICollection<DocumentProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node is YamlScalar { IsNull: false } name)
        {
            return new PerturbationSetting(name.Value, null, null, [], node.Start, node.End);
        }
        if (YamlKeys.Of(node, "a perturbation", problems) is not { } keys)
        {
            return null;
        }
        string? named = keys.RequiredString("name");
        int? maxEdits = (int?)keys.OptionalInteger("max_edits", 1, 1000);
        double? rate = keys.OptionalNumber("rate", 0, 1);
        if (rate == 0)
        {
            keys.Report(keys.Mapping["rate"]!, "'rate' is more than 0; leave the perturbation out instead");
            rate = null;
        }
        List<KeyValuePair<string, string>> parameters = [];
        foreach (YamlEntry entry in keys.Mapping.Entries)
        {
            if (entry.Key.Value is not ("name" or "max_edits" or "rate"))
            {
                if (entry.Value is YamlScalar value)
                {
                    parameters.Add(new(entry.Key.Value, value.Value));
                }
                else
                {
                    keys.Report(
                        entry.Value,
                        $"'{entry.Key.Value}' is a string or number, not {entry.Value.Description}"
                    );
                }
            }
        }
        return named is null ? null : new PerturbationSetting(named, maxEdits, rate, parameters, node.Start, node.End);
    }
}
