namespace Whylight.Models.Tokenization;

/// <summary>A token found in the text before the model sees it, such as [MASK].</summary>
/// <param name="Id">Its vocabulary row.</param>
/// <param name="Content">The text it is written as.</param>
/// <param name="Special">True where decoding may leave it out.</param>
/// <param name="Normalized">True where it is looked for in the normalised text, false where in the original.</param>
/// <param name="SingleWord">True where it must not touch a word character.</param>
/// <param name="StripLeft">True where it swallows white space before it.</param>
/// <param name="StripRight">True where it swallows white space after it.</param>
internal sealed record AddedToken(
    int Id,
    string Content,
    bool Special,
    bool Normalized = false,
    bool SingleWord = false,
    bool StripLeft = false,
    bool StripRight = false
);
