using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Perturbations;

namespace Whylight.Harness.Search;

/// <summary>Makes perturbations from what specs and whylight.yaml say of them.</summary>
public static class PerturbationChoices
{
    /// <summary>The perturbations that settings name; what cannot be made is reported at its place and left out.</summary>
    public static IReadOnlyList<PerturbationChoice> From(
        IEnumerable<PerturbationSetting> settings,
        ICollection<DocumentProblem> problems
    )
    {
        List<PerturbationChoice> choices = [];
        foreach (PerturbationSetting setting in settings)
        {
            if (Wrong(setting) is (string code, string message))
            {
                problems.Add(new DocumentProblem(setting.Start, setting.End, ProblemSeverity.Error, code, message));
                continue;
            }
            try
            {
                Perturbation perturbation = PerturbationRegistry.Create(
                    setting.Name,
                    setting.Parameters.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal)
                );
                EditBudget budget = new() { MaxEdits = setting.MaxEdits, Rate = setting.Rate };
                choices.Add(new PerturbationChoice(perturbation, budget));
            }
            catch (ArgumentException e)
            {
                problems.Add(
                    new DocumentProblem(setting.Start, setting.End, ProblemSeverity.Error, "wrong-value", e.Message)
                );
            }
        }
        return choices;
    }

    private static (string Code, string Message)? Wrong(PerturbationSetting setting)
    {
        if (!PerturbationRegistry.Names.Contains(setting.Name))
        {
            string meant = Suggestion.For(setting.Name, PerturbationRegistry.Names) is { } name
                ? $" (did you mean '{name}'?)"
                : $"; there are {string.Join(", ", PerturbationRegistry.Names)}";
            return ("unknown-perturbation", $"there is no perturbation '{setting.Name}'{meant}");
        }
        if (setting is { MaxEdits: not null, Rate: not null })
        {
            return ("wrong-value", $"perturbation '{setting.Name}' takes 'max_edits' or 'rate', not both");
        }
        string[] known =
        [
            "name",
            "max_edits",
            "rate",
            .. PerturbationRegistry.Parameters(setting.Name).Select(p => p.Name),
        ];
        foreach ((string key, _) in setting.Parameters)
        {
            if (!known.Contains(key))
            {
                string meant = Suggestion.For(key, known) is { } name ? $" (did you mean '{name}'?)" : "";
                return ("unknown-key", $"perturbation '{setting.Name}' takes no '{key}'{meant}");
            }
        }
        return null;
    }
}
