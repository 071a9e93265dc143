namespace Whylight.Documents;

/// <summary>A file's text with the examples found in it and what is wrong with it.</summary>
public sealed record ParsedDocument
{
    /// <summary>The file's path, as given.</summary>
    public required string Path { get; init; }

    /// <summary>The file's text, decoded, without a byte order mark; all offsets refer to it.</summary>
    public required string Source { get; init; }

    /// <summary>Offset to line and character of <see cref="Source"/>.</summary>
    public required LineIndex Lines { get; init; }

    /// <summary>What the file holds.</summary>
    public required DocumentKind Kind { get; init; }

    /// <summary>The examples in file order.</summary>
    public required IReadOnlyList<Example> Examples { get; init; }

    /// <summary>What is wrong with the file, in file order; never thrown.</summary>
    public required IReadOnlyList<DocumentProblem> Problems { get; init; }

    /// <summary>Names of the columns in file order (numbers where there is no header); empty for prompts.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Name of the column the texts were taken from, or null.</summary>
    public string? TextColumn { get; init; }

    /// <summary>Name of the column the labels were taken from, or null.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Delimiter of a delimited file, or null.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The example whose row holds a file offset, or null.</summary>
    public Example? ExampleAt(int offset)
    {
        int low = 0;
        int high = Examples.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            Example example = Examples[middle];
            if (offset < example.RowStart)
            {
                high = middle - 1;
            }
            else if (offset > example.RowEnd)
            {
                low = middle + 1;
            }
            else
            {
                return example;
            }
        }
        return null;
    }
}
