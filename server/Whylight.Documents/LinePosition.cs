namespace Whylight.Documents;

/// <summary>A place in a file as the language server protocol counts: both parts from zero.</summary>
/// <param name="Line">Zero-based line; lines end at LF, CR LF or CR.</param>
/// <param name="Character">Zero-based UTF-16 code unit within the line.</param>
public readonly record struct LinePosition(int Line, int Character);
