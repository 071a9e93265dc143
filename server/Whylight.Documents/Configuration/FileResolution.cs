using Whylight.Documents.Datasets;

namespace Whylight.Documents.Configuration;

/// <summary>Which model serves a file, and how the file is read.</summary>
/// <param name="Model">Model as the command line takes it, or null: nothing serves the file.</param>
/// <param name="Options">How to read it.</param>
/// <param name="Choices">Labels for a causal language model; empty: the model's own.</param>
/// <param name="Rule">The entry of whylight.yaml that says so; null: the defaults.</param>
public sealed record FileResolution(string? Model, ReadOptions Options, IReadOnlyList<string> Choices, FileRule? Rule)
{
    /// <summary>
    /// Whether the file, now that it has been read, is served. By the defaults a dataset is served only where a column
    /// has a name known to hold text: nobody asked for any other, so nothing is said about it, problems included.
    /// </summary>
    public bool Serves(ParsedDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Model is not null
            && (
                Rule is not null
                || DocumentReader.IsPrompt(document.Kind) && document.Examples.Count > 0
                || DocumentReader.IsDataset(document.Kind)
                    && document.TextColumn is { } column
                    && ColumnNames.Recognise([column], ColumnNames.Text) is not null
            );
    }
}
