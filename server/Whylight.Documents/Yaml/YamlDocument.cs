namespace Whylight.Documents.Yaml;

/// <summary>A YAML file read into nodes with places, and what is wrong with it.</summary>
/// <param name="Path">The file's path, as given.</param>
/// <param name="Source">The file's text; all offsets refer to it.</param>
/// <param name="Lines">Offset to line and character.</param>
/// <param name="Root">The root node, or null where the file holds none or is not YAML.</param>
/// <param name="Problems">Errors of syntax: bad YAML, duplicate keys, unknown anchors, too much nesting or aliasing.</param>
public sealed record YamlDocument(
    string Path,
    string Source,
    LineIndex Lines,
    YamlNode? Root,
    IReadOnlyList<DocumentProblem> Problems
)
{
    /// <summary>A problem as one line for a terminal: path:line:character: message, both counted from one.</summary>
    public string Describe(DocumentProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        LinePosition at = Lines.PositionOf(problem.Start);
        return $"{Path}:{at.Line + 1}:{at.Character + 1}: {problem.Message}";
    }
}
