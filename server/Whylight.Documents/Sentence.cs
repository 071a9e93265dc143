namespace Whylight.Documents;

/// <summary>A sentence of a text, without the white space around it.</summary>
/// <param name="Start">First UTF-16 code unit.</param>
/// <param name="End">One past the last UTF-16 code unit; greater than <paramref name="Start"/>.</param>
public readonly record struct Sentence(int Start, int End);
