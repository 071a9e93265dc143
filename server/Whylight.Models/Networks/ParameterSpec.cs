namespace Whylight.Models.Networks;

/// <summary>How a parameter that is not read from a file begins its life in training.</summary>
internal enum Initial
{
    /// <summary>Normal with mean 0 and the configuration's initializer range as standard deviation.</summary>
    Normal,

    /// <summary>All zero.</summary>
    Zeros,

    /// <summary>All one.</summary>
    Ones,
}

/// <summary>A parameter that a graph needs.</summary>
/// <param name="Name">Its name in Hugging Face checkpoints, prefix included.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Initial">How it begins in training.</param>
/// <param name="OtherName">A name that some checkpoints use instead.</param>
internal sealed record ParameterSpec(
    string Name,
    long[] Shape,
    Initial Initial = Initial.Normal,
    string? OtherName = null
);
