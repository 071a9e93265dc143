namespace Whylight.Documents;

/// <summary>One row of a dataset, or one prompt, with its exact place in the file.</summary>
public sealed record Example
{
    /// <summary>Zero-based number among the file's examples.</summary>
    public required int Index { get; init; }

    /// <summary>The text a model reads: unquoted, unescaped, unfolded, template fields filled where the file has samples.</summary>
    public required string Text { get; init; }

    /// <summary>The expected label after the label map, or null where the file gives none.</summary>
    public string? Label { get; init; }

    /// <summary>The label as the file spells it, or null.</summary>
    public string? RawLabel { get; init; }

    /// <summary>Range of the label in the file, quotes not included; null where there is none.</summary>
    public (int Start, int End)? LabelRange { get; init; }

    /// <summary>First UTF-16 offset of the text in the file, quotes not included.</summary>
    public required int Start { get; init; }

    /// <summary>One past the last UTF-16 offset of the text in the file.</summary>
    public required int End { get; init; }

    /// <summary>First UTF-16 offset of the whole row (or prompt).</summary>
    public required int RowStart { get; init; }

    /// <summary>One past the row's last UTF-16 offset, its line terminator not included.</summary>
    public required int RowEnd { get; init; }

    /// <summary>Zero-based line on which the text begins.</summary>
    public required int Line { get; init; }

    /// <summary>Text offset to file offset.</summary>
    public required SourceMap Map { get; init; }

    /// <summary>File offset to line and character, of the whole file or, for a streamed example, of its row.</summary>
    public required LineIndex Lines { get; init; }

    /// <summary>Template fields in text order; empty for datasets.</summary>
    public IReadOnlyList<TemplateField> Fields { get; init; } = [];

    /// <summary>The row's other columns in file order; empty for prompts.</summary>
    public IReadOnlyList<ColumnValue> Columns { get; init; } = [];
}
