namespace Whylight.Explanations;

/// <summary>What carries a score.</summary>
public enum FeatureKind
{
    /// <summary>UAX #29 words; each Han character is one, a run of punctuation is one, white space belongs to none.</summary>
    Word,

    /// <summary>The model's own tokens, special ones excepted.</summary>
    Token,

    /// <summary>Runs of words up to a punctuation mark or a clause-opening conjunction.</summary>
    Phrase,

    /// <summary>Sentences.</summary>
    Sentence,

    /// <summary>The filled fields of a template, as <see cref="ExplanationRequest.Fields"/> gives them.</summary>
    Field,
}
