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
        Description =
            "The label to explain, or the next token of a language model by its text; the one predicted unless given",
        HelpName = "LABEL",
    };

    private readonly Option<string?> _contrast = new("--contrast")
    {
        Description = "The label, token or completion 'rather than' which; alone it means --value contrast",
        HelpName = "LABEL",
    };

    private readonly Option<string?> _completion = new("--completion")
    {
        Description =
            "Language models: how the text goes on; explains the log-probability of the whole. With --value sequence_log_probability and no completion, the model's own (at most 16 tokens)",
        HelpName = "TEXT",
    };

    private readonly Option<int?> _at = new("--at")
    {
        Description =
            "Language models: explain the token at this character of the text (UTF-16, from 0) by what stands before it",
        HelpName = "OFFSET",
    };

    private readonly Option<int?> _token = new("--token")
    {
        Description = "The same by the token's number among the text's tokens, from 0",
        HelpName = "N",
    };

    private readonly Option<bool> _layers = new("--layers")
    {
        Description = "attnlrp, cp-lrp, lrp, gradient-x-input: also the relevance of every token after each layer",
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
        command.Options.Add(_completion);
        command.Options.Add(_at);
        command.Options.Add(_token);
        command.Options.Add(_features);
        command.Options.Add(_absence);
        command.Options.Add(_baseline);
        command.Options.Add(_value);
        command.Options.Add(_budget);
        command.Options.Add(_exact);
        command.Options.Add(_layers);
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
            Completion = parsed.GetValue(_completion),
            At = parsed.GetValue(_at),
            TokenIndex = parsed.GetValue(_token),
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
            ValueKind = Value(parsed, configured),
            Budget = parsed.GetValue(_budget) ?? configured.Budget,
            Exact = parsed.GetValue(_exact),
            Layers = parsed.GetValue(_layers),
            Seed = parsed.GetValue(_seed) ?? configured.Seed ?? 1729,
            Fields = text.Example?.Fields is { Count: > 0 } fields
                ? [.. fields.Select(field => new FieldRange(field.Name, field.Start, field.End))]
                : null,
        };

    // What is set against something else is a contrast, and what goes on is a completion, unless a value is named.
    private ValueKind Value(ParseResult parsed, ExplainSettings configured)
    {
        bool contrast = parsed.GetValue(_contrast) is not null;
        bool completion = parsed.GetValue(_completion) is not null;
        if (parsed.GetValue(_value) is not { } name)
        {
            return contrast ? ValueKind.Contrast
                : completion ? ValueKind.SequenceLogProbability
                : Names.Parse<ValueKind>(configured.Value ?? "logit", "value");
        }
        ValueKind value = Names.Parse<ValueKind>(name, "value");
        if (completion && value is not (ValueKind.SequenceLogProbability or ValueKind.Contrast))
        {
            throw new UsageException(
                $"a completion is explained by --value sequence_log_probability or contrast, not {Names.Of(value)}; for one token use --target"
            );
        }
        if (contrast && value is not (ValueKind.SequenceLogProbability or ValueKind.Contrast))
        {
            throw new UsageException($"--contrast goes with --value contrast, not {Names.Of(value)}");
        }
        return value;
    }
}
