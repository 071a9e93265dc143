using Whylight.Models;

namespace Whylight.Explanations;

/// <summary>A filled template field: a range of the text with a name.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Start">First UTF-16 code unit.</param>
/// <param name="End">One past the last.</param>
public sealed record FieldRange(string Name, int Start, int End);

/// <summary>What is to be explained, and how.</summary>
public sealed record ExplanationRequest
{
    /// <summary>The text; not empty.</summary>
    public required string Text { get; init; }

    /// <summary>A method name of <see cref="Explainer.Methods"/>, such as <c>shapley</c>.</summary>
    public string Method { get; init; } = "auto";

    /// <summary>The label to explain; null for the one predicted.</summary>
    public string? TargetLabel { get; init; }

    /// <summary>What carries a score.</summary>
    public FeatureKind FeatureKind { get; init; } = FeatureKind.Word;

    /// <summary>What a missing feature means; null for the family's own.</summary>
    public Absence? Absence { get; init; }

    /// <summary>Where path methods start; null for the family's own.</summary>
    public BaselineKind? Baseline { get; init; }

    /// <summary>Which number is explained.</summary>
    public ValueKind ValueKind { get; init; } = ValueKind.Logit;

    /// <summary>The label "rather than" which, for <see cref="ValueKind.Contrast"/>; null for the most probable other.</summary>
    public string? ContrastLabel { get; init; }

    /// <summary>
    /// Language models: how the text goes on, of any number of tokens, explained as a whole by the sum of their
    /// log-probabilities; its value is <see cref="ValueKind.SequenceLogProbability"/>, or <see cref="ValueKind.Contrast"/> with
    /// <see cref="ContrastLabel"/> another continuation. Null: the next token.
    /// </summary>
    public string? Completion { get; init; }

    /// <summary>
    /// Language models: UTF-16 offset of a token inside the text, which is explained from what stands before it. Null: the token after the text.
    /// </summary>
    public int? At { get; init; }

    /// <summary>Language models: the same by the token's index among the model's tokens of the text, from 0.</summary>
    public int? TokenIndex { get; init; }

    /// <summary>Most model calls to spend, 1 or more.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>Refuse to estimate: an exact answer or none.</summary>
    public bool Exact { get; init; }

    /// <summary>Seed of everything sampled.</summary>
    public ulong Seed { get; init; } = 1729;

    /// <summary>Also measure how good the explanation is.</summary>
    public bool Evaluate { get; init; }

    /// <summary>Also give the relevance of the tokens after every layer (AttnLRP and CP-LRP).</summary>
    public bool Layers { get; init; }

    /// <summary>The filled template fields, for <see cref="FeatureKind.Field"/>; null for plain text.</summary>
    public IReadOnlyList<FieldRange>? Fields { get; init; }

    /// <summary>Texts among which an anchor's coverage is also counted; null for none.</summary>
    public IReadOnlyList<string>? Dataset { get; init; }

    /// <summary>Words that a counterfactual may put in the place of others; null for those of the model's vocabulary.</summary>
    public SubstituteWords? Words { get; init; }

    /// <summary>Refuses where a method must spend more calls than the budget allows.</summary>
    /// <exception cref="ExplanationException">It must; the message names the budget that would do.</exception>
    internal void Afford(int calls)
    {
        if (Budget < calls)
        {
            throw new ExplanationException(
                $"'{Method}' needs {calls} model calls and the budget is {Budget}: give --budget {calls} or more"
            );
        }
    }
}
