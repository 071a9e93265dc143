using Whylight.Explanations.Attribution;
using Whylight.Explanations.Local;
using Whylight.Models;

namespace Whylight.Explanations;

/// <summary>A signed score of one feature.</summary>
/// <param name="Text">The feature's text as it stands in the input.</param>
/// <param name="Start">First UTF-16 code unit in the text.</param>
/// <param name="End">One past the last.</param>
/// <param name="Score">Contribution to the value; null where the method leaves it undefined.</param>
/// <param name="StandardError">Standard error of a sampled score; 0 when exact; null where the method has none.</param>
/// <param name="Name">Name of the template field that the feature is, or null.</param>
public sealed record FeatureScore(
    string Text,
    int Start,
    int End,
    double? Score,
    double? StandardError = null,
    string? Name = null
);

/// <summary>
/// Why a model predicts what it predicts, with the provenance to repeat it. Where the method is additive,
/// baseValue + sum of scores + remainder + completenessGap = value.
/// </summary>
public sealed record Explanation
{
    /// <summary>The text explained.</summary>
    public required string Text { get; init; }

    /// <summary>Method name of the command line, such as <c>shapley</c>.</summary>
    public required string Method { get; init; }

    /// <summary>How the method's numbers were obtained, such as <c>enumeration</c> or <c>gauss-legendre-16</c>.</summary>
    public required string Estimator { get; init; }

    /// <summary>The label (or output) explained.</summary>
    public required string Target { get; init; }

    /// <summary>The label that the target is set against, for the value <c>contrast</c>.</summary>
    public string? ContrastLabel { get; init; }

    /// <summary>What the model predicts for the text.</summary>
    public required Prediction Prediction { get; init; }

    /// <summary>The features in text order.</summary>
    public required IReadOnlyList<FeatureScore> Features { get; init; }

    /// <summary>The value explained, at the whole text.</summary>
    public double? Value { get; init; }

    /// <summary>The value with every feature absent, or at the baseline.</summary>
    public double? BaseValue { get; init; }

    /// <summary>Share of special tokens and biases, which belongs to no feature.</summary>
    public double? Remainder { get; init; }

    /// <summary>What the scores leave unexplained: value - baseValue - remainder - sum of scores.</summary>
    public double? CompletenessGap { get; init; }

    /// <summary>Whether the method's own convergence conditions hold; null where it has none.</summary>
    public bool? Converged { get; init; }

    /// <summary>Model evaluations spent: texts or coalitions forward, plus backward passes.</summary>
    public required int ModelCalls { get; init; }

    /// <summary>Seed of everything sampled.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The value's kind: logit, probability, log_odds, contrast or sequence_log_probability.</summary>
    public required string ValueKind { get; init; }

    /// <summary>What absence meant, in snake case, or null for methods that remove nothing.</summary>
    public string? Absence { get; init; }

    /// <summary>The baseline of path methods, or null.</summary>
    public string? Baseline { get; init; }

    /// <summary>Hash of the model asked.</summary>
    public required string ModelHash { get; init; }

    /// <summary>Wall time in milliseconds; omitted with <c>--no-timing</c>.</summary>
    public double? ElapsedMs { get; init; }

    /// <summary>Anchors: the rule found.</summary>
    public Anchor? Anchor { get; init; }

    /// <summary>Counterfactuals: verified texts with another prediction.</summary>
    public IReadOnlyList<Counterfactual>? Counterfactuals { get; init; }

    /// <summary>Pairwise interactions.</summary>
    public IReadOnlyList<Interaction>? Interactions { get; init; }

    /// <summary>Quality of a fitted surrogate, by name (r2, …).</summary>
    public IReadOnlyDictionary<string, double>? Fit { get; init; }

    /// <summary>Prime implicants: each a smallest set of feature indices that alone keeps the prediction.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? SufficientReasons { get; init; }

    /// <summary>Share of the absolute token scores that special tokens hold, 0 to 1; relevance methods.</summary>
    public double? SinkShare { get; init; }

