namespace Whylight.Documents;

/// <summary>A template field of a prompt, such as <c>{{question}}</c>: a feature of its own.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Start">First UTF-16 offset in the example's text, where the sample value (or the field itself) stands.</param>
/// <param name="End">One past the last.</param>
/// <param name="SourceStart">First UTF-16 offset of the field in the file.</param>
/// <param name="SourceEnd">One past the last.</param>
/// <param name="Value">The sample value that fills it, or null where the file gives none and the field stands as written.</param>
public sealed record TemplateField(string Name, int Start, int End, int SourceStart, int SourceEnd, string? Value);
