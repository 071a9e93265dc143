namespace Whylight.Explanations;

/// <summary>The input that path methods start from.</summary>
public enum BaselineKind
{
    /// <summary>The padding token in place of every token, special tokens kept: the default of encoders.</summary>
    Pad,

    /// <summary>The padding token in place of every token, special ones too.</summary>
    PadAll,

    /// <summary>
    /// The zero vector in place of every word embedding: the default of causal language models, except DeepLIFT on LLaMA,
    /// whose RMS norms divide by almost nothing there.
    /// </summary>
    Zero,

    /// <summary>The mask token in place of every token, special tokens kept.</summary>
    Mask,

    /// <summary>The token that ends a text in place of every token; causal language models only, and DeepLIFT's default on LLaMA.</summary>
    Eos,
}
