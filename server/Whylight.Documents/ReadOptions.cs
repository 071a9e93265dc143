namespace Whylight.Documents;

/// <summary>How to read a dataset; the defaults suit a file with a header and a column of a usual name.</summary>
public sealed record ReadOptions
{
    /// <summary>Name of the text column, or its zero-based number; null: recognised by name.</summary>
    public string? TextColumn { get; init; }

    /// <summary>Name of the label column, or its zero-based number; null: recognised by name, and may be absent.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Label in the file to label of the model; null: labels are taken as they stand.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Whether the first row of a delimited file names the columns; null means true.</summary>
    public bool? Header { get; init; }

    /// <summary>Delimiter; null: tab for .tsv, comma for .csv.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Name of the file's character encoding; null: a byte order mark decides, else UTF-8.</summary>
    public string? Encoding { get; init; }

    /// <summary>Most examples to read; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>What the file holds; null: its name decides.</summary>
    public DocumentKind? Kind { get; init; }

    /// <summary>A delimiter as the command line and whylight.yaml name it: one character, \t, or a word; null where it is none.</summary>
    public static char? ParseDelimiter(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        char? delimiter = text.ToLowerInvariant() switch
        {
            "tab" or @"\t" => '\t',
            "comma" => ',',
            "semicolon" => ';',
            "pipe" => '|',
            "space" => ' ',
            { Length: 1 } => text[0],
            _ => null,
        };
        return delimiter is '"' or '\r' or '\n' ? null : delimiter;
    }
}
