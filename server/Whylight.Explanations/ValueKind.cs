namespace Whylight.Explanations;

/// <summary>Which number of the model is explained.</summary>
public enum ValueKind
{
    /// <summary>The target's raw output.</summary>
    Logit,

    /// <summary>The target's calibrated probability, softmax(logits / temperature).</summary>
    Probability,

    /// <summary>ln(p / (1 - p)) of the target's calibrated probability.</summary>
    LogOdds,

    /// <summary>The target's raw output less another label's: "A rather than B".</summary>
    Contrast,

    /// <summary>Sum of the token log-probabilities of a completion; causal language models only.</summary>
    SequenceLogProbability,
}
