namespace Whylight.LanguageServer.Protocol;

/// <summary>Zero-based line and character, in the position encoding agreed at <c>initialize</c>.</summary>
internal readonly record struct Position(int Line, int Character);

/// <summary>From a position up to, not including, another.</summary>
internal readonly record struct Range(Position Start, Position End);

/// <summary>A range of a file.</summary>
internal sealed record Location(string Uri, Range Range);
