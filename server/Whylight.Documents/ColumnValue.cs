namespace Whylight.Documents;

/// <summary>A column of a row that is neither its text nor its label.</summary>
/// <param name="Name">The column's name, or its zero-based number where the file has no header.</param>
/// <param name="Value">Its value, unquoted and unescaped; JSON values that are not strings as JSON.</param>
/// <param name="Start">First UTF-16 offset in the file, quotes not included.</param>
/// <param name="End">One past the last.</param>
public sealed record ColumnValue(string Name, string Value, int Start, int End);
