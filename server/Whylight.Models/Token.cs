namespace Whylight.Models;

/// <summary>One unit of text as a model reads it.</summary>
/// <param name="Text">The vocabulary piece, as the vocabulary spells it.</param>
/// <param name="Id">The vocabulary row, 0 or more.</param>
/// <param name="Start">First UTF-16 code unit in the original text; for a special token, where it stands (empty range).</param>
/// <param name="End">One past the last UTF-16 code unit; equal to <paramref name="Start"/> for a special token.</param>
/// <param name="Special">True for a token the tokenizer added, such as [CLS].</param>
public readonly record struct Token(string Text, int Id, int Start, int End, bool Special);
