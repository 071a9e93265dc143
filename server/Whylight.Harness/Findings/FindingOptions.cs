using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Search;
using Whylight.Models;

namespace Whylight.Harness.Findings;

/// <summary>What to look for, how hard, and how serious it is.</summary>
public sealed record FindingOptions
{
    /// <summary>The label that a model of prompt injections gives to one.</summary>
    public const string InjectionLabel = "injection";

    /// <summary>Severity by code where it differs from the finding's own; null switches a code off.</summary>
    public IReadOnlyDictionary<string, FindingSeverity?> Severities { get; init; } =
        new Dictionary<string, FindingSeverity?>();

    /// <summary>The search for unstable predictions.</summary>
    public SearchOptions Search { get; init; } = new();

    /// <summary>Confidence, in (0, 1], from which on a disagreement with the label is a warning; below it is information.</summary>
    public double SureConfidence { get; init; } = 0.9;

    /// <summary>Least lead, in [0, 1], of the most probable label over the next; below it the confidence is low.</summary>
    public double LeastLead { get; init; } = 0.1;

    /// <summary>Confidence, in (0, 1], below which it is low whatever the lead; null: the lead alone decides.</summary>
    public double? LowConfidence { get; init; }

    /// <summary>Most model calls for the whole run, or null; once they are spent, no further search begins.</summary>
    public long? ModelCalls { get; init; }

    /// <summary>Seed of everything drawn; each example's draws follow from it and the example's text alone.</summary>
    public ulong Seed { get; init; } = 1729;

    /// <summary>The catalogue that findings speak.</summary>
    public Messages Messages { get; init; } = Messages.English;

    /// <summary>Who waits for the model.</summary>
    public WorkPriority Priority { get; init; } = WorkPriority.Batch;

    /// <summary>The severity of a code, or null where it is switched off.</summary>
    public FindingSeverity? SeverityOf(string code, FindingSeverity own) =>
        Severities.TryGetValue(code, out FindingSeverity? severity) ? severity : own;

    /// <summary>What whylight.yaml says of the diagnostics, the rest as it is here by default.</summary>
    /// <param name="configuration">The workspace's configuration.</param>
    /// <param name="problems">Told of perturbations that do not exist; their places are in whylight.yaml.</param>
    public static FindingOptions From(
        WorkspaceConfiguration configuration,
        ICollection<DocumentProblem>? problems = null
    )
    {
        FindingOptions options = new();
        Dictionary<string, FindingSeverity?> severities = new(StringComparer.Ordinal);
        foreach ((string code, DiagnosticSettings settings) in configuration.Diagnostics)
        {
            if (!settings.Enabled || settings.Severity == "off")
            {
                severities[code] = null;
            }
            else if (settings.Severity is not null)
            {
                severities[code] = Enum.Parse<FindingSeverity>(settings.Severity, ignoreCase: true);
            }
            switch (code)
            {
                case FindingCodes.UnstablePrediction:
                    SearchOptions search = options.Search;
                    if (settings.Perturbations is { Count: > 0 } named)
                    {
                        IReadOnlyList<PerturbationChoice> choices = PerturbationChoices.From(named, problems ?? []);
                        search = choices.Count > 0 ? search with { Choices = choices } : search;
                    }
                    int samples = settings.Samples ?? search.Samples;
                    options = options with
                    {
                        Seed = settings.Seed ?? options.Seed,
                        Search = search with
                        {
                            Samples = samples,
                            MaxEdits = settings.MaxEdits ?? search.MaxEdits,
                            ModelCalls = Math.Max(search.ModelCalls, 5 * samples),
                        },
                    };
                    break;
                case FindingCodes.LabelDisagreement:
                    options = options with { SureConfidence = settings.Threshold ?? options.SureConfidence };
                    break;
                case FindingCodes.LowConfidence:
                    options = options with { LowConfidence = settings.Threshold };
                    break;
            }
        }
        return options with { Severities = severities };
    }
}