    /// <summary>How far another method's scores agree with these.</summary>
    public Agreement? Agreement { get; init; }

    /// <summary>Relevance of every token after each layer, from the input up; where asked for.</summary>
    public IReadOnlyList<LayerRelevance>? Layers { get; init; }

    /// <summary>Language models: the text whose probability is explained, where it is more than the next token.</summary>
    public string? Completion { get; init; }

    /// <summary>Whether the completion is the model's own greedy continuation rather than one given.</summary>
    public bool CompletionGenerated { get; init; }

    /// <summary>Language models: the tokens explained, each with its log-probability over the whole vocabulary.</summary>
    public IReadOnlyList<TargetToken>? TargetTokens { get; init; }

    /// <summary>Language models: the tokens that the target is set against, likewise.</summary>
    public IReadOnlyList<TargetToken>? ContrastTokens { get; init; }

    /// <summary>Language models: where the answer is read when tokens are absent, in a phrase.</summary>
    public string? ReadOut { get; init; }

    /// <summary>How the choices of a prompt are scored, in a phrase; null for other models.</summary>
    public string? Scoring { get; init; }

    /// <summary>The method's limits in one line, for the reader.</summary>
    public string? Note { get; init; }
}

/// <summary>A token that a language model is asked about.</summary>
/// <param name="Text">The text it stands for, on its own.</param>
/// <param name="Id">The vocabulary row.</param>
/// <param name="LogProbability">Natural logarithm of its probability after everything before it.</param>
/// <param name="Start">First UTF-16 code unit in the text, or null for a token that does not stand in it.</param>
/// <param name="End">One past the last, or null.</param>
public sealed record TargetToken(string Text, int Id, double LogProbability, int? Start = null, int? End = null);

/// <summary>Agreement of two methods on the features of one text.</summary>
/// <param name="With">The other method.</param>
/// <param name="Spearman">Rank correlation of the signed scores, -1 to 1; null where one of them does not vary.</param>
/// <param name="SignAgreement">Share of features to which both give the same sign, 0 to 1.</param>
public sealed record Agreement(string With, double? Spearman, double SignAgreement);

/// <summary>A rule "these features present, the prediction holds".</summary>
/// <param name="Features">Indices into the explanation's features.</param>
/// <param name="Precision">Share of the neighbourhood containing the anchor that keeps the prediction.</param>
/// <param name="PrecisionInterval">Its bounds; equal to it when enumerated.</param>
/// <param name="Coverage">Share of the neighbourhood that contains the anchor.</param>
/// <param name="Neighbourhood">What the neighbourhood is, in a phrase.</param>
/// <param name="DatasetCoverage">Share of the dataset's texts that contain the anchor's words, or null without a dataset.</param>
/// <param name="DatasetTexts">Texts of the dataset, or null without one.</param>
public sealed record Anchor(
    IReadOnlyList<int> Features,
    double Precision,
    IReadOnlyList<double> PrecisionInterval,
    double Coverage,
    string Neighbourhood,
    double? DatasetCoverage = null,
    int? DatasetTexts = null
);

/// <summary>An edited text whose prediction differs, verified by a real call.</summary>
/// <param name="Text">The edited text.</param>
/// <param name="Edits">What was changed, each with its range of the text explained.</param>
/// <param name="Prediction">What the model says of it.</param>
/// <param name="Minimal">True when no single edit can be left out; false where the budget ended before that was seen.</param>
public sealed record Counterfactual(string Text, IReadOnlyList<TextEdit> Edits, Prediction Prediction, bool Minimal);

/// <summary>How much two features do together beyond what they do alone.</summary>
/// <param name="I">Index of the first feature.</param>
/// <param name="J">Index of the second, greater than the first.</param>
/// <param name="Score">The interaction.</param>
/// <param name="StandardError">0 when exact.</param>
public sealed record Interaction(int I, int J, double Score, double? StandardError = null);
