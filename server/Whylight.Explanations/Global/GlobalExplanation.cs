using Whylight.Measures;

namespace Whylight.Explanations.Global;

/// <summary>A word's weight in a surrogate or over many explanations.</summary>
/// <param name="Word">The word, lower case.</param>
/// <param name="Label">The label that a positive weight speaks for, or null where the measure has no direction.</param>
/// <param name="Weight">Coefficient, importance, or mean signed score.</param>
/// <param name="MeanAbsolute">Mean absolute score over the texts with the word; null for surrogates.</param>
/// <param name="StandardError">
/// Of a coefficient: its standard deviation over refits on resampled texts; of an importance: over the trees; of a mean
/// score: over the texts. Null where one text alone has the word.
/// </param>
/// <param name="Texts">Texts with the word: those fitted to, or those explained.</param>
/// <param name="SignStability">Share of the refits in which the coefficient has this sign; null elsewhere.</param>
/// <param name="Interval">95 % t interval of a mean score; null elsewhere.</param>
/// <param name="Permutation">
/// Fall of held-out fidelity when the word is dealt out anew among the texts, and its standard error over ten deals; null
/// where it was not measured.
/// </param>
public sealed record WordWeight(
    string Word,
    string? Label,
    double Weight,
    double? MeanAbsolute,
    double? StandardError,
    int Texts,
    double? SignStability = null,
    Interval? Interval = null,
    Estimate? Permutation = null
);

/// <summary>A number with its standard error.</summary>
/// <param name="Value">The number.</param>
/// <param name="StandardError">Its standard error.</param>
public readonly record struct Estimate(double Value, double StandardError);

/// <summary>A text that stands for many.</summary>
/// <param name="Index">Its place among the texts given, from 0.</param>
/// <param name="Text">The text.</param>
/// <param name="Label">What the model predicts.</param>
/// <param name="Coverage">Share of all word importance that the texts up to this one cover.</param>
/// <param name="Words">Words that it covers and no text before it does, the most important first.</param>
public sealed record Representative(int Index, string Text, string Label, double Coverage, IReadOnlyList<string> Words);

/// <summary>How a surrogate does in one of its leaves or rules, on held-out texts.</summary>
/// <param name="Condition">The way there, in words.</param>
/// <param name="Label">What the surrogate says.</param>
/// <param name="Texts">Held-out texts that come here.</param>
/// <param name="Agreement">Share of them where the model says the same; null where none comes.</param>
/// <param name="Interval">95 % Clopper-Pearson interval of the agreement; null where none comes.</param>
public sealed record RegionFidelity(string Condition, string Label, int Texts, double? Agreement, Interval? Interval);

/// <summary>How far a long run has come.</summary>
/// <param name="Stage">What is being done: <c>predict</c>, <c>explain</c> or <c>fit</c>.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all, or null where that is not known before the end.</param>
public readonly record struct GlobalProgress(string Stage, int Done, int? Total);

/// <summary>What a model does over a whole dataset.</summary>
public sealed record GlobalExplanation
{
    /// <summary>tree, rules, logistic, svm, forest, patterns, representatives or aggregate.</summary>
    public required string Method { get; init; }

    /// <summary>Name of the model asked.</summary>
    public required string Model { get; init; }

    /// <summary>Hash of the model asked.</summary>
    public required string ModelHash { get; init; }

    /// <summary>The model's labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Texts used: those given that are not blank, and that a local method could explain.</summary>
    public required int Texts { get; init; }

    /// <summary>How many of them the model gives each label, in label order.</summary>
    public required IReadOnlyList<int> Predicted { get; init; }

    /// <summary>Seed of the split and of everything sampled.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Texts predicted and model calls of local explanations.</summary>
    public required int ModelCalls { get; init; }

    /// <summary>Words that the surrogate may ask about; features of <see cref="Tree"/> and <see cref="Rules"/> index it.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>The decision tree, with its leaf counts. Left: the word is absent; right: it is present.</summary>
    public TreeNode? Tree { get; init; }

    /// <summary>Cost-complexity alphas of the tree and the impurity from each on.</summary>
    public IReadOnlyList<double[]>? PruningPath { get; init; }

    /// <summary>The rule list.</summary>
    public RuleList? Rules { get; init; }

    /// <summary>Words by weight, the strongest first.</summary>
    public IReadOnlyList<WordWeight>? Weights { get; init; }

    /// <summary>Intercept of each linear decision function, by the label it speaks for.</summary>
    public IReadOnlyList<(string Label, double Value)>? Intercepts { get; init; }

    /// <summary>Refits on resampled texts behind the standard errors of coefficients; null elsewhere.</summary>
    public int? Resamples { get; init; }

    /// <summary>Patterns, the strongest first.</summary>
    public IReadOnlyList<Pattern>? Patterns { get; init; }

    /// <summary>Patterns tested, which the corrected p-values account for; null elsewhere.</summary>
    public int? PatternsTested { get; init; }

    /// <summary>Texts picked.</summary>
    public IReadOnlyList<Representative>? Representatives { get; init; }

    /// <summary>Agreement with the model on held-out texts; null for what is no surrogate.</summary>
    public Fidelity? Fidelity { get; init; }

    /// <summary>The commonest predicted label among the texts fitted to, which the fidelity's baseline always gives.</summary>
    public string? BaselineLabel { get; init; }

    /// <summary>Agreement on the texts it was fitted to: much higher means it has learnt them by heart.</summary>
    public Fidelity? TrainingFidelity { get; init; }

    /// <summary>Held-out agreement leaf by leaf (absent before present) or rule by rule.</summary>
    public IReadOnlyList<RegionFidelity>? Regions { get; init; }

    /// <summary>Local method whose scores are gathered; null where none is.</summary>
    public string? LocalMethod { get; init; }

    /// <summary>Label whose scores are gathered; null where none is.</summary>
    public string? Target { get; init; }

    /// <summary>Texts that the local method refused, and that are left out.</summary>
    public int Refused { get; init; }

    /// <summary>Texts longer than the model reads, of which it saw the beginning only.</summary>
    public int Truncated { get; init; }
}
