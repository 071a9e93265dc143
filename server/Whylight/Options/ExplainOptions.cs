using System.CommandLine;
using Whylight.Documents.Configuration;
using Whylight.Explanations;
using Whylight.Models;

namespace Whylight.Options;

/// <summary>The options that say how a prediction is explained.</summary>
internal sealed class ExplainOptions
{
    private readonly Option<string?> _method = new("--method")
    {
        Description = "One of: " + string.Join(", ", Explainer.Default.Methods),
        HelpName = "NAME",
    };

    private readonly Option<string?> _target = new("--target")
    {
        Description = "The label to explain; the one predicted unless given",
        HelpName = "LABEL",
    };

    private readonly Option<string?> _contrast = new("--contrast")
    {
        Description = "With --value contrast: the label 'rather than' which",
        HelpName = "LABEL",
    };

    private readonly Option<string?> _features = new("--features")
    {
        Description = "What carries a score: " + string.Join(", ", Names.All<FeatureKind>()) + " [default: word]",
        HelpName = "KIND",
    };

    private readonly Option<string?> _absence = new("--absence")
    {
        Description = "What a missing feature means: " + string.Join(", ", Names.All<Absence>()),
        HelpName = "A",
    };

    private readonly Option<string?> _baseline = new("--baseline")
    {
        Description = "Where path methods start: " + string.Join(", ", Names.All<BaselineKind>()),
        HelpName = "B",
    };

    private readonly Option<string?> _value = new("--value")
    {
        Description = "The number explained: " + string.Join(", ", Names.All<ValueKind>()) + " [default: logit]",
        HelpName = "KIND",
    };

    private readonly Option<int?> _budget = new("--budget")
    {
        Description = "Most model calls to spend [default: 256]",
        HelpName = "CALLS",
    };

    private readonly Option<bool> _exact = new("--exact") { Description = "An exact answer or none" };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Seed of everything sampled [default: 1729]",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_method);
        command.Options.Add(_target);
        command.Options.Add(_contrast);
        command.Options.Add(_features);
        command.Options.Add(_absence);
        command.Options.Add(_baseline);
        command.Options.Add(_value);
        command.Options.Add(_budget);
        command.Options.Add(_exact);
        command.Options.Add(_seed);
    }

    /// <summary>The method named on the command line, or null.</summary>
    public string? Method(ParseResult parsed) => parsed.GetValue(_method);

    /// <summary>The request that the options make of a text.</summary>
    /// <exception cref="ExplanationException">A name is not known; the message suggests one.</exception>
    public ExplanationRequest Request(ParseResult parsed, InputText text, ExplainSettings configured) =>
        new()
        {
            Text = text.Text,
            Method = parsed.GetValue(_method) ?? configured.Method,
            TargetLabel = parsed.GetValue(_target),
            ContrastLabel = parsed.GetValue(_contrast),
            FeatureKind = Names.Parse<FeatureKind>(
                parsed.GetValue(_features) ?? configured.Features ?? "word",
                "kind of feature"
            ),
            Absence = (parsed.GetValue(_absence) ?? configured.Absence) is { } absence
                ? Names.Parse<Absence>(absence, "absence")
                : null,
            Baseline = parsed.GetValue(_baseline) is { } baseline
                ? Names.Parse<BaselineKind>(baseline, "baseline")
                : null,
            ValueKind = Names.Parse<ValueKind>(parsed.GetValue(_value) ?? configured.Value ?? "logit", "value"),
            Budget = parsed.GetValue(_budget) ?? configured.Budget,
            Exact = parsed.GetValue(_exact),
            Seed = parsed.GetValue(_seed) ?? configured.Seed ?? 1729,
            Fields = text.Example?.Fields is { Count: > 0 } fields
                ? [.. fields.Select(field => new FieldRange(field.Name, field.Start, field.End))]
                : null,
        };
}
