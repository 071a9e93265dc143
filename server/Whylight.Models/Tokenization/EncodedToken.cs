namespace Whylight.Models.Tokenization;

/// <summary>A token inside the pipeline.</summary>
/// <param name="Id">Vocabulary row.</param>
/// <param name="Start">First UTF-16 unit in its own text.</param>
/// <param name="End">One past the last.</param>
/// <param name="Word">Number of the piece it comes from, counted over its own text.</param>
internal readonly record struct EncodedToken(int Id, int Start, int End, int Word);
